"""Delete sessions that are no data, with everything that hangs on them: previews and simulated participants."""

from django.db import transaction
from django.db.models import QuerySet

from studyapp.models import (
    ChosenReason,
    ClientEvent,
    Exclusion,
    Participant,
    Play,
    Presentation,
    QuestionAnswer,
    Response,
    ScreeningAttempt,
    ScreeningTrial,
    Session,
    SessionAction,
    Trial,
)
from studyapp.vocab import Origin

NO_DATA = (Origin.PREVIEW.value, Origin.BOT.value)
AT_ONCE = 200  # sessions of one transaction


def delete_sessions(found: QuerySet[Session]) -> int:
    """Delete those of the sessions that are previews or simulated, and their participants; return how many.

    Sessions of people are never touched, whatever is asked for. A running one may add rows meanwhile; then the
    database refuses that part, and the next call has it.
    """
    keys = list(found.filter(origin__in=NO_DATA).order_by("pk").values_list("pk", flat=True))
    return sum(_delete(keys[start : start + AT_ONCE]) for start in range(0, len(keys), AT_ONCE))


def _delete(keys: list[int]) -> int:
    with transaction.atomic():
        # Locked: an action that is under way ends first, and one that comes later finds no session.
        locked = Session.objects.select_for_update(of=("self",)).filter(pk__in=keys, origin__in=NO_DATA).order_by("pk")
        sessions = dict(locked.values_list("pk", "participant_id"))
        of_trials = {"trial__session__in": sessions}
        ChosenReason.objects.filter(response__trial__session__in=sessions).delete()
        Response.objects.filter(**of_trials).delete()
        Play.objects.filter(presentation__trial__session__in=sessions).delete()
        Presentation.objects.filter(**of_trials).delete()
        Trial.objects.filter(session__in=sessions).delete()
        ScreeningTrial.objects.filter(attempt__session__in=sessions).delete()
        for model in (ScreeningAttempt, QuestionAnswer, ClientEvent, SessionAction, Exclusion):
            model._default_manager.filter(session__in=sessions).delete()
        Session.objects.filter(pk__in=sessions).delete()
        Participant.objects.filter(pk__in=sessions.values(), sessions__isnull=True).delete()
    return len(sessions)
