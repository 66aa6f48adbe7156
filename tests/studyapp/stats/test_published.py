"""The printed numbers of the paper, against the table of readings worked out elsewhere, and properties."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.stats.published import (
    PrintedShare,
    PrintedTest,
    implied_interval,
    implied_sd,
    integer_solutions,
    readings_of_z,
    transforms_of_mean,
)

pytestmark = pytest.mark.once

FAKE = PrintedTest(mean=0.49, z=-0.07, p_low=0.55, p_high=0.65, n_listeners=20, n_clips=43)
REAL = PrintedTest(mean=0.71, z=1.34, p_low=0.0, p_high=1e-4, n_listeners=20, n_clips=38)
REASONS = [
    PrintedShare(percent=percent, decimals=decimals)
    for percent, decimals in ((34.2, 1), (32.2, 1), (12.9, 1), (10.0, 1), (6.8, 1), (4, 0))
]


@pytest.mark.parametrize(
    ("printed", "code", "statistic", "p_greater", "p_two_sided", "fits"),
    [
        (FAKE, "standard_normal", -0.07, 0.528, 0.944, (False, False)),
        (FAKE, "pooled", -0.59, 0.72, 0.56, (False, False)),
        (FAKE, "over_listeners", -0.313, 0.621, 0.758, (True, False)),
        (FAKE, "over_clips", -0.459, 0.676, 0.649, (False, True)),
        (REAL, "standard_normal", 1.34, 0.090, 0.180, (False, False)),
        (REAL, "pooled", 11.58, 2.6e-31, 5.3e-31, (False, False)),
        (REAL, "over_listeners", 5.99, 4.6e-6, 9.1e-6, (True, True)),
        (REAL, "over_clips", 8.26, 3e-10, 6e-10, (True, True)),
    ],
)
def test_readings_as_worked_out_elsewhere(printed, code, statistic, p_greater, p_two_sided, fits):
    reading = {each.code: each for each in readings_of_z(printed)}[code]
    assert reading.statistic == pytest.approx(statistic, abs=0.006)
    assert reading.p_greater == pytest.approx(p_greater, abs=6e-4, rel=0.07)
    assert reading.p_two_sided == pytest.approx(p_two_sided, abs=3e-3, rel=0.07)
    assert (reading.fits_one_sided, reading.fits_two_sided) == fits


def test_only_the_reading_over_listeners_fits_both_classes_one_sided():
    fits = [{each.code for each in readings_of_z(printed) if each.fits_one_sided} for printed in (FAKE, REAL)]
    assert fits[0] & fits[1] == {"over_listeners"}


def test_the_standard_deviations_that_the_rounded_numbers_allow():
    assert implied_sd(FAKE) == pytest.approx((0.067, 0.231), abs=5e-4)
    assert implied_sd(REAL) == pytest.approx((0.152, 0.161), abs=5e-4)
    with pytest.raises(ValueError, match="any standard deviation"):
        implied_sd(PrintedTest(mean=0.5, z=0.0, p_low=0.0, p_high=1.0, n_listeners=20, n_clips=43))


def test_the_printed_reasons_have_whole_numbers_for_three_totals_only():
    found = integer_solutions(REASONS, totals=range(635, 650))
    assert sorted(found) == [637, 643, 649]
    assert found[643] == [(220, 207, 83, 64, 44, 25)]


def test_totals_below_one_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        integer_solutions(REASONS, totals=range(3))


@given(st.lists(st.integers(0, 40), min_size=2, max_size=4).filter(sum))
def test_counts_are_found_again_from_their_rounded_shares(counts):
    total = sum(counts)
    shares = [PrintedShare(percent=round(100 * count / total, 1), decimals=1) for count in counts]
    solutions = integer_solutions(shares, totals=range(total, total + 1))[total]
    assert tuple(counts) in solutions
    for solution in solutions:
        assert all(
            abs(100 * count / total - share.percent) <= 0.05 + 1e-9
            for count, share in zip(solution, shares, strict=True)
        )


@pytest.mark.parametrize(
    ("code", "fake", "real"),
    [
        ("mean_z_of_listeners", -0.131, 2.59),
        ("mean_z_of_clips", -0.089, 1.88),
        ("probit", -0.025, 0.553),
        ("logit", -0.04, 0.895),
        ("cohen_h", -0.02, 0.433),
    ],
)
def test_what_the_mean_fixes_as_worked_out_elsewhere(code: str, fake: float, real: float) -> None:
    for printed, value in ((FAKE, fake), (REAL, real)):
        found = {each.code: each for each in transforms_of_mean(printed)}[code]
        assert found.value == pytest.approx(value, abs=0.006)
        assert found.low < found.value < found.high


def test_what_the_mean_fixes_is_printed_of_the_fakes_at_most() -> None:
    fits = [[each.code for each in transforms_of_mean(printed) if each.is_printed] for printed in (FAKE, REAL)]
    assert fits == [["mean_z_of_listeners", "mean_z_of_clips"], []]


def test_a_number_that_the_mean_does_give_is_recognised() -> None:
    printed = PrintedTest(mean=0.71, z=0.55, p_low=0.0, p_high=1.0, n_listeners=20, n_clips=38)
    assert [each.code for each in transforms_of_mean(printed) if each.is_printed] == ["probit"]


def test_the_intervals_of_the_means_if_z_is_an_effect_size() -> None:
    assert implied_interval(FAKE) == pytest.approx((0.423, 0.557), abs=6e-4)
    assert implied_interval(REAL) == pytest.approx((0.637, 0.783), abs=6e-4)
    with pytest.raises(ValueError, match="z of 0"):
        implied_interval(PrintedTest(mean=0.5, z=0.0, p_low=0.0, p_high=1.0, n_listeners=20, n_clips=43))


def test_how_many_units_the_printed_pair_allows_one_sided_and_two_sided() -> None:
    fits = {
        n: {each.code: each for each in readings_of_z(replace(FAKE, n_listeners=n))}["over_listeners"]
        for n in range(2, 100)
    }
    one, two = ([n for n, each in fits.items() if getattr(each, f"fits_{side}_sided")] for side in ("one", "two"))
    assert (one[0], one[-1], two[0], two[-1]) == (4, 35, 38, 85)
