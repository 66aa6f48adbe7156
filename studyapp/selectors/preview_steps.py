"""The places of a launched study that can be looked at one by one."""

from dataclasses import dataclass

from studyapp.design.steps import STEPS, has_step
from studyapp.models import StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Outcome, Step, TrialKind

END = "end-"
WORDS = {
    Step.DEVICE: "From the start",
    Step.CONSENT: "Consent",
    Step.ELIGIBILITY: "Eligibility questions",
    Step.VOLUME: "Volume",
    Step.SCREENING: "Headphone test",
    Step.INSTRUCTIONS: "Instructions",
    Step.PRACTICE: "Practice",
    Step.TRIALS: "First trial",
    Step.QUESTIONS: "Last questions",
}
END_WORDS = {
    Outcome.COMPLETED: "Completed, with the debriefing",
    Outcome.NO_CONSENT: "Did not agree",
    Outcome.INELIGIBLE: "Not eligible",
    Outcome.DEVICE_UNSUITABLE: "Unsuitable device",
    Outcome.FAILED_HEADPHONE: "Failed the headphone test",
    Outcome.FAILED_ATTENTION: "Failed the attention checks",
    Outcome.QUOTA_FULL: "No place left",
    Outcome.DUPLICATE: "Took part before",
    Outcome.TIMED_OUT: "Took too long",
    Outcome.WITHDRAWN: "Withdrew",
    Outcome.TECHNICAL_ERROR: "Sounds could not be played",
}


@dataclass(frozen=True, kw_only=True)
class PreviewStep:
    """A place to begin a preview at. `step` is the session's step there."""

    code: str
    words: str
    step: Step
    at_break: bool = False

    @property
    def is_end(self) -> bool:
        return self.step is Step.ENDED


def preview_steps(version: StudyVersion) -> list[PreviewStep]:
    """Return the steps that the version has, in their order, then every way in which it can end. One query."""
    config = frozen_config(version)
    found = [PreviewStep(code=s.value, words=WORDS[s], step=s) for s in STEPS if has_step(config, s)]
    n_main = version.blocks.filter(kind=TrialKind.MAIN.value).count()
    if n_main > 1:
        place = 1 + next(index for index, each in enumerate(found) if each.step is Step.TRIALS)
        found.insert(place, PreviewStep(code="break", words="A break", step=Step.TRIALS, at_break=True))
    ends = [PreviewStep(code=f"{END}{o.value}", words=END_WORDS[o], step=Step.ENDED) for o in Outcome]
    return found + ends
