import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from studyapp.stats.guessing import guessing_limits

pytestmark = pytest.mark.once


def test_the_limits_of_the_papers_listeners() -> None:
    # Above chance from 50 of 81, 29 of 43 and 26 of 38, two-sided at .05.
    for n, least in ((81, 50), (43, 29), (38, 26)):
        found = guessing_limits(n_trials=n)
        assert (found.most_below, found.least_above) == (n - least, least)
        assert found.p_above == pytest.approx(binomtest(least, n, alternative="greater").pvalue)
        assert found.p_below == pytest.approx(found.p_above)


def test_a_table_made_by_hand() -> None:
    # Of 6 coins: all heads 1/64 = .0156; five or more 7/64 = .109.
    found = guessing_limits(n_trials=6)
    assert (found.most_below, found.least_above, found.p_above) == (0, 6, pytest.approx(1 / 64))
    third = guessing_limits(n_trials=6, null=1 / 3, confidence=0.9)
    assert (third.most_below, third.least_above) == (None, 5)


def test_edges() -> None:
    for n in (0, 1, 5):
        found = guessing_limits(n_trials=n)
        assert (found.most_below, found.least_above, found.p_below, found.p_above) == (None, None, 0.0, 0.0)
    with pytest.raises(ValueError, match="-1 trials"):
        guessing_limits(n_trials=-1)
    with pytest.raises(ValueError, match="null"):
        guessing_limits(n_trials=5, null=1.0)
    with pytest.raises(ValueError, match="confidence"):
        guessing_limits(n_trials=5, confidence=0.0)


@given(n=st.integers(0, 200), null=st.floats(0.05, 0.95), confidence=st.floats(0.5, 0.999))
def test_each_tail_holds_its_share_and_one_answer_more_would_not(n: int, null: float, confidence: float) -> None:
    found, tail = guessing_limits(n_trials=n, null=null, confidence=confidence), (1 - confidence) / 2
    assert max(found.p_below, found.p_above) <= tail
    below = -1 if found.most_below is None else found.most_below
    above = n + 1 if found.least_above is None else found.least_above
    assert below < above
    assert binom.cdf(below + 1, n, null) > tail
    assert binom.sf(above - 2, n, null) > tail
