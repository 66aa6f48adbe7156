"""What exports say of each session, beside its answers. Never a token, an address or a recruiter's id of a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from studyapp.models import ClientEvent, Exclusion, ScreeningAttempt, Session, Study
from studyapp.vocab import Origin, Outcome

# Events by which the browser says that the page was out of sight or out of focus.
BLUR_EVENTS = ("blur", "hidden", "page-hidden", "page_hidden", "visibility-hidden")


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
    """Return the facts of the sessions by key, in the order in which they started. Four queries."""
    exclusions: dict[int, list[str]] = {}
    for session_id, reason in Exclusion.objects.filter(session__in=sessions).values_list("session_id", "reason"):
        exclusions.setdefault(session_id, []).append(reason)
    attempts: dict[int, list[ScreeningAttempt]] = {}
    for attempt in ScreeningAttempt.objects.filter(session__in=sessions).order_by("session", "pk"):
        attempts.setdefault(attempt.session_id, []).append(attempt)
    blurs: dict[int, dict[int, int]] = {}
    events = ClientEvent.objects.filter(session__in=sessions, event__in=BLUR_EVENTS, trial_position__isnull=False)
    for session_id, position, n in (
        events.order_by().values_list("session_id", "trial_position").annotate(n=Count("pk"))
    ):
        blurs.setdefault(session_id, {})[position] = n
    rows = (
        sessions.select_related("version", "participant__recruiter_identity")
        .annotate(n_trials=Count("trials"), n_answers=Count("trials__response"))
        .order_by("pk")
    )
    return {
        session.pk: _facts(
            study, session, exclusions.get(session.pk, []), attempts.get(session.pk, []), blurs.get(session.pk, {})
        )
        for session in rows
    }


def _facts(
    study: Study, session: Any, excluded_by: list[str], attempts: list[ScreeningAttempt], blurs: dict[int, int]
) -> SessionFacts:
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
        excluded_by=sorted(excluded_by),
        fake_is_first=session.fake_is_first,
        started_at=session.started_at,
        ended_at=session.ended_at,
        sample_rate_hz=_sample_rate(session.client),
        headphone_test=last.test if last else "",
        headphone_score=last.n_correct if last else None,
        headphone_pass=last.passed if last else None,
        headphone_attempts=len(attempts),
        blurs=blurs,
        n_answers=session.n_answers,
        n_trials=session.n_trials,
    )


def _sample_rate(client: Any) -> int | None:
    """Return the browser's output sampling rate, when it reported a sensible one."""
    value = client.get("sample_rate_hz") if isinstance(client, dict) else None
    return int(value) if isinstance(value, int | float) and 1000 <= value <= 1_000_000 else None
