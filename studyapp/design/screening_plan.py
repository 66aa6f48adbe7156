"""The headphone tests of a session, one after the other, as a study's configuration has them. Pure."""

import math
from dataclasses import dataclass

from studyapp.design.config import StudyConfig
from studyapp.design.config_flow import Screening
from studyapp.design.screening_facts import N_TRIALS, PUBLISHED, Published, guess_pass_rate

CHANNELS = "channels"
N_CHANNEL_TRIALS = 4  # left, right, both, and one of them again: guesses are all right once in 81 times

# Right answers in six that the authors ask for: Milne et al. 2021 (huggins, beat), Woods et al. 2017 (antiphase).
PUBLISHED_PASS_MARKS = {"huggins": 6, "antiphase": 5, "beat": 6}
PUBLISHED_TRIALS = 6


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One test: how many trials an attempt has, how many must be right, how many attempts, and what failing does."""

    test: str
    n_trials: int
    pass_mark: int
    attempts: int
    action: str


def screening_stages(config: StudyConfig) -> list[Stage]:
    """Return the tests in their order: the channel check first, for mono sound fails every other test too."""
    channels = config.channels
    stages = []
    if channels.enabled:
        stages.append(
            Stage(
                test=CHANNELS,
                n_trials=N_CHANNEL_TRIALS,
                pass_mark=N_CHANNEL_TRIALS,
                attempts=channels.attempts,
                action=channels.action,
            )
        )
    return stages + headphone_stages(config.screening)


def headphone_stages(screening: Screening) -> list[Stage]:
    """Return the headphone tests in their order."""
    return [
        Stage(
            test=test,
            n_trials=screening.n_trials,
            pass_mark=screening.pass_mark or default_pass_mark(test, screening.n_trials),
            attempts=screening.attempts,
            action=screening.action,
        )
        for test in screening.tests
    ]


def guess_share(screening: Screening) -> float:
    """Return the share of those who only guess that passes every headphone test, each in the attempts allowed.

    >>> round(guess_share(Screening(test="huggins", pass_mark=1)), 3), guess_share(Screening(test="none"))
    (0.992, 1.0)
    """
    shares = [
        guess_pass_rate(n_trials=each.n_trials, pass_mark=each.pass_mark, attempts=each.attempts)
        for each in headphone_stages(screening)
    ]
    return math.prod(shares, start=1.0)


def published_rules(screening: Screening) -> list[Published]:
    """Return the published figures of just these tests, trials and right answers, the largest first; often none.

    They are of one attempt.

    >>> [each.words for each in published_rules(Screening(test="huggins", pass_mark=5))]
    ['huggins 5/6']
    """
    rule = {each.test: each.pass_mark for each in headphone_stages(screening)}
    found = [each for each in PUBLISHED if each.rule == rule and screening.n_trials == N_TRIALS]
    return sorted(found, key=lambda each: -sum(n for _, n in (each.with_headphones, each.with_loudspeakers)))


def default_pass_mark(test: str, n_trials: int) -> int:
    """Return the right answers needed: the published share of the trials, rounded up.

    >>> [default_pass_mark(test, 6) for test in ("huggins", "antiphase", "beat")]
    [6, 5, 6]
    >>> default_pass_mark("antiphase", 4)
    4
    """
    return math.ceil(n_trials * PUBLISHED_PASS_MARKS[test] / PUBLISHED_TRIALS)
