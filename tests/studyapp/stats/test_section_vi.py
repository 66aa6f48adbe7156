"""Golden values: scipy.stats.ttest_1samp, and the paper's numbers as methods.md 2.1 reads them."""

import json
import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from studyapp.stats.descriptive import mean_of, sd_of, summarize_mean
from studyapp.stats.section_vi import section_vi_panel

pytestmark = pytest.mark.once

LISTENERS = [0.49, 0.55, 0.61, 0.72, 0.38, 0.5, 0.66, 0.81]
SHARES = st.lists(st.integers(0, 43).map(lambda k: k / 43), min_size=2, max_size=40)


def test_agrees_with_scipys_t_test_on_both_sides() -> None:
    panel = section_vi_panel(LISTENERS)
    two_sided = stats.ttest_1samp(LISTENERS, 0.5)
    assert panel.t == pytest.approx(two_sided.statistic, rel=1e-12)
    assert panel.p_two_sided == pytest.approx(two_sided.pvalue, rel=1e-10)
    assert panel.p_greater == pytest.approx(stats.ttest_1samp(LISTENERS, 0.5, alternative="greater").pvalue, rel=1e-10)
    expected = two_sided.confidence_interval(0.95)
    assert panel.interval is not None
    assert (panel.interval.low, panel.interval.high) == pytest.approx((expected.low, expected.high), rel=1e-10)
    assert panel.effect_size_d == pytest.approx((panel.t or 0) / math.sqrt(8), rel=1e-12)


@pytest.mark.parametrize(("mean", "d", "p_greater"), [(0.49, -0.07, 0.621), (0.71, 1.34, 4.6e-6)])
def test_reads_the_papers_z_as_an_effect_size_over_twenty_listeners(mean: float, d: float, p_greater: float) -> None:
    """Ouajdi et al. (2024), section VI: z = -.07 with p = .6 and z = 1.34 with p < .0001, over 20 listeners."""
    spread = (mean - 0.5) / d * math.sqrt(19 / 20)
    panel = section_vi_panel([mean + spread, mean - spread] * 10)
    assert panel.effect_size_d == pytest.approx(d, abs=1e-9)
    assert panel.p_greater == pytest.approx(p_greater, rel=0.02)


def test_one_listener_has_a_mean_and_nothing_else() -> None:
    panel = section_vi_panel([0.75])
    assert (panel.n_units, panel.mean) == (1, 0.75)
    assert {panel.sd, panel.effect_size_d, panel.t, panel.df, panel.p_greater, panel.interval} == {None}


def test_no_listener_has_not_even_a_mean() -> None:
    assert section_vi_panel([]).mean is None
    assert (mean_of([]), sd_of([])) == (None, None)


@pytest.mark.parametrize("share", [0.0, 1.0, 0.1])
def test_listeners_who_all_agree_have_no_spread_and_no_test(share: float) -> None:
    panel = section_vi_panel([share] * 7)
    assert (panel.mean, panel.sd) == (pytest.approx(share), 0.0)
    assert (panel.effect_size_d, panel.t, panel.p_two_sided, panel.interval) == (None, None, None, None)


def test_refuses_what_is_no_proportion() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        section_vi_panel([0.5, 1.5])
    with pytest.raises(ValueError, match="finite"):
        summarize_mean([0.5, math.nan])


@given(SHARES)
def test_never_yields_nan_and_p_values_agree(shares: list[float]) -> None:
    panel = section_vi_panel(shares)
    json.dumps(asdict(panel), allow_nan=False)
    if panel.p_greater is not None:
        smaller = min(panel.p_greater, 1 - panel.p_greater)
        assert panel.p_two_sided == pytest.approx(2 * smaller, abs=1e-9)
