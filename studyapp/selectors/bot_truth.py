"""What a simulated participant must know and a browser never learns: the truth behind the tokens."""

from dataclasses import dataclass

from studyapp.models import Presentation, ScreeningTrial, Session
from studyapp.selectors.session_trial import trial_truth
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Label, TrialKind


@dataclass(frozen=True, kw_only=True)
class ClipTruth:
    """The truth of one presentation. `sure_answer` is what an attentive listener says to a catch trial; else empty."""

    is_fake: bool
    stimulus_sha256: str
    sure_answer: str = ""


def presentation_truths(session_token: str) -> dict[str, ClipTruth]:
    """Return the truth of every presentation of the session, by its token. One query."""
    found = Presentation.objects.filter(trial__session__token=session_token).select_related(
        "trial", "frozen_stimulus__stimulus"
    )
    return {each.token: _truth(each) for each in found}


def _truth(presentation: Presentation) -> ClipTruth:
    frozen = presentation.frozen_stimulus
    is_catch = presentation.trial.kind == TrialKind.CATCH
    return ClipTruth(
        is_fake=frozen is not None and frozen.label == Label.FAKE.value,
        stimulus_sha256=frozen.stimulus.sha256 if frozen else "",
        sure_answer=trial_truth([presentation]) if is_catch else "",
    )


def right_screening_answers(session_token: str) -> dict[str, int]:
    """Return the right interval of every screening trial of the session so far, by its token. One query."""
    rows = ScreeningTrial.objects.filter(attempt__session__token=session_token).values_list("token", "right_answer")
    return dict(rows)


def good_answers(session_token: str, step: str) -> dict[str, str]:
    """Return the answers to the questions of a step that admit, or are right; none for the last questions."""
    config = frozen_config(Session.objects.select_related("version").get(token=session_token).version)
    if step == "instructions":
        return {question.code: question.right for question in config.instructions.questions}
    if step != "eligibility":
        return {}
    answers = {}
    for question in config.eligibility.questions:
        options = question.admit or [option.value for option in question.options]
        if question.kind == "choice":
            answers[question.code] = options[0]
        elif question.kind == "number":
            answers[question.code] = str(max(question.minimum, question.admit_from or 0))
        else:
            answers[question.code] = "simulated"
    return answers
