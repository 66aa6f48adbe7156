"""What exports say of each session, beside its answers. Never a token, an address or a recruiter's id of a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from studyapp.models import ClientEvent, Exclusion, ScreeningAttempt, Session, Study
from studyapp.vocab import Origin, Outcome

BLUR_EVENT = "page_hidden"  # the browser says that the page went out of sight
AUDIO_EVENT = "audio_ready"  # the browser's output, with its sampling rate


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """One session as exports show it. `excluded_by` lists exclusion reasons; `blurs` counts by trial position."""

    session_id: int
    study_slug: str
    version_number: int
    reason_rule: str
    pseudonym: str
    recruiter: str
    origin: str
    outcome: str
    excluded_by: list[str]
    fake_is_first: bool
    started_at: datetime
    ended_at: datetime | None
    sample_rate_hz: int | None
    headphone_test: str
    headphone_score: int | None
    headphone_pass: bool | None
    headphone_attempts: int
    blurs: dict[int, int]
    n_answers: int
    n_trials: int

    @property
    def is_pilot(self) -> bool:
        return self.origin in (Origin.PILOT, Origin.PREVIEW)

    @property
    def is_analysed(self) -> bool:
        return self.outcome == Outcome.COMPLETED and not self.excluded_by


def session_facts(*, study: Study, sessions: QuerySet[Session]) -> dict[int, SessionFacts]:
    """Return the facts of the sessions by key, in the order in which they started. Five queries."""
    exclusions: dict[int, list[str]] = {}
    for session_id, reason in Exclusion.objects.filter(session__in=sessions).values_list("session_id", "reason"):
        exclusions.setdefault(session_id, []).append(reason)
    attempts: dict[int, list[ScreeningAttempt]] = {}
    for attempt in ScreeningAttempt.objects.filter(session__in=sessions).order_by("session", "pk"):
        attempts.setdefault(attempt.session_id, []).append(attempt)
    blurs: dict[int, dict[int, int]] = {}
    events = ClientEvent.objects.filter(session__in=sessions, event=BLUR_EVENT, trial_position__isnull=False)
    for session_id, position, n in (
        events.order_by().values_list("session_id", "trial_position").annotate(n=Count("pk"))
    ):
        blurs.setdefault(session_id, {})[position] = n
    rates = {
        session_id: _sample_rate(data)
        for session_id, data in ClientEvent.objects.filter(session__in=sessions, event=AUDIO_EVENT)
        .order_by("session", "pk")
        .values_list("session_id", "data")
    }
    rows = (
        sessions.select_related("version", "participant__recruiter_identity")
        .annotate(n_trials=Count("trials"), n_answers=Count("trials__response"))
        .order_by("pk")
    )
    return {
        session.pk: _facts(
            study,
            session,
            excluded_by=sorted(exclusions.get(session.pk, [])),
            attempts=attempts.get(session.pk, []),
            blurs=blurs.get(session.pk, {}),
            sample_rate_hz=rates.get(session.pk),
        )
        for session in rows
    }


def _facts(study: Study, session: Any, *, attempts: list[ScreeningAttempt], **gathered: Any) -> SessionFacts:
    """Gather one session; of several screening attempts the last one counts."""
    last = attempts[-1] if attempts else None
    identity = getattr(session.participant, "recruiter_identity", None)
    return SessionFacts(
        session_id=session.pk,
        study_slug=study.slug,
        version_number=session.version.number,
        reason_rule=session.version.config.get("task", {}).get("reasons", {}).get("after", "fake"),
        pseudonym=session.participant.pseudonym,
        recruiter=identity.recruiter if identity else "",
        origin=session.origin,
        outcome=session.outcome,
        fake_is_first=session.fake_is_first,
        started_at=session.started_at,
        ended_at=session.ended_at,
        headphone_test=last.test if last else "",
        headphone_score=last.n_correct if last else None,
        headphone_pass=last.passed if last else None,
        headphone_attempts=len(attempts),
        n_answers=session.n_answers,
        n_trials=session.n_trials,
        **gathered,
    )


def _sample_rate(data: Any) -> int | None:
    """Return the output sampling rate that the browser reported, when it makes sense."""
    value = data.get("sample_rate_hz") if isinstance(data, dict) else None
    return int(value) if isinstance(value, int | float) and 1000 <= value <= 1_000_000 else None
