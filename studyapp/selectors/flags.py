"""Which sessions are flagged: they failed a check whose action is `flag` in their version, and went on.

Nothing is stored for it: the version's frozen configuration and the session's own attempts and answers say it.
"""

from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import GreaterThan

from studyapp.design.answers import BEEPS
from studyapp.design.screening_plan import CHANNELS
from studyapp.models import Presentation, ScreeningAttempt, Session, StudyVersion
from studyapp.vocab import SessionFlag, TrialKind

# Whose action it is, in the configuration.
SECTIONS = {
    SessionFlag.FAILED_CHANNELS: "channels",
    SessionFlag.FAILED_HEADPHONE: "screening",
    SessionFlag.FAILED_ATTENTION: "attention",
}


def is_flagged() -> Case:
    """Return whether a session is flagged, for queries of sessions."""
    return _claim(*map(_fails, SessionFlag))


def flags_of(sessions: QuerySet[Session]) -> dict[int, list[str]]:
    """Return what the sessions are flagged for, by key; those that are not flagged are absent. One query."""
    marked = sessions.order_by().annotate(**{flag.value: _claim(_fails(flag)) for flag in SessionFlag})
    rows = marked.values_list("pk", *(flag.value for flag in SessionFlag))
    flags = {pk: [flag.value for flag, holds in zip(SessionFlag, claims, strict=True) if holds] for pk, *claims in rows}
    return {pk: found for pk, found in flags.items() if found}


def flagged_at(session: Session) -> list[tuple[datetime, SessionFlag]]:
    """Return when the session was flagged, and for what. At most four queries."""
    flags = flags_of(Session.objects.filter(pk=session.pk)).get(session.pk, [])
    return [(_moment(session, flag), flag) for flag in map(SessionFlag, flags)]


def wrong_catch_trials() -> QuerySet[Presentation]:
    """Return the catch trials that were answered wrongly."""
    counted = Concat(Value(f"{BEEPS}:"), Cast("trial__response__value", CharField()))
    said = Case(When(builtin="", then="trial__response__choice"), default=counted, output_field=CharField())
    right = Case(
        When(~Q(builtin=""), then="builtin"),
        When(~Q(frozen_stimulus__right_answer=""), then="frozen_stimulus__right_answer"),
        default="frozen_stimulus__label",
        output_field=CharField(),
    )
    catch = Presentation.objects.filter(trial__kind=TrialKind.CATCH.value, trial__response__isnull=False)
    return catch.order_by().annotate(said=said, right=right).exclude(said=F("right"))


def _fails(flag: SessionFlag) -> Q:
    versions = StudyVersion.objects.filter(**{f"config__{SECTIONS[flag]}__action": "flag"}).order_by()
    is_failed = _fails_attention() if flag is SessionFlag.FAILED_ATTENTION else _fails_test(flag)
    return Q(version__in=versions.values("pk")) & Q(is_failed)


def _fails_test(flag: SessionFlag) -> Exists:
    return Exists(_failed_attempts(flag).filter(session=OuterRef("pk")))


def _fails_attention() -> GreaterThan:
    wrong = wrong_catch_trials().filter(trial__session=OuterRef("pk"))
    n_wrong = Subquery(wrong.values("trial__session").annotate(n=Count("pk")).values("n"))
    return GreaterThan(n_wrong, Cast("version__config__attention__max_wrong", IntegerField()))


def _failed_attempts(flag: SessionFlag) -> QuerySet[ScreeningAttempt]:
    """Return the last attempts at a test that were failed."""
    is_channels = Q(test=CHANNELS)
    later = ScreeningAttempt.objects.filter(
        session=OuterRef("session"), test=OuterRef("test"), number__gt=OuterRef("number")
    )
    of_test = is_channels if flag is SessionFlag.FAILED_CHANNELS else ~is_channels
    return ScreeningAttempt.objects.filter(of_test, ~Exists(later), passed=False).order_by()


def _claim(*conditions: Q) -> Case:
    """Return whether one of the conditions holds; never NULL, so that its negation holds of all other sessions."""
    whens = [When(condition, then=Value(True)) for condition in conditions]
    return Case(*whens, default=Value(False), output_field=BooleanField())


def _moment(session: Session, flag: SessionFlag) -> Any:
    if flag is SessionFlag.FAILED_ATTENTION:
        wrong = wrong_catch_trials().filter(trial__session=session)
        times, n_forgiven = "trial__response__answered_at", session.version.config["attention"]["max_wrong"]
        return wrong.order_by(times).values_list(times, flat=True)[n_forgiven]
    return _failed_attempts(flag).filter(session=session).order_by("ended_at").values_list("ended_at", flat=True)[0]
