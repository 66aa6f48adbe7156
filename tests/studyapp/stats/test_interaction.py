"""Agent by stratum: against scipy's analysis of variance and permutation test, by hand, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from studyapp.stats.interaction import stratum_interaction

pytestmark = pytest.mark.once


def drawn(seed: int, n: int = 60, n_strata: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.round(rng.random(n), 2), (rng.random(n) < 0.6).astype(float), np.arange(n) % n_strata


def test_share_of_variance_is_eta_squared_and_p_is_scipys() -> None:
    first, second, stratum = drawn(1)
    first = first + 0.25 * (stratum == 2)
    d = first - second
    found = stratum_interaction(first, second, stratum=stratum, classes=np.zeros(60, int), seed=2, n_draws=5000)
    f = stats.f_oneway(*(d[stratum == code] for code in range(3)))
    assert found.share_of_variance == pytest.approx(2 * f.statistic / (2 * f.statistic + 57), rel=1e-9)
    theirs = stats.permutation_test(
        (d,),
        lambda x: sum(x[stratum == code].sum() ** 2 for code in range(3)),
        permutation_type="pairings",
        alternative="greater",
        vectorized=False,
        n_resamples=4000,
        rng=np.random.default_rng(3),
    )
    assert found.p_permutation == pytest.approx(theirs.pvalue, abs=0.02)


def test_means_by_hand() -> None:
    first, second = np.array([1.0, 0.5, 0.0, 0.25]), np.array([0.0, 1.0, 1.0, 0.0])
    found = stratum_interaction(first, second, stratum=np.array([0, 0, 1, 1]), classes=np.zeros(4, int), seed=1)
    assert [(row.n_clips, row.first, row.second, row.difference) for row in found.strata] == [
        (2, 0.75, 0.5, 0.25),
        (2, 0.125, 0.5, -0.375),
    ]
    # d = 1, -.5, -1, .25, their mean -.0625: (2 * .3125^2 * 2) / 2.296875
    assert found.share_of_variance == pytest.approx(0.390625 / 2.296875)
    assert found.strata[0].interval is None  # fewer than five clips


def test_what_follows_from_the_classes_alone_is_no_interaction() -> None:
    """Listeners are ahead on fakes and behind on reals; stratum 0 has more fakes. Within a class nothing differs."""
    rng = np.random.default_rng(4)
    classes = np.repeat([1, 0], 100)
    stratum = (rng.random(200) < np.where(classes == 1, 0.2, 0.8)).astype(int)
    first = np.where(classes == 1, 0.9, 0.3) + rng.uniform(-0.1, 0.1, 200)
    second = np.full(200, 0.5)
    blind = stratum_interaction(first, second, stratum=stratum, classes=np.zeros(200, int), seed=1, n_draws=500)
    found = stratum_interaction(first, second, stratum=stratum, classes=classes, seed=1, n_draws=500)
    assert blind.p_permutation is not None and blind.p_permutation < 0.01
    assert found.p_permutation is not None and found.p_permutation > 0.05


def test_rejects_one_in_twenty_where_nothing_differs() -> None:
    p = []
    for seed in range(200):
        first, second, stratum = drawn(seed, n=30)
        found = stratum_interaction(first, second, stratum=stratum, classes=np.arange(30) % 2, seed=seed, n_draws=99)
        p.append(found.p_permutation)
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.09


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), n=st.integers(1, 40))
def test_swapping_the_observers_turns_the_signs_and_keeps_the_test(seed: int, n: int) -> None:
    first, second, stratum = drawn(seed, n=n, n_strata=min(n, 3))
    classes = np.zeros(n, int)
    there = stratum_interaction(first, second, stratum=stratum, classes=classes, seed=seed, n_draws=50)
    turned = stratum_interaction(second, first, stratum=stratum, classes=classes, seed=seed, n_draws=50)
    for a, b in zip(there.strata, turned.strata, strict=True):
        assert a.difference == pytest.approx(-b.difference)
        if a.interval and b.interval:
            assert a.interval.low == pytest.approx(-b.interval.high)
    assert there.p_permutation == turned.p_permutation
    assert there.share_of_variance is None or 0.0 <= there.share_of_variance <= 1.0 + 1e-9


def test_edges() -> None:
    ones = np.ones(4)
    for stratum, classes in (
        (np.zeros(4, int), np.zeros(4, int)),  # one stratum
        (np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])),  # each class has one
    ):
        found = stratum_interaction(np.array([1.0, 0, 1, 0]), ones, stratum=stratum, classes=classes, seed=1)
        assert (found.share_of_variance, found.p_permutation) == (None, None)
    same = stratum_interaction(ones, ones, stratum=np.array([0, 0, 1, 1]), classes=np.zeros(4, int), seed=1)
    assert (same.p_permutation, same.strata[1].difference) == (None, 0.0)
    with pytest.raises(ValueError, match="one value"):
        stratum_interaction(ones, ones[1:], stratum=np.zeros(4, int), classes=np.zeros(4, int), seed=1)
    with pytest.raises(ValueError, match="must be one"):
        stratum_interaction(ones[:0], ones[:0], stratum=np.zeros(0, int), classes=np.zeros(0, int), seed=1)
    with pytest.raises(ValueError, match="at least one"):
        stratum_interaction(ones, ones, stratum=np.zeros(4, int), classes=np.zeros(4, int), seed=1, n_draws=0)
