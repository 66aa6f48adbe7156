"""The sessions of a monitored study as rows, and one session's events in their order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from studyapp.models import (
    AuditEntry,
    ClientEvent,
    Exclusion,
    Play,
    QuestionAnswer,
    Response,
    ScreeningAttempt,
    Session,
    SessionAction,
    Trial,
)
from studyapp.selectors.flags import flagged_at, flags_of, is_flagged
from studyapp.selectors.monitor import AUDIO_PROBLEMS
from studyapp.vocab import ORIGIN_WORDS, Origin, Outcome, TrialKind

EVENT_WORDS = {
    "page_hidden": "Another tab or window in front",
    "page_visible": "Back on the page",
    "audio_ready": "Sound output opened",
    "audio_stopped": "Sound output stopped by the browser",
    "sound_fetch_failed": "A sound could not be loaded",
    "sound_decode_failed": "A sound could not be decoded",
    "network_back": "Network back",
    "action_refused": "An action was refused",
    "leftover_refused": "A kept answer came too late",
}
STEP_ACTIONS = {
    "device": "Device checked",
    "consent": "Consent answered",
    "eligibility": "Eligibility questions answered",
    "volume": "Volume set",
    "instructions": "Instructions left",
    "questions": "Last questions answered",
    "withdraw": "Withdrawn",
}
MAX_SHOWN = 2000  # events of a kind on one page; the bound of client events too


@dataclass(kw_only=True)
class Row:
    """A session, and what was counted of it."""

    session: Session
    n_done: int = 0
    n_trials: int = 0
    n_skipped: int = 0
    problems: list[str] = field(default_factory=list)
    attempts: list[ScreeningAttempt] = field(default_factory=list)
    excluded_by: list[str] = field(default_factory=list)
    flagged_for: list[str] = field(default_factory=list)

    @property
    def duration_min(self) -> float | None:
        """Minutes until the end, or until somebody last did something; None of an imported session."""
        if self.session.origin == Origin.IMPORTED:
            return None
        end = self.session.ended_at or self.session.last_seen_at
        return (end - self.session.started_at).total_seconds() / 60


def find_sessions(sessions: QuerySet[Session], *, place: str = "", words: str = "") -> QuerySet[Session]:
    """Return the sessions with `took`, of a place and a pseudonym where given.

    place: open, ended, excluded, flagged or an outcome.
    """
    found = sessions.select_related("participant", "version").annotate(
        took=ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    )
    if place == "open":
        found = found.filter(outcome="")
    elif place == "ended":
        found = found.exclude(outcome__in=("", Outcome.COMPLETED.value))
    elif place == "excluded":
        found = found.filter(pk__in=Exclusion.objects.filter(session__in=sessions).values("session"))
    elif place == "flagged":
        found = found.alias(is_flagged=is_flagged()).filter(is_flagged=True)
    elif place in list(Outcome):
        found = found.filter(outcome=place)
    return found.filter(participant__pseudonym__icontains=words.strip()) if words.strip() else found


def session_rows(sessions: Sequence[Session]) -> list[Row]:
    """Return a row for each of the few sessions. Five queries, however many they are."""
    rows = {session.pk: Row(session=session) for session in sessions}
    trials = Trial.objects.filter(session__in=rows).exclude(kind=TrialKind.PRACTICE.value).order_by()
    for key, n, n_done, n_skipped in trials.values_list("session").annotate(
        n=Count("pk"), done=Count("completed_at"), skipped=Count("pk", filter=~Q(skipped=""))
    ):
        rows[key].n_trials, rows[key].n_done, rows[key].n_skipped = n, n_done, n_skipped
    for attempt in ScreeningAttempt.objects.filter(session__in=rows).order_by("session", "pk"):
        rows[attempt.session_id].attempts.append(attempt)
    events = ClientEvent.objects.filter(session__in=rows, event__in=("page_hidden", *AUDIO_PROBLEMS)).order_by()
    for key, event, n in events.values_list("session", "event").annotate(n=Count("pk")).order_by("session", "event"):
        rows[key].problems.append(f"{EVENT_WORDS[event]}: {n}")
    for key, reason in Exclusion.objects.filter(session__in=rows).values_list("session", "reason"):
        rows[key].excluded_by.append(reason.replace("_", " "))
    for key, flags in flags_of(Session.objects.filter(pk__in=rows)).items():
        rows[key].flagged_for = [flag.replace("_", " ") for flag in flags]
    return list(rows.values())


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a session, in words."""

    at: datetime
    since_s: float
    what: str
    detail: str = ""


def timeline(session: Session, *, shows_results: bool) -> list[Event]:
    """Return what happened, in order. Without results no answer and no score. At most thirteen queries."""
    is_imported = session.origin == Origin.IMPORTED
    first = ("Imported", "") if is_imported else ("Came to the study", f"{ORIGIN_WORDS[session.origin]} session")
    found = [(session.started_at, *first)]
    found += [
        (each.at, STEP_ACTIONS[each.action], "")
        for each in SessionAction.objects.filter(session=session, action__in=STEP_ACTIONS)
    ]
    for attempt in ScreeningAttempt.objects.filter(session=session):
        name = f"Headphone test {attempt.test}, attempt {attempt.number}"
        found.append((attempt.started_at, name, "begun"))
        if attempt.ended_at:
            verdict = "passed" if attempt.passed else "not passed"
            score = f", {attempt.n_correct} of {attempt.n_trials} right" if shows_results else ""
            found.append(
                (attempt.ended_at, f"Headphone test {attempt.test}, attempt {attempt.number}", verdict + score)
            )
    found += _heard(session, shows_results=shows_results)
    found += [
        (each.at, EVENT_WORDS.get(each.event, each.event.replace("_", " ")), _where(each.trial_position))
        for each in ClientEvent.objects.filter(session=session)[:MAX_SHOWN]
    ]
    if shows_results:
        found += [
            (each.answered_at, f"Question {each.code}", each.answer)
            for each in QuestionAnswer.objects.filter(session=session)
        ]
    found += [
        (each.created_at, f"Excluded: {each.get_reason_display()}", each.detail if shows_results else "")
        for each in session.exclusions.all()
    ]
    found += [(at, f"Flagged: {flag.replace('_', ' ')}", "") for at, flag in flagged_at(session)]
    found += [
        (each.at, each.action.replace("_", " ").capitalize(), f"by {each.actor}" if each.actor else "")
        for each in AuditEntry.objects.filter(object_type="session", object_id=str(session.pk))
        .exclude(action="see_session")
        .select_related("actor")
    ]
    if session.ended_at:
        found.append((session.ended_at, "Ended", session.get_outcome_display()))
    start = session.started_at
    return [
        Event(at=at, since_s=(at - start).total_seconds(), what=what, detail=detail)
        for at, what, detail in sorted(found, key=lambda each: each[0])
    ]


def _heard(session: Session, *, shows_results: bool) -> list[tuple[datetime, str, str]]:
    """Return plays and answers."""
    plays = Play.objects.filter(presentation__trial__session=session).select_related("presentation__trial")
    heard = [
        (each.started_at, f"Play {each.number}", _where(each.presentation.trial.position)) for each in plays[:MAX_SHOWN]
    ]
    answers = Response.objects.filter(trial__session=session).select_related("trial")
    return heard + [
        (each.answered_at, f"Answer {_where(each.trial.position)}", str(each) if shows_results else "")
        for each in answers[:MAX_SHOWN]
    ]


def _where(position: int | None) -> str:
    return "" if position is None else f"at trial {position + 1}"
