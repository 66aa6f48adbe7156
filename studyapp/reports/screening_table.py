"""The published figures of the headphone tests, as the editor shows them."""

from dataclasses import dataclass

from studyapp.design.config_flow import Screening
from studyapp.design.screening_facts import PUBLISHED, Published
from studyapp.design.screening_plan import guess_share, headphone_stages, published_rules
from studyapp.reports.numbers import percent

DEFAULT_ATTEMPTS = 2


@dataclass(frozen=True, kw_only=True)
class ScreeningRow:
    """A rule, and its figures in words."""

    test: str
    rule: str
    sensitivity: str
    false_pass: str
    guess_once: str
    guess_twice: str
    source: str


def screening_rows() -> list[ScreeningRow]:
    """Return a row for each published rule."""
    return [
        ScreeningRow(
            test=each.test,
            rule=each.words,
            sensitivity=_share(each.sensitivity, each.with_headphones[1]),
            false_pass=_share(each.false_pass, each.with_loudspeakers[1]),
            guess_once=_guess(each, 1),
            guess_twice=_guess(each, DEFAULT_ATTEMPTS),
            source=each.source,
        )
        for each in PUBLISHED
    ]


def rule_words(screening: Screening) -> str:
    """Return what is known of the headphone test as it is set: who passes by guessing, and what is published of it."""
    stages = headphone_stages(screening)
    if not stages:
        return ""
    tests = " and ".join(f"{each.test} {each.pass_mark} of {each.n_trials}" for each in stages)
    attempts = "one attempt" if screening.attempts == 1 else f"{screening.attempts} attempts"
    guessing = f"Of those who only guess {_small(guess_share(screening))} pass ({tests}, {attempts})."
    published = published_rules(screening)
    if not published:
        return f"{guessing} Nothing is published of this rule."
    best = published[0]
    return (
        f"{guessing} Published of one attempt: pass with headphones "
        f"{_share(best.sensitivity, best.with_headphones[1])}; pass with loudspeakers "
        f"{_share(best.false_pass, best.with_loudspeakers[1])} ({best.source})."
    )


def _share(share: tuple[float, float, float], n: int) -> str:
    value, low, high = share
    return f"{percent(value, 0)} [{percent(low, 0)}, {percent(high, 0)}], n = {n}"


def _guess(each: Published, attempts: int) -> str:
    return _small(each.guessing(attempts))


def _small(share: float) -> str:
    return "< 0.01 %" if share < 0.0001 else percent(share, 2)
