"""When a running study looks wrong, and what to do about it. Thresholds and words; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from studyapp.design.screening_facts import Published
from studyapp.stats.proportions import wilson_interval

LEAST = 10  # sessions, before a share says anything
FAILED_SCREENING = 0.2  # where nothing is published of the study's own headphone test
DROP_OUT = 0.2  # of those who come to a step
AUDIO_ERRORS = 0.1  # of the sessions with a browser
TIMED_OUT = 0.15
FAILED_ATTENTION = 0.15
QUOTA_NEAR = 0.9
DURATION_FACTOR = 1.5  # either way, from the estimate
EXPOSURE_FACTOR = 2.0  # most heard against least heard
SILENT_HOURS = 24


@dataclass(frozen=True, kw_only=True)
class Message:
    """What looks wrong, with its numbers, and what to do."""

    what: str
    advice: str
    is_serious: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What the rules look at. Counts are sessions of one origin; hours and minutes are None where nothing is known.

    `published` are the figures of the study's own headphone test, None where there are none.
    """

    n_tested: int = 0
    n_failed_screening: int = 0
    published: Published | None = None
    drop_out: Sequence[tuple[str, int, int]] = ()
    audio_by_browser: Mapping[str, tuple[int, int]] | None = None
    n_ended: int = 0
    n_timed_out: int = 0
    n_to_trials: int = 0
    n_failed_attention: int = 0
    quota: int | None = None
    n_completed: int = 0
    median_minutes: float | None = None
    estimated_minutes: float | None = None
    is_live: bool = False
    hours_silent: float | None = None
    n_workers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Median and quartiles of n values."""

    n: int
    q1: float
    median: float
    q3: float


def spread(values: Sequence[float]) -> Spread | None:
    """Return median and quartiles (inclusive method: linear between the values); None of nothing.

    >>> spread([1.0, 2.0, 3.0, 4.0, 5.0])
    Spread(n=5, q1=2.0, median=3.0, q3=4.0)
    """
    if not values:
        return None
    q1, q2, q3 = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return Spread(n=len(values), q1=q1, median=q2, q3=q3)


def hourly_pay(pay: float, minutes: Sequence[float]) -> Spread | None:
    """Return what participants earn in an hour, by how long each took; None where nobody completed.

    >>> hourly_pay(3.0, [10.0, 15.0, 20.0]).median
    12.0
    """
    return spread([60 * pay / each for each in minutes if each > 0])


def is_far_above(k: int, n: int, threshold: float) -> bool:
    """Return whether the share k/n is above the threshold with its whole Wilson 95 % interval, of at least LEAST.

    >>> [is_far_above(k, 20, 0.2) for k in (5, 9)]
    [False, True]
    """
    interval = wilson_interval(n_successes=k, n_trials=n) if n >= LEAST else None
    return interval is not None and interval.low > threshold


def messages(found: Progress) -> list[Message]:
    """Return what looks wrong, serious things first."""
    said = [*_shares(found), *_browsers(found), *_course(found)]
    return sorted(said, key=lambda each: not each.is_serious)


def _shares(found: Progress) -> list[Message]:
    said = []
    fails = 1.0 - found.published.sensitivity[0] if found.published else None
    if is_far_above(found.n_failed_screening, found.n_tested, FAILED_SCREENING if fails is None else fails):
        usual = f" Of people with headphones {fails:.0%} failed one attempt at it" if fails is not None else ""
        source = f" ({found.published.source})." if found.published else ""
        said.append(
            Message(
                what=f"{_of(found.n_failed_screening, found.n_tested)} fail the headphone screening.{usual}{source}",
                advice="Try it yourself. Say clearly in the invitation that headphones are needed, or allow one more "
                "attempt.",
                is_serious=True,
            )
        )
    for step, n_left, n_there in found.drop_out:
        if is_far_above(n_left, n_there, DROP_OUT):
            said.append(
                Message(
                    what=f"{_of(n_left, n_there)} leave at the step {step}.",
                    advice="Walk through this step in a preview, and look at the timelines of some who left.",
                    is_serious=True,
                )
            )
    if is_far_above(found.n_timed_out, found.n_ended, TIMED_OUT):
        said.append(
            Message(
                what=f"{_of(found.n_timed_out, found.n_ended)} of the ended sessions timed out.",
                advice="Raise the time limit (recruitment.time_limit_min), or see in the timelines where they stopped.",
            )
        )
    if is_far_above(found.n_failed_attention, found.n_to_trials, FAILED_ATTENTION):
        said.append(
            Message(
                what=f"{_of(found.n_failed_attention, found.n_to_trials)} fail the attention rule.",
                advice="Listen to the catch trials: is their right answer unmistakable? Is the session too long?",
            )
        )
    return said


def _browsers(found: Progress) -> list[Message]:
    return [
        Message(
            what=f"{_of(n_wrong, n)} with {browser} had sounds that failed or stopped.",
            advice=f"Try the study in {browser}. If it fails there too, name the browsers that work in the invitation.",
            is_serious=True,
        )
        for browser, (n_wrong, n) in sorted((found.audio_by_browser or {}).items())
        if is_far_above(n_wrong, n, AUDIO_ERRORS)
    ]


def _course(found: Progress) -> list[Message]:
    said = []
    if found.is_live and found.n_workers == 0:
        said.append(
            Message(
                what="No worker is running.",
                advice="Exports, simulated participants and imports wait until one is started; participants can go on.",
                is_serious=True,
            )
        )
    if found.is_live and found.hours_silent is not None and found.hours_silent >= SILENT_HOURS:
        said.append(
            Message(
                what=f"Nobody has done anything for {math.floor(found.hours_silent)} hours, and the study is live.",
                advice="Check that the recruiter's study is active and that its link is this study's.",
            )
        )
    if found.quota is not None and QUOTA_NEAR * found.quota <= found.n_completed < found.quota:
        said.append(
            Message(
                what=f"{found.n_completed} of {found.quota} places are completed.",
                advice="Nothing, if that is enough. Else raise the quota (recruitment.quota) and launch a new version.",
            )
        )
    usual, estimate = found.median_minutes, found.estimated_minutes
    if (
        usual
        and estimate
        and found.n_completed >= LEAST
        and not (estimate / DURATION_FACTOR <= usual <= estimate * DURATION_FACTOR)
    ):
        said.append(
            Message(
                what=f"Sessions take {usual:.0f} minutes (median), not the estimated {estimate:.0f}.",
                advice="Correct the time in your invitation, and the pay with it.",
            )
        )
    return said


def exposure_message(counts: Sequence[int]) -> Message | None:
    """Return what to say of completed answers by sound, where the most heard has twice the least heard's."""
    if not counts or median(counts) < LEAST or max(counts) <= EXPOSURE_FACTOR * min(counts):
        return None
    return Message(
        what=f"Sounds were judged unevenly: between {min(counts)} and {max(counts)} times.",
        advice="Look whether rarely heard sounds were skipped, and whether many sessions end early.",
    )


def _of(k: int, n: int) -> str:
    return f"{k} of {n} ({k / n:.0%})"
