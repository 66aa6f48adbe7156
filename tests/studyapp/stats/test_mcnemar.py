"""McNemar: against statsmodels, published mid-p values, and at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

from studyapp.stats.mcnemar import mcnemar

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("b", "c"), [(5, 12), (1, 7), (0, 4), (30, 31), (100, 40)])
def test_is_statsmodels(b: int, c: int) -> None:
    table, found = np.array([[30, b], [c, 13]]), mcnemar(only_first=b, only_second=c)
    asymptotic = of_statsmodels(table, exact=False, correction=False)
    assert found.p_exact == pytest.approx(of_statsmodels(table, exact=True).pvalue, rel=1e-9)
    assert (found.statistic, found.p_asymptotic) == pytest.approx((asymptotic.statistic, asymptotic.pvalue), rel=1e-9)


def test_mid_p_is_fagerlands() -> None:
    """Fagerland et al. (2013), airways: b = 1, c = 7; exact .0703, mid-p .0391, asymptotic .0339."""
    found = mcnemar(only_first=1, only_second=7)
    assert (round(found.p_exact, 4), round(found.p_mid, 4)) == (0.0703, 0.0391)
    assert found.p_asymptotic == pytest.approx(0.0339, abs=5e-5)


def test_without_discordant_clips_nothing_differs() -> None:
    found = mcnemar(only_first=0, only_second=0)
    assert (found.p_exact, found.p_mid, found.statistic, found.p_asymptotic) == (1.0, 1.0, None, None)


@given(b=st.integers(0, 200), c=st.integers(0, 200))
def test_mid_p_is_the_mean_of_the_tails_with_and_without_what_was_seen(b: int, c: int) -> None:
    found, turned = mcnemar(only_first=b, only_second=c), mcnemar(only_first=c, only_second=b)
    assert (found.p_exact, found.p_mid) == (turned.p_exact, turned.p_mid)
    assert 0.0 <= found.p_mid <= found.p_exact <= 1.0
    if b != c:
        k, n = min(b, c), b + c
        tails = stats.binom.cdf(k, n, 0.5) + stats.binom.cdf(k - 1, n, 0.5)
        assert found.p_mid == pytest.approx(tails, rel=1e-6, abs=1e-15)


def test_refuses_negative_counts() -> None:
    with pytest.raises(ValueError, match="negative"):
        mcnemar(only_first=-1, only_second=2)
