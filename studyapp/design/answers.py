"""What can be answered to a trial, and which of it is right. Pure."""

from dataclasses import dataclass

from studyapp.design.words import Words
from studyapp.vocab import Label

BEEPS = "beeps"
BEEP_COUNTS = (2, 3, 4, 5)
FIRST_FAKE_RATING = 4  # of the six: 4, 5 and 6 lean to fake


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An answer as it is sent and as it is read."""

    value: str
    label: str


def choices(task: str, *, fake_is_first: bool, words: Words) -> list[Choice]:
    """Return the answers in the order shown.

    task: yes_no, rating, naturalness, two_interval or beeps.
    fake_is_first: whether "fake" stands left of "real"; scales and intervals are never turned round.
    """
    if task == "yes_no":
        order = (Label.FAKE, Label.REAL) if fake_is_first else (Label.REAL, Label.FAKE)
        return [Choice(value=label.value, label=words.labels[label]) for label in order]
    if task == BEEPS:
        return [Choice(value=str(count), label=str(count)) for count in BEEP_COUNTS]
    labels = {"rating": words.rating, "naturalness": words.naturalness, "two_interval": words.intervals}[task]
    return [Choice(value=str(number), label=label) for number, label in enumerate(labels, start=1)]


def confidence_choices(words: Words) -> list[Choice]:
    """Return how sure an answer can be: 1 (guessed) to 4 (certain)."""
    return [Choice(value=str(number), label=label) for number, label in enumerate(words.confidence, start=1)]


def called(task: str, value: str) -> tuple[str, int | None]:
    """Return (choice, value) as they are stored: the label that the answer names, and the number that it is.

    >>> called("yes_no", "fake"), called("rating", "4"), called("rating", "3"), called("naturalness", "5")
    (('fake', None), ('fake', 4), ('real', 3), ('', 5))
    """
    if task == "yes_no":
        return value, None
    number = int(value)
    if task == "rating":
        return (Label.FAKE if number >= FIRST_FAKE_RATING else Label.REAL).value, number
    return "", number


def asks_reason(after: str, *, task: str, choice: str) -> bool:
    """Return whether the menu of reasons follows. An interval is always called fake, so forced choice asks as "fake"
    does.

    >>> asks_reason("fake", task="yes_no", choice="real"), asks_reason("both", task="naturalness", choice="")
    (False, True)
    """
    if task == BEEPS or after == "never":
        return False
    return after == "both" or choice == Label.FAKE or task == "two_interval"


def is_right(*, choice: str, value: int | None, truth: str) -> bool | None:
    """Return whether the answer is the truth; None where the task knows no right answer.

    truth: real or fake, the number of the fake interval, or the number of beeps.

    >>> is_right(choice="fake", value=5, truth="fake"), is_right(choice="", value=2, truth="1")
    (True, False)
    >>> is_right(choice="", value=4, truth="real") is None
    True
    """
    if choice:
        return choice == truth
    return str(value) == truth if truth.isdigit() else None
