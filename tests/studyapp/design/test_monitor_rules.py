"""What a running study is warned of, and what not."""

import pytest

from studyapp.design.config_flow import Screening
from studyapp.design.monitor_rules import Progress, exposure_message, hourly_pay, messages, spread
from studyapp.design.screening_plan import published_rules

pytestmark = pytest.mark.once
HUGGINS, ANTIPHASE = (published_rules(Screening(test=test))[0] for test in ("huggins", "antiphase"))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Progress(n_tested=20, n_failed_screening=10), "10 of 20 (50%) fail the headphone screening"),
        (
            Progress(n_tested=20, n_failed_screening=10, published=HUGGINS),
            "screening. Of people with headphones 19% failed one attempt at it (Milne et al. 2021, experiment 1).",
        ),
        (
            Progress(n_tested=100, n_failed_screening=24, published=ANTIPHASE),
            "screening. Of people with headphones 14% failed one attempt at it (Milne et al. 2021, experiment 1).",
        ),
        (Progress(drop_out=[("consent", 15, 30)]), "leave at the step consent"),
        (Progress(audio_by_browser={"Safari": (6, 12), "Firefox": (0, 50)}), "6 of 12 (50%) with Safari"),
        (Progress(n_ended=20, n_timed_out=10), "timed out"),
        (Progress(n_to_trials=20, n_failed_attention=10), "attention rule"),
        (Progress(quota=100, n_completed=95), "95 of 100 places"),
        (Progress(n_completed=10, median_minutes=31.0, estimated_minutes=20.0), "not the estimated 20"),
        (Progress(n_completed=10, median_minutes=10.0, estimated_minutes=20.0), "not the estimated 20"),
        (Progress(is_live=True, hours_silent=30.5), "for 30 hours"),
        (Progress(is_live=True, n_workers=0), "No worker"),
    ],
)
def test_says_what_looks_wrong(found: Progress, words: str) -> None:
    (said,) = messages(found)
    assert words in said.what
    assert said.advice


@pytest.mark.parametrize(
    "found",
    [
        Progress(),
        Progress(n_tested=9, n_failed_screening=9),  # too few
        Progress(n_tested=100, n_failed_screening=22),
        Progress(n_tested=100, n_failed_screening=22, published=HUGGINS),  # within what is published
        Progress(drop_out=[("consent", 1, 30)]),
        Progress(quota=100, n_completed=100),
        Progress(quota=100, n_completed=80),
        Progress(n_completed=9, median_minutes=60.0, estimated_minutes=20.0),
        Progress(n_completed=10, median_minutes=25.0, estimated_minutes=20.0),
        Progress(hours_silent=100.0, n_workers=0),  # not live
        Progress(is_live=True, hours_silent=2.0, n_workers=1),
    ],
)
def test_is_quiet_otherwise(found: Progress) -> None:
    assert messages(found) == []


def test_of_a_test_without_published_figures_nothing_is_claimed() -> None:
    (said,) = messages(Progress(n_tested=20, n_failed_screening=10))
    assert said.what == "10 of 20 (50%) fail the headphone screening."


def test_exposure() -> None:
    assert exposure_message([]) is None
    assert exposure_message([0, 1, 2]) is None
    assert exposure_message([20, 21, 22]) is None
    found = exposure_message([5, 20, 21])
    assert found is not None and "between 5 and 21" in found.what


def test_spread_and_pay() -> None:
    assert spread([]) is None
    assert spread([3.0]) == spread([3.0, 3.0][:1])
    assert hourly_pay(5.0, []) is None
    found = hourly_pay(6.0, [0.0, 30.0, 60.0])
    assert found is not None and (found.n, found.median) == (2, 9.0)
