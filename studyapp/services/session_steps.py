"""Lead a session from one step to the next."""

import hashlib
import json

from django.utils import timezone

from studyapp.design.actions import ConsentAction, DeviceAction, UnplayableAction
from studyapp.design.config import StudyConfig
from studyapp.design.config_flow import Consent
from studyapp.design.screening_plan import screening_stages
from studyapp.design.steps import STEPS, has_step
from studyapp.errors import InvalidAction, SessionConflict
from studyapp.models import Session
from studyapp.selectors.study_config import frozen_config
from studyapp.services.places import take_place
from studyapp.services.screening_attempt import start_attempt
from studyapp.services.session_end import end_session
from studyapp.services.trial_plan import plan_practice, plan_trials
from studyapp.vocab import Outcome, Step


def require_step(session: Session, step: Step) -> None:
    """Raise SessionConflict unless the session is in that step."""
    if session.step != step:
        raise SessionConflict("wrong_step", f"the session is in the step {session.step}, not {step.value}")


def go_on(*, session: Session, config: StudyConfig) -> None:
    """Lead the locked session to the next step that the study has, and prepare it; after the last, complete it."""
    following = STEPS[STEPS.index(Step(session.step)) + 1 :]
    step = next((step for step in following if has_step(config, step)), None)
    if step is None:
        end_session(session=session, outcome=Outcome.COMPLETED)
        return
    prepare_step(session=session, config=config, step=step)


def prepare_step(*, session: Session, config: StudyConfig, step: Step) -> None:
    """Put the locked session at a step that the study has, and plan what the step presents."""
    match step:
        case Step.SCREENING:
            start_attempt(session=session, stage=screening_stages(config)[0])
        case Step.PRACTICE:
            plan_practice(session=session, config=config)
        case Step.TRIALS:
            plan_trials(session=session, config=config)
    session.step = step.value
    session.save(update_fields=["step", "last_seen_at"])


def check_device(*, session: Session, action: DeviceAction) -> None:
    """Store the kind of device, and end the session when the study cannot use it."""
    require_step(session, Step.DEVICE)
    config = frozen_config(session.version)
    session.client = session.client | {"device": action.kind}
    session.save(update_fields=["client"])
    if action.audio and (config.device.allow == "any" or action.kind == "desktop"):
        go_on(session=session, config=config)
    else:
        end_session(session=session, outcome=Outcome.DEVICE_UNSUITABLE)


def answer_consent(*, session: Session, action: ConsentAction) -> None:
    """Store that the participant agrees and to what, which takes a place, or end the session.

    Raises InvalidAction when a box that nobody can take part without is not ticked, or is unknown.
    """
    require_step(session, Step.CONSENT)
    if not action.agree:
        end_session(session=session, outcome=Outcome.NO_CONSENT)
        return
    config = frozen_config(session.version)
    known = {tick.code: tick.required for tick in config.consent.ticks}
    unknown = [code for code in action.ticks if code not in known]
    missing = [code for code, required in known.items() if required and code not in action.ticks]
    if unknown or missing:
        raise InvalidAction(f"ticks: {unknown[0]!r} is no box" if unknown else f"ticks: {missing[0]} is required")
    if not take_place(session):
        return
    session.consent_sha256 = consent_sha256(config.consent)
    session.consent_ticks = [code for code in known if code in action.ticks]
    session.consented_at = timezone.now()
    session.save(update_fields=["consent_sha256", "consent_ticks", "consented_at"])
    go_on(session=session, config=config)


def consent_sha256(consent: Consent) -> str:
    """Return the SHA-256 of all that a participant agrees to: the text, and the boxes with their words."""
    shown = [consent.text, [[tick.code, tick.label, tick.required] for tick in consent.ticks]]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def leave_volume(*, session: Session) -> None:
    """Go on from the volume step."""
    require_step(session, Step.VOLUME)
    go_on(session=session, config=frozen_config(session.version))


def leave_unplayable(*, session: Session, action: UnplayableAction) -> None:
    """End the session, because the browser cannot play the one sound that it cannot go on without."""
    if session.step not in (Step.VOLUME, Step.SCREENING):
        raise SessionConflict("wrong_step", f"the session is in the step {session.step}, whose sounds can be skipped")
    session.client = session.client | {"unplayable": f"{session.step}: {action.problem}"}
    session.save(update_fields=["client"])
    end_session(session=session, outcome=Outcome.TECHNICAL_ERROR)
