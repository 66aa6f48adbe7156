"""Judgements gathered elsewhere, stored as sessions and trials of a study, so that everything later runs on them."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from studyapp.errors import ImportFailed
from studyapp.models import (
    Block,
    ChosenReason,
    Participant,
    Presentation,
    RecruiterIdentity,
    Response,
    Session,
    Study,
    StudyVersion,
    Trial,
    User,
)
from studyapp.services.audit import record_audit
from studyapp.services.recruiter_identity import new_pseudonym
from studyapp.services.response_rows import ReadResponses, ResponseMapping, ResponseRow, read_responses
from studyapp.vocab import Label, Origin, Outcome, Step, TrialKind

ACTION = "import_responses"
LISTENERS_AT_ONCE = 25  # stored in one transaction: participants of a live study must not wait long for theirs
RECRUITER = "import"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ResponseImport:
    """What an import stored. n_left_out: rows that the conditions left out. n_unanswered: judgements without an answer.

    n_partial: listeners without every clip.
    """

    n_judgements: int
    n_listeners: int
    n_clips: int
    n_left_out: int
    n_unanswered: int
    n_partial: int


@dataclass(frozen=True, kw_only=True)
class ResponsePreview:
    """What an import would store."""

    counts: ResponseImport
    rows: list[ResponseRow]


def preview_responses(*, path: Path, slug: str, mapping: ResponseMapping) -> ResponsePreview:
    """Read and check a file as import_responses does, and store nothing. Raises ImportFailed as it does."""
    version = _version(slug)
    found = read_responses(path=path, version=version, mapping=mapping)
    listeners = _by_listener(found)
    _refuse_known(version.study, listeners)
    return ResponsePreview(counts=_counts(version, found, listeners), rows=found.rows)


def import_responses(*, path: Path, slug: str, mapping: ResponseMapping, actor: User | None = None) -> ResponseImport:
    """Store the judgements of a CSV or JSON file, one row each, as imported sessions of the study's latest version.

    Each participant of the file becomes one completed session under a new pseudonym; the file's own id stands apart, as
    a recruiter's does. A sound judged again in a later trial is a repeat, as in the program's own studies.

    Raises ImportFailed, and nothing is stored then: for a study that was never launched or asks for something else than
    real or fake, participants who were imported before, and with the number of every wrong row.
    """
    version = _version(slug)
    found = read_responses(path=path, version=version, mapping=mapping)
    listeners = _by_listener(found)
    _delete_unfinished(version.study)
    _refuse_known(version.study, listeners)
    made: list[int] = []
    try:
        for some in _batches(list(listeners.items()), LISTENERS_AT_ONCE):
            made += _store(version, some)
        detail = {"file": path.name, "judgements": len(found.rows), "listeners": len(listeners)}
        _finish(version.study, made, actor, detail)
    except BaseException:
        _delete_unfinished(version.study)
        raise
    return _counts(version, found, listeners)


def _by_listener(found: ReadResponses) -> dict[str, list[ResponseRow]]:
    listeners = defaultdict(list)
    for row in found.rows:
        listeners[row.participant].append(row)
    return dict(listeners)


def _counts(version: StudyVersion, found: ReadResponses, listeners: dict[str, list[ResponseRow]]) -> ResponseImport:
    n_clips = len({row.frozen_id for row in found.rows})
    n_all = version.frozen_stimuli.count()
    return ResponseImport(
        n_judgements=len(found.rows),
        n_listeners=len(listeners),
        n_clips=n_clips,
        n_left_out=found.n_left_out,
        n_unanswered=found.n_unanswered,
        n_partial=sum(len({row.frozen_id for row in rows}) < n_all for rows in listeners.values()),
    )


def _version(slug: str) -> StudyVersion:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise ImportFailed(f"there is no study {slug!r}")
    version = study.versions.order_by("-number").first()
    if version is None:
        raise ImportFailed(
            f"{slug} was never launched, so it has no frozen sounds to judge: run launch_study {slug} first "
            "(close it afterwards if nobody is to take part)"
        )
    return version


def _refuse_known(study: Study, listeners: Iterable[str]) -> None:
    """Raise ImportFailed when a participant of the file has imported answers in the study: they would count twice."""
    kept = Session.objects.filter(version__study=study, origin=Origin.IMPORTED.value, erased_at=None)
    identities = RecruiterIdentity.objects.filter(study=study, recruiter=RECRUITER, participant__sessions__in=kept)
    known = sorted(set(identities.values_list("external_id", flat=True)).intersection(listeners))
    if known:
        names = ", ".join(known[:5]) + (f" and {len(known) - 5} more" if len(known) > 5 else "")
        raise ImportFailed(
            f"{study.slug} has imported answers of {names}; nothing was stored. Leave their rows out, or erase their "
            "imported sessions in the administration first."
        )


def _store(version: StudyVersion, listeners: Sequence[tuple[str, list[ResponseRow]]]) -> list[int]:
    """Store the listeners' sessions, still open, and return their keys."""
    block = version.blocks.order_by("position")[0]
    with transaction.atomic():
        people = Participant.objects.bulk_create(
            Participant(study_id=version.study_id, pseudonym=new_pseudonym()) for _ in listeners
        )
        # An identity whose session was erased before goes with the new one.
        names = [name for name, _ in listeners]
        RecruiterIdentity.objects.filter(study_id=version.study_id, recruiter=RECRUITER, external_id__in=names).delete()
        RecruiterIdentity.objects.bulk_create(
            RecruiterIdentity(participant=person, study_id=version.study_id, recruiter=RECRUITER, external_id=name)
            for person, name in zip(people, names, strict=True)
        )
        sessions = Session.objects.bulk_create(
            Session(
                version=version,
                participant=person,
                token=secrets.token_urlsafe(32),
                origin=Origin.IMPORTED.value,
                step=Step.TRIALS.value,
                seed=0,
                fake_is_first=True,
            )
            for person in people
        )
        planned = [
            (trial, row)
            for session, (_, rows) in zip(sessions, listeners, strict=True)
            for trial, row in _trials(session, block, rows)
        ]
        Trial.objects.bulk_create(trial for trial, _ in planned)
        Presentation.objects.bulk_create(
            Presentation(trial=trial, frozen_stimulus_id=row.frozen_id, token=secrets.token_urlsafe(16))
            for trial, row in planned
        )
        responses = Response.objects.bulk_create(_response(trial, row) for trial, row in planned)
        ChosenReason.objects.bulk_create(
            ChosenReason(response=response, code=code, text=row.reason_text if code == row.reason_with_text else "")
            for response, (_, row) in zip(responses, planned, strict=True)
            for code in row.reasons
        )
    return [session.pk for session in sessions]


