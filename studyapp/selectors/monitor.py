"""How a study stands: its sessions by the step that they came to, by origin and version. Aggregates only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from studyapp.design.config_flow import Screening
from studyapp.design.screening_facts import Published
from studyapp.design.screening_plan import published_rules
from studyapp.models import ClientEvent, Exclusion, ScreeningAttempt, Session, SessionAction, Study, Trial, Worker
from studyapp.selectors.readiness import ALIVE_S
from studyapp.vocab import Origin, Outcome, Step, TrialKind

# Where who ended so has left.
LEFT_AT = {
    Outcome.DEVICE_UNSUITABLE: Step.DEVICE,
    Outcome.NO_CONSENT: Step.CONSENT,
    Outcome.INELIGIBLE: Step.ELIGIBILITY,
    Outcome.FAILED_HEADPHONE: Step.SCREENING,
    Outcome.FAILED_ATTENTION: Step.TRIALS,
    Outcome.COMPLETED: Step.ENDED,
}
AUDIO_PROBLEMS = ("sound_fetch_failed", "sound_decode_failed", "audio_stopped")
RECENT_DAYS = 7  # whose pace says when the quota is reached


@dataclass(frozen=True, kw_only=True)
class FlowStep:
    """A step: who came to it, who is there now, and who left there, by outcome."""

    step: Step
    n_reached: int
    n_open: int
    left: dict[str, int]

    @property
    def n_left(self) -> int:
        return sum(self.left.values())


def n_by_origin(study: Study) -> dict[Origin, int]:
    """Return the number of the study's sessions of each origin that has any, live ones first."""
    found = dict(Session.objects.filter(version__study=study).values_list("origin").annotate(n=Count("pk")).order_by())
    return {origin: found[origin.value] for origin in Origin if origin.value in found}


def monitored(*, study: Study, origin: Origin, version: int | None = None) -> QuerySet[Session]:
    """Return the study's sessions of the origin, and of one version where its number is given."""
    sessions = Session.objects.filter(version__study=study, origin=origin.value).order_by()
    return sessions.filter(version__number=version) if version is not None else sessions


def reached_step() -> Case:
    """Return the step that a session came to. What is left of it says so: the step itself is gone at the end."""
    trials = Trial.objects.filter(session=OuterRef("pk")).order_by()
    counted = trials.exclude(kind=TrialKind.PRACTICE.value)
    acted = SessionAction.objects.filter(session=OuterRef("pk")).order_by()
    attempts = ScreeningAttempt.objects.filter(session=OuterRef("pk")).order_by()
    return Case(
        When(outcome="", then=F("step")),
        *(When(outcome=outcome.value, then=Value(step.value)) for outcome, step in LEFT_AT.items()),
        When(Exists(counted.filter(completed_at__isnull=True)), then=Value(Step.TRIALS.value)),
        When(Exists(counted), then=Value(Step.QUESTIONS.value)),
        When(Exists(trials), then=Value(Step.PRACTICE.value)),
        When(Exists(attempts.filter(ended_at__isnull=True)), then=Value(Step.SCREENING.value)),
        When(Exists(attempts), then=Value(Step.INSTRUCTIONS.value)),
        When(Exists(acted.filter(action__in=("screening-play", "volume"))), then=Value(Step.SCREENING.value)),
        When(Exists(acted.filter(action="eligibility")), then=Value(Step.VOLUME.value)),
        When(consented_at__isnull=False, then=Value(Step.ELIGIBILITY.value)),
        When(Exists(acted.filter(action="device")), then=Value(Step.CONSENT.value)),
        default=Value(Step.DEVICE.value),
        output_field=CharField(),
    )


def flow(sessions: QuerySet[Session]) -> list[FlowStep]:
    """Return the steps in order, the last one Step.ENDED (completed). One query."""
    rows = sessions.annotate(reached=reached_step()).values_list("reached", "outcome").annotate(n=Count("pk"))
    counts = {(Step(reached), outcome): n for reached, outcome, n in rows}
    steps = list(Step)
    return [
        FlowStep(
            step=step,
            n_reached=sum(n for (at, _), n in counts.items() if steps.index(at) >= place),
            n_open=counts.get((step, ""), 0),
            left={
                outcome: n
                for (at, outcome), n in sorted(counts.items())
                if at is step and outcome and outcome != Outcome.COMPLETED
            },
        )
        for place, step in enumerate(steps)
    ]


