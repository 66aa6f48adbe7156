"""The steps of a session in their order, and which of them a study has. Pure."""

from studyapp.design.config import StudyConfig
from studyapp.design.screening_plan import screening_stages
from studyapp.vocab import Step

STEPS = tuple(step for step in Step if step is not Step.ENDED)


def has_step(config: StudyConfig, step: Step) -> bool:
    """Return whether sessions of the study come to the step."""
    match step:
        case Step.ELIGIBILITY:
            return bool(config.eligibility.questions)
        case Step.VOLUME:
            return config.volume.enabled
        case Step.SCREENING:
            return bool(screening_stages(config))
        case Step.PRACTICE:
            return config.practice.stimulus_set is not None
        case Step.QUESTIONS:
            return bool(config.questions.questions)
    return True
