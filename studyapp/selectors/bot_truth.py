"""What a simulated participant must know and a browser never learns: the truth behind the tokens."""

from dataclasses import dataclass

from studyapp.models import Presentation, ScreeningTrial
from studyapp.vocab import Label


@dataclass(frozen=True, kw_only=True)
class ClipTruth:
    """The truth of one presentation."""

    is_fake: bool
    stimulus_sha256: str


def presentation_truths(session_token: str) -> dict[str, ClipTruth]:
    """Return the truth of every presentation of the session, by its token. One query."""
    rows = Presentation.objects.filter(trial__session__token=session_token).values_list(
        "token", "frozen_stimulus__label", "frozen_stimulus__stimulus__sha256"
    )
    return {
        token: ClipTruth(is_fake=label == Label.FAKE.value, stimulus_sha256=sha256) for token, label, sha256 in rows
    }


def right_screening_answers(session_token: str) -> dict[str, int]:
    """Return the right interval of every screening trial of the session so far, by its token. One query."""
    rows = ScreeningTrial.objects.filter(attempt__session__token=session_token).values_list("token", "right_answer")
    return dict(rows)
