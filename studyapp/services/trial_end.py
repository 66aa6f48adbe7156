"""Complete a trial, and lead the session on after its last."""

from django.utils import timezone

from studyapp.design.config import StudyConfig
from studyapp.models import Session
from studyapp.selectors.flags import wrong_catch_trials
from studyapp.selectors.session_trial import OpenTrial
from studyapp.services.session_end import end_session, exclude_session
from studyapp.services.session_steps import go_on
from studyapp.vocab import ExclusionReason, Outcome, TrialKind


def complete_trial(*, session: Session, config: StudyConfig, current: OpenTrial) -> None:
    """Store that the trial is over. A wrong catch trial too many can end the session; after the last trial, go on."""
    current.trial.completed_at = timezone.now()
    current.trial.save(update_fields=["completed_at"])
    if current.trial.kind == TrialKind.CATCH and config.attention.action == "exclude" and _excluded(session, config):
        return
    if not session.trials.filter(completed_at__isnull=True).exists():
        go_on(session=session, config=config)


def _excluded(session: Session, config: StudyConfig) -> bool:
    """End and exclude the session when more catch trials are wrong than are forgiven; return whether it did."""
    n_wrong = wrong_catch_trials().filter(trial__session=session).count()
    if n_wrong <= config.attention.max_wrong:
        return False
    detail = f"{n_wrong} catch trials were answered wrongly; {config.attention.max_wrong} are forgiven"
    exclude_session(session=session, reason=ExclusionReason.FAILED_ATTENTION, detail=detail)
    end_session(session=session, outcome=Outcome.FAILED_ATTENTION)
    return True
