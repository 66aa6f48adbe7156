"""Let a participant withdraw, during the session or later by a code."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from studyapp.errors import InvalidAction, NotFound, SessionConflict
from studyapp.models import (
    ChosenReason,
    ClientEvent,
    Play,
    QuestionAnswer,
    RecruiterIdentity,
    RecruiterVisit,
    Response,
    ScreeningAttempt,
    ScreeningTrial,
    Session,
    User,
)
from studyapp.selectors.study_config import frozen_config
from studyapp.services.audit import record_audit
from studyapp.services.export_files import forget_exports
from studyapp.services.forget_analyses import forget_analyses
from studyapp.services.session_end import CODE_LETTERS, end_session
from studyapp.vocab import Origin, Outcome, Step


def withdraw(*, session: Session) -> None:
    """End the locked, open session as withdrawn, and delete its answers where the study says so."""
    if session.step == Step.ENDED:
        raise SessionConflict("wrong_step", "the session has ended; withdraw with the code of its last page")
    _withdraw(session)


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A session that is withdrawn, and whether it was so already."""

    session: Session
    was_before: bool


def withdraw_by_code(*, slug: str, code: str) -> Withdrawal:
    """Withdraw an ended session with the code of its last page; case, spaces and dashes do not matter.

    Raises NotFound for a code that opens no session of the study.
    """
    letters = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",))
            .select_related("version")
            .filter(version__study__slug=slug, withdrawal_code=letters)
            .first()
        )
        if not letters or session is None:
            raise NotFound("this code belongs to no session of this study")
        was_before = session.outcome == Outcome.WITHDRAWN
        if not was_before:
            _withdraw(session)
    return Withdrawal(session=session, was_before=was_before)


@transaction.atomic
def withdraw_for(*, session: Session, actor: User, reason: str) -> None:
    """Withdraw a session whose participant asked for it in another way. Raises InvalidAction when it is withdrawn.

    The answers are deleted where the study says so, as when participants do it themselves.
    """
    session = Session.objects.select_for_update(of=("self",)).select_related("version__study").get(pk=session.pk)
    if session.outcome == Outcome.WITHDRAWN:
        raise InvalidAction(f"session {session.pk} is withdrawn already")
    _withdraw(session, actor=actor, reason=reason)


@transaction.atomic
def erase_for(*, session: Session, actor: User, reason: str) -> None:
    """Withdraw a session and delete its answers whatever the study says, and what its recruiter said of the person.

    Raises InvalidAction when that was done.
    """
    session = Session.objects.select_for_update(of=("self",)).select_related("version__study").get(pk=session.pk)
    if session.erased_at is not None:
        raise InvalidAction(f"the answers of session {session.pk} are deleted already")
    _withdraw(session, actor=actor, reason=reason, erases=True)
    RecruiterVisit.objects.filter(session=session).delete()
    if not session.participant.sessions.filter(erased_at=None).exists():
        RecruiterIdentity.objects.filter(participant=session.participant).delete()


def _withdraw(session: Session, *, actor: User | None = None, reason: str = "", erases: bool | None = None) -> None:
    """`actor` and `reason` are empty where participants withdraw themselves; `erases` is the study's own by default."""
    was, code = session.outcome, session.withdrawal_code
    if was != Outcome.WITHDRAWN:
        end_session(session=session, outcome=Outcome.WITHDRAWN)
    if code:  # entered again, it says that all is done
        session.withdrawal_code = code
        session.save(update_fields=["withdrawal_code"])
    if erases is None:
        erases = frozen_config(session.version).consent.on_withdrawal == "erase"
    n_erased = _erase(session) if erases else 0
    if session.origin == Origin.PREVIEW:
        return  # nothing happened to anybody's answers, and of a preview no row remains
    # A file made before holds what is withdrawn now; it is made anew when somebody asks for it.
    n_files = forget_exports(study_id=session.version.study_id)
    n_analyses = forget_analyses(study_id=session.version.study_id)
    detail = {
        "outcome_before": was,
        "erased": erases,
        "n_answers_erased": n_erased,
        "n_exports_deleted": n_files,
        "n_analyses_deleted": n_analyses,
    }
    record_audit(
        actor=actor,
        action="erase_session" if actor and erases else "withdraw",
        object_type="session",
        object_id=str(session.pk),
        detail=detail | ({"reason": reason} if reason else {}),
    )


def _erase(session: Session) -> int:
    """Delete what the participant answered and what the browser reported; return how many trials were answered."""
    n_answers = Response.objects.filter(trial__session=session).count()
    ChosenReason.objects.filter(response__trial__session=session).delete()
    Response.objects.filter(trial__session=session).delete()
    Play.objects.filter(presentation__trial__session=session).delete()
    QuestionAnswer.objects.filter(session=session).delete()
    ClientEvent.objects.filter(session=session).delete()
    ScreeningTrial.objects.filter(attempt__session=session).delete()
    ScreeningAttempt.objects.filter(session=session).delete()
    session.exclusions.all().delete()
    # The keys stay, so that nothing is taken twice; a hash of a few possible answers would tell which was given.
    session.actions.update(body_sha256="")
    session.client = {}
    session.erased_at = timezone.now()
    session.save(update_fields=["client", "erased_at"])
    return n_answers
