"""Start a session."""

import secrets

from django.db import transaction

from studyapp.design.orders import fake_stands_first
from studyapp.errors import NotFound
from studyapp.models import Participant, Session, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.services.bot_tokens import SEED_LIMIT, BotPass, read_bot_token
from studyapp.services.session_end import end_session
from studyapp.vocab import Origin, Outcome, StudyState

PSEUDONYM_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def start_session(*, slug: str, bot_token: str = "", user_agent: str = "") -> Session:
    """Make a participant and an open session of the study's latest version.

    Raises NotFound when the study is not open, InvalidAction for a forged bot token.
    """
    version = (
        StudyVersion.objects.filter(study__slug=slug, study__state=StudyState.LIVE.value).order_by("-number").first()
    )
    if version is None:
        raise NotFound("this study is not open")
    granted = read_bot_token(bot_token, study=slug) if bot_token else None
    with transaction.atomic():
        session = _create(version, granted, user_agent)
        if granted is None and _is_full(version):
            end_session(session=session, outcome=Outcome.QUOTA_FULL)
    return session


def _create(version: StudyVersion, granted: BotPass | None, user_agent: str) -> Session:
    participant = Participant.objects.create(
        study_id=version.study_id, pseudonym="".join(secrets.choice(PSEUDONYM_LETTERS) for _ in range(12))
    )
    seed = granted.seed if granted else secrets.randbelow(SEED_LIMIT)
    return Session.objects.create(
        version=version,
        participant=participant,
        token=secrets.token_urlsafe(32),
        origin=Origin.BOT.value if granted else Origin.LIVE.value,
        seed=seed,
        time_scale=granted.time_scale if granted else 1.0,
        fake_is_first=fake_stands_first(seed),
        client={"browser": browser_family(user_agent)},
    )


def _is_full(version: StudyVersion) -> bool:
    quota = frozen_config(version).recruitment.quota
    if quota is None:
        return False
    done = Session.objects.filter(
        version__study_id=version.study_id, origin=Origin.LIVE.value, outcome=Outcome.COMPLETED.value
    )
    return done.count() >= quota


def browser_family(user_agent: str) -> str:
    """Return the browser's family, or "other". The full agent is never kept: it can tell people apart.

    >>> browser_family("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox'
    """
    return next((family for mark, family in BROWSERS if f"{mark}/" in user_agent), "other")
