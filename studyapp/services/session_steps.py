"""Lead a session from one step to the next."""

import hashlib

from django.utils import timezone

from studyapp.design.actions import ConsentAction
from studyapp.design.config import StudyConfig
from studyapp.errors import SessionConflict
from studyapp.models import Session
from studyapp.selectors.study_config import frozen_config
from studyapp.services.screening_attempt import start_attempt
from studyapp.services.session_end import end_session
from studyapp.services.trial_plan import plan_trials
from studyapp.vocab import Outcome, Step

STEPS = (Step.CONSENT, Step.VOLUME, Step.SCREENING, Step.INSTRUCTIONS, Step.TRIALS)


def require_step(session: Session, step: Step) -> None:
    """Raise SessionConflict unless the session is in that step."""
    if session.step != step:
        raise SessionConflict("wrong_step", f"the session is in the step {session.step}, not {step.value}")


def go_on(*, session: Session, config: StudyConfig) -> None:
    """Lead the locked session to the next step that the study has, and prepare that step."""
    following = STEPS[STEPS.index(Step(session.step)) + 1 :]
    step = next(step for step in following if _has_step(config, step))
    if step is Step.SCREENING:
        start_attempt(session=session, config=config)
    if step is Step.TRIALS:
        plan_trials(session=session, config=config)
    session.step = step.value
    session.save(update_fields=["step", "last_seen_at"])


def _has_step(config: StudyConfig, step: Step) -> bool:
    if step is Step.VOLUME:
        return config.volume.enabled
    if step is Step.SCREENING:
        return config.screening.test != "none"
    return True


def answer_consent(*, session: Session, action: ConsentAction) -> None:
    """Store that the participant agrees, or end the session."""
    require_step(session, Step.CONSENT)
    if not action.agree:
        end_session(session=session, outcome=Outcome.NO_CONSENT)
        return
    config = frozen_config(session.version)
    session.consent_sha256 = hashlib.sha256(config.consent.text.encode()).hexdigest()
    session.consented_at = timezone.now()
    session.save(update_fields=["consent_sha256", "consented_at"])
    go_on(session=session, config=config)


def leave_volume(*, session: Session) -> None:
    """Go on from the volume step."""
    require_step(session, Step.VOLUME)
    go_on(session=session, config=frozen_config(session.version))


def leave_instructions(*, session: Session) -> None:
    """Go on from the instructions to the trials."""
    require_step(session, Step.INSTRUCTIONS)
    go_on(session=session, config=frozen_config(session.version))