def durations_min(sessions: QuerySet[Session]) -> list[float]:
    """Return how long the completed sessions took, minutes; imported ones do not say it. One query."""
    times = _completed_here(sessions)
    pairs = times.values_list("started_at", "ended_at")
    return [(end - start).total_seconds() / 60 for start, end in pairs if end is not None]


def completions_by_day(sessions: QuerySet[Session]) -> list[tuple[date, int]]:
    """Return the days (UTC) on which sessions were completed, and how many; imported ones left out. One query."""
    rows = (
        _completed_here(sessions)
        .annotate(day=TruncDate("ended_at"))
        .values_list("day")
        .annotate(n=Count("pk"))
        .order_by("day")
    )
    return list(rows)


def _completed_here(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Return the completed sessions whose times are their own: those of imported ones are of the import."""
    completed = sessions.filter(outcome=Outcome.COMPLETED.value, ended_at__isnull=False)
    return completed.exclude(origin=Origin.IMPORTED.value)


def days_to_quota(days: list[tuple[date, int]], *, quota: int | None, n_completed: int, today: date) -> float | None:
    """Return how many days are left at the pace of the last week; None without a quota or a pace."""
    since = today - timedelta(days=RECENT_DAYS - 1)
    recent = [(day, n) for day, n in days if day >= since]
    if quota is None or not recent:
        return None
    span = (today - max(since, days[0][0])).days + 1
    return max(quota - n_completed, 0) * span / sum(n for _, n in recent)


def screened(sessions: QuerySet[Session]) -> tuple[int, int]:
    """Return how many sessions ended a headphone test, and how many failed the last attempt at one. Two queries."""
    attempts = ScreeningAttempt.objects.filter(session__in=sessions, ended_at__isnull=False).exclude(test="channels")
    later = ScreeningAttempt.objects.filter(
        session=OuterRef("session"), test=OuterRef("test"), number__gt=OuterRef("number"), ended_at__isnull=False
    )
    failed = attempts.filter(~Exists(later), passed=False)
    by_session = Count("session", distinct=True)
    return (
        attempts.order_by().aggregate(n=by_session)["n"],
        failed.order_by().aggregate(n=by_session)["n"],
    )


def screening_figures(*, study: Study, version: int | None = None) -> Published | None:
    """Return what is published of the headphone test of these sessions; None of none, or of several. One query."""
    versions = study.versions.filter(number=version) if version is not None else study.versions.all()
    given = list(versions.order_by().values_list("config__screening", flat=True))
    rules = [Screening.model_validate(each or {}) for each in given]
    return next(iter(published_rules(rules[0])), None) if rules and all(each == rules[0] for each in rules) else None


def audio_by_browser(sessions: QuerySet[Session]) -> dict[str, tuple[int, int]]:
    """Return browser -> sessions whose sound failed or stopped, and all. One query."""
    wrong = ClientEvent.objects.filter(session=OuterRef("pk"), event__in=AUDIO_PROBLEMS)
    rows = (
        sessions.annotate(is_wrong=Exists(wrong))
        .values_list("client__browser")
        .annotate(n=Count("pk"), n_wrong=Count("pk", filter=Q(is_wrong=True)))
    )
    return {browser or "an unknown browser": (n_wrong, n) for browser, n, n_wrong in rows}


def n_workers_alive() -> int:
    """Return how many workers were seen just now."""
    return Worker.objects.filter(seen_at__gte=timezone.now() - timedelta(seconds=ALIVE_S)).count()


def first_and_last(sessions: QuerySet[Session]) -> tuple[datetime | None, datetime | None]:
    """Return when the first session started and when somebody last did something."""
    found = sessions.aggregate(first=Min("started_at"), last=Max("last_seen_at"))
    return found["first"], found["last"]


def change_mark(study: Study) -> str:
    """Return a text that is another one whenever what the monitor shows has changed. Three queries.

    Workers and the hour are part of it: the warnings of silence hang on them.
    """
    found = Session.objects.filter(version__study=study).aggregate(
        n=Count("pk"), at=Max("last_seen_at"), n_open=Count("pk", filter=Q(outcome=""))
    )
    excluded = Exclusion.objects.filter(session__version__study=study).aggregate(n=Count("pk"), last=Max("pk"))
    outside = f"{study.state} {n_workers_alive()} {timezone.now():%Y%m%d%H}"
    return f"{found['n']} {found['at']} {found['n_open']} {excluded['n']} {excluded['last']} {outside}"