def _trials(session: Session, block: Block, rows: list[ResponseRow]) -> Iterator[tuple[Trial, ResponseRow]]:
    heard: set[int] = set()
    for position, row in enumerate(sorted(rows, key=lambda each: each.order)):
        kind = TrialKind.REPEAT if row.frozen_id in heard else TrialKind.MAIN
        heard.add(row.frozen_id)
        now = timezone.now()
        yield Trial(session=session, block=block, position=position, kind=kind.value, completed_at=now), row


def _response(trial: Trial, row: ResponseRow) -> Response:
    return Response(
        trial=trial,
        choice=row.choice.value,
        confidence=row.confidence,
        rt_from_onset_ms=row.rt_from_onset_ms,
        rt_from_offset_ms=row.rt_from_offset_ms,
        choice_position=0 if row.choice is Label.FAKE else 1,  # exports leave it empty: the file does not say it
        idempotency_key=secrets.token_hex(8),
    )


def _finish(study: Study, made: list[int], actor: User | None, detail: dict[str, Any]) -> None:
    """End the sessions. Until then they are open, and no analysis reads them: a killed import is not half there."""
    with transaction.atomic():
        ended = {"step": Step.ENDED.value, "outcome": Outcome.COMPLETED.value, "ended_at": timezone.now()}
        n_ended = sum(Session.objects.filter(pk__in=some).update(**ended) for some in _batches(made, 500))
        if n_ended < len(made):
            raise ImportFailed(
                f"somebody else imports judgements into {study.slug} at the same time, and nothing of this file was "
                "stored; wait for theirs, then try again"
            )
        record_audit(actor=actor, action=ACTION, object_type="study", object_id=study.slug, detail=detail)


def _batches(items: list[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _delete_unfinished(study: Study) -> None:
    """Delete what an import stored that did not get to its end."""
    with transaction.atomic():
        sessions = Session.objects.filter(version__study=study, origin=Origin.IMPORTED.value, outcome="")
        people = list(sessions.values_list("participant", flat=True))
        inside = {"trial__session__in": sessions}
        ChosenReason.objects.filter(response__trial__session__in=sessions).delete()
        Response.objects.filter(**inside).delete()
        Presentation.objects.filter(**inside).delete()
        Trial.objects.filter(session__in=sessions).delete()
        sessions.delete()
        Participant.objects.filter(pk__in=people).delete()
