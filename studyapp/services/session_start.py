"""Start a session, or find the one to go on with."""

import secrets

from django.db import transaction

from studyapp.design.arrival import Arrival
from studyapp.design.orders import fake_stands_first
from studyapp.errors import BegunElsewhere, InvalidAction, NotFound
from studyapp.models import Participant, Session, Study, StudyVersion
from studyapp.selectors.own_session import is_begun_elsewhere, own_session
from studyapp.selectors.study_config import frozen_config
from studyapp.selectors.study_open import admits, latest_version
from studyapp.services.bot_tokens import BOTS_IN, SEED_LIMIT, BotPass, read_bot_token
from studyapp.services.pilot_tokens import is_pilot_token
from studyapp.services.places import turn_away
from studyapp.services.preview_tokens import read_preview_token
from studyapp.services.recruiter_identity import lock_identity, new_participant, note_visit
from studyapp.services.session_timeout import end_timed_out
from studyapp.services.study_closing import close_if_at_end
from studyapp.vocab import Origin, Outcome

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def start_session(
    *,
    slug: str,
    arrival: Arrival | None = None,
    bot_token: str = "",
    preview_token: str = "",
    pilot: str = "",
    secret: str = "",
    user_agent: str = "",
) -> Session:
    """Return a session of the study's latest version: the person's own, or a new one.

    A new one is ended at once when no place is left, or the person took part before. `pilot` is the pilot link's token,
    `secret` the token of the person's session, kept in the browser: theirs is gone on with even where the study is open
    to nobody else.

    Raises NotFound when the study is not open, BegunElsewhere when the person has begun and does not bring the secret,
    InvalidAction for a forged token or a link without what it must hold.
    """
    version = latest_version(slug)
    if version is None:
        raise NotFound("this study was never launched")
    client = {"browser": browser_family(user_agent)}
    if bot_token:
        return _let_bot_in(version, bot_token, client)
    if preview_token:
        read_preview_token(preview_token, study=slug)
        with transaction.atomic():
            return create_session(version, new_participant(version), client, origin=Origin.PREVIEW)
    if pilot and not is_pilot_token(pilot, study=version.study):
        raise InvalidAction("this pilot link is not valid any more; ask for the new one")
    arrival, origin = arrival or Arrival(), Origin.PILOT if pilot else Origin.LIVE
    own = own_session(version, arrival, origin=origin, secret=secret)
    if own is not None:
        return own
    is_open = admits(version, pilot=bool(pilot))
    session = _admit(version, arrival, client, origin=origin, secret=secret) if is_open else None
    if session is None:
        close_if_at_end(version)  # its closing time may have passed just now
        raise NotFound("this study is not open")
    if session.outcome == Outcome.QUOTA_FULL:
        close_if_at_end(version)
    return session


def _let_bot_in(version: StudyVersion, token: str, client: dict[str, str]) -> Session:
    granted = read_bot_token(token, study=version.study)
    groups = list(frozen_config(version).recruitment.groups.places)
    group = groups[granted.seed % len(groups)] if groups else ""
    with transaction.atomic():
        if Study.objects.select_for_update().get(pk=version.study_id).state not in BOTS_IN:
            raise NotFound("this study is not open to simulated participants")
        return create_session(
            version, new_participant(version), client, origin=Origin.BOT, granted=granted, group=group
        )


def _admit(
    version: StudyVersion, arrival: Arrival, client: dict[str, str], *, origin: Origin, secret: str
) -> Session | None:
    """Let a person in; None where the study was closed just now. Pilots take no place, and a person who was one is
    still new to the live study.
    """
    recruitment = frozen_config(version).recruitment
    if arrival.is_preview:
        raise InvalidAction("accept the task at Mechanical Turk first")
    if recruitment.require_person and not arrival.person:
        raise InvalidAction(f"the link lacks {recruitment.parameter('person')}")
    if recruitment.groups.places and not arrival.group:
        raise InvalidAction(f"the link lacks a known {recruitment.groups.parameter}")
    with transaction.atomic():
        # One at a time, so that nobody starts after the study was closed, and a person who starts twice is seen.
        version.study = Study.objects.select_for_update().get(pk=version.study_id)
        if not admits(version, pilot=origin is Origin.PILOT):
            return None
        end_timed_out(version.study)
        identity = lock_identity(version=version, arrival=arrival, origin=origin) if arrival.person else None
        own = own_session(version, arrival, origin=origin, secret=secret)
        if own is not None:
            return own  # begun by another request, just now
        if is_begun_elsewhere(version, arrival, origin):
            raise BegunElsewhere("this person has begun in another browser")
        participant = identity.participant if identity else new_participant(version)
        session = create_session(version, participant, client, origin=origin, group=arrival.group)
        if identity is not None:
            note_visit(identity=identity, session=session, arrival=arrival)
        if origin is Origin.LIVE:
            turn_away(session)
    return session


def create_session(
    version: StudyVersion,
    participant: Participant,
    client: dict[str, str],
    *,
    origin: Origin,
    granted: BotPass | None = None,
    group: str = "",
) -> Session:
    """Store a session at its first step. In a transaction."""
    seed = granted.seed if granted else secrets.randbelow(SEED_LIMIT)
    return Session.objects.create(
        version=version,
        participant=participant,
        token=secrets.token_urlsafe(32),
        origin=origin.value,
        group=group,
        seed=seed,
        time_scale=granted.time_scale if granted else 1.0,
        fake_is_first=fake_stands_first(seed),
        client=client,
    )


def browser_family(user_agent: str) -> str:
    """Return the browser's family, or "other". The full agent is never kept: it can tell people apart.

    >>> browser_family("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox'
    """
    return next((family for mark, family in BROWSERS if f"{mark}/" in user_agent), "other")
