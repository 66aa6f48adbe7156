"""What exports say of each session, beside its answers. Never a token, an address or a recruiter's id of a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from studyapp.design.screening_plan import CHANNELS
from studyapp.models import ClientEvent, Exclusion, ScreeningAttempt, Session, Study, StudyVersion
from studyapp.selectors.analysis import analysed_sessions
from studyapp.selectors.analysis_plan import plan_in_force, planned_rules
from studyapp.selectors.flags import flags_of
from studyapp.vocab import Origin

CHUNK = 2000  # rows fetched from the database at a time
BLUR_EVENT = "page_hidden"  # the browser says that the page went out of sight
AUDIO_EVENT = "audio_ready"  # the browser's output, with its sampling rate


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """One session as exports show it. `excluded_by` lists exclusion reasons, `flagged_for` the failed checks that flag;
    `blurs` counts by trial position.

    Of an imported session nobody knows when it was: `started_at` and `ended_at` are None, not the times of the import.

    By the study's plan the session's answers enter the analysis (`is_analysed`), without those to sounds whose label is
    in doubt (`leaves_out_in_doubt`).
    """

    session_id: int
    study_slug: str
    version_number: int
    reason_rule: str
    pseudonym: str
    recruiter: str
    origin: str
    group: str
    outcome: str
    excluded_by: list[str]
    flagged_for: list[str]
    fake_is_first: bool
    started_at: datetime | None
    ended_at: datetime | None
    sample_rate_hz: int | None
    headphone_test: str
    headphone_score: int | None
    headphone_pass: bool | None
    headphone_attempts: int
    blurs: dict[int, int]
    n_answers: int
    n_trials: int
    n_skipped: int
    channel_verdict: str
    consent_ticks: list[str]
    device_kind: str
    is_analysed: bool
    leaves_out_in_doubt: bool

    @property
    def is_pilot(self) -> bool:
        return self.origin in (Origin.PILOT, Origin.PREVIEW)

    @property
    def is_imported(self) -> bool:
        return self.origin == Origin.IMPORTED

    @property
    def duration_s(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at and self.started_at else None


def session_facts(*, study: Study, sessions: QuerySet[Session]) -> dict[int, SessionFacts]:
    """Return the facts of the sessions by key, in the order in which they started. Eight queries, and two an origin.

    Rows are read in chunks and let go; a version's configuration is read once, and not with each of its sessions.
    """
    versions = {version.pk: version for version in study.versions.order_by("pk")}
    exclusions: dict[int, list[str]] = {}
    for session_id, reason in Exclusion.objects.filter(session__in=sessions).values_list("session_id", "reason"):
        exclusions.setdefault(session_id, []).append(reason)
    attempts: dict[int, list[ScreeningAttempt]] = {}
    for attempt in ScreeningAttempt.objects.filter(session__in=sessions).order_by("session", "pk").iterator(CHUNK):
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
    analysed: set[int] = set()
    without_doubt: dict[str, bool] = {}
    for origin in map(Origin, sessions.order_by().values_list("origin", flat=True).distinct()):
        rules = planned_rules(plan_in_force(study, origin))
        kept = analysed_sessions(study=study, origin=origin, **rules.of_sessions)
        analysed |= set(kept.filter(pk__in=sessions.order_by().values("pk")).values_list("pk", flat=True))
        without_doubt[origin.value] = rules.leave_out_in_doubt
    flags = flags_of(sessions)
    rows = (
        sessions.select_related("participant__recruiter_identity")
        .annotate(
            n_trials=Count("trials"),
            n_answers=Count("trials__response"),
            n_skipped=Count("trials", filter=~Q(trials__skipped="")),
        )
        .order_by("pk")
    )
    return {
        session.pk: _facts(
            study,
            session,
            version=versions[session.version_id],
            excluded_by=sorted(exclusions.get(session.pk, [])),
            flagged_for=flags.get(session.pk, []),
            attempts=attempts.get(session.pk, []),
            blurs=blurs.get(session.pk, {}),
            sample_rate_hz=rates.get(session.pk),
            is_analysed=session.pk in analysed,
            leaves_out_in_doubt=without_doubt[session.origin],
        )
        for session in rows.iterator(CHUNK)
    }


def _facts(
    study: Study, session: Any, *, version: StudyVersion, attempts: list[ScreeningAttempt], **gathered: Any
) -> SessionFacts:
    """Gather one session; of several attempts at the headphone test the last one counts."""
    channels = [attempt for attempt in attempts if attempt.test == CHANNELS]
    attempts = [attempt for attempt in attempts if attempt.test != CHANNELS]
    last = attempts[-1] if attempts else None
    identity = getattr(session.participant, "recruiter_identity", None)
    is_imported = session.origin == Origin.IMPORTED
    return SessionFacts(
        session_id=session.pk,
        study_slug=study.slug,
        version_number=version.number,
        reason_rule=version.config.get("task", {}).get("reasons", {}).get("after", "fake"),
        pseudonym=session.participant.pseudonym,
        recruiter=identity.recruiter if identity else "",
        origin=session.origin,
        group=session.group,
        outcome=session.outcome,
        fake_is_first=session.fake_is_first,
        started_at=None if is_imported else session.started_at,
        ended_at=None if is_imported else session.ended_at,
        headphone_test=last.test if last else "",
        headphone_score=last.n_correct if last else None,
        headphone_pass=last.passed if last else None,
        headphone_attempts=len(attempts),
        n_answers=session.n_answers,
        n_trials=session.n_trials,
        n_skipped=session.n_skipped,
        channel_verdict=channels[-1].verdict if channels else "",
        consent_ticks=session.consent_ticks,
        device_kind=session.client.get("device", ""),
        **gathered,
    )


def _sample_rate(data: Any) -> int | None:
    """Return the output sampling rate that the browser reported, when it makes sense."""
    value = data.get("sample_rate_hz") if isinstance(data, dict) else None
    return int(value) if isinstance(value, int | float) and 1000 <= value <= 1_000_000 else None
