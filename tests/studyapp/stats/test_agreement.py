"""Agreement: against statsmodels, published tables (Krippendorff; Fleiss; Shrout & Fleiss), and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as of_statsmodels

from studyapp.stats.agreement import (
    cohen_kappa,
    error_consistency,
    fleiss_kappa,
    intraclass_correlations,
    krippendorff_alpha,
    split_half_reliability,
)
from tests.studyapp.stats.crossed_judgements import golden_table

pytestmark = pytest.mark.once

_ = np.nan
# Krippendorff (2011), 4 observers, 12 units: alpha nominal .743, ordinal .815, interval .849.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)
# Wikipedia's example, 3 coders, 15 units: nominal .6913580, interval .8108449.
THREE_CODERS = np.array(
    [
        [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
        [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
        [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
    ]
)
# Wikipedia's example of Fleiss' kappa, 14 raters: .2099307.
FOURTEEN_RATERS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ],
    dtype=float,
)
# Shrout & Fleiss (1979), table 2: six targets, four judges.
FOUR_JUDGES = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)


def test_krippendorffs_own_tables() -> None:
    for level, wanted in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
        assert krippendorff_alpha(KRIPPENDORFF, level=level) == pytest.approx(wanted, abs=5e-4)
    assert krippendorff_alpha(THREE_CODERS) == pytest.approx(0.6913580, abs=1e-7)
    assert krippendorff_alpha(THREE_CODERS, level="interval") == pytest.approx(0.8108449, abs=1e-7)


def test_fleiss_is_the_published_table_and_statsmodels() -> None:
    assert fleiss_kappa(FOURTEEN_RATERS) == pytest.approx(0.2099307, abs=1e-7)
    assert fleiss_kappa(FOURTEEN_RATERS) == pytest.approx(of_statsmodels(FOURTEEN_RATERS), abs=1e-12)


def test_intraclass_correlations_are_shrout_and_fleiss() -> None:
    found = intraclass_correlations(FOUR_JUDGES)
    single = (found.one_way, found.agreement, found.consistency)
    of_four = (found.of_k_one_way, found.of_k_agreement, found.of_k_consistency)
    assert single == pytest.approx((0.17, 0.29, 0.71), abs=0.005)
    assert of_four == pytest.approx((0.44, 0.62, 0.91), abs=0.005)


def test_consistency_of_the_mean_is_cronbachs_alpha() -> None:
    scores = np.random.default_rng(1).integers(0, 2, (30, 8)).astype(float)
    alpha = 8 / 7 * (1 - scores.var(axis=0, ddof=1).sum() / scores.sum(axis=1).var(ddof=1))
    assert intraclass_correlations(scores).of_k_consistency == pytest.approx(alpha, rel=1e-9)


@settings(deadline=None, max_examples=50)
@given(pairs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=60))
def test_cohen_is_statsmodels(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs, dtype=float).T
    found = cohen_kappa(first, second)
    table = np.zeros((3, 3))
    for a, b in pairs:
        table[a, b] += 1
    if found.kappa is None:
        assert len(np.unique(np.array(pairs))) == 1
        return
    theirs = cohens_kappa(table)
    assert found.kappa == pytest.approx(theirs.kappa, abs=1e-12)
    assert found.standard_error == pytest.approx(np.sqrt(max(theirs.var_kappa, 0.0)), abs=1e-7)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), p=st.floats(0.05, 0.95), q=st.floats(0.05, 0.95))
def test_error_consistency_lies_within_bounds_that_are_reached(seed: int, p: float, q: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random(40) < p, rng.random(40) < q
    found = error_consistency(first, second)
    if found.kappa is None or found.low is None or found.high is None:
        assert found.expected == 1.0
        return
    a, b = first.mean(), second.mean()
    assert found.expected == pytest.approx(a * b + (1 - a) * (1 - b))
    assert found.low - 1e-9 <= found.kappa <= found.high + 1e-9
    best, worst = (
        error_consistency(np.sort(first), np.sort(second)),
        error_consistency(np.sort(first), np.sort(second)[::-1]),
    )
    assert best.kappa == pytest.approx(found.high)
    assert worst.kappa == pytest.approx(found.low)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_alpha_does_not_care_for_order_nor_for_clips_judged_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 3, (5, 9)).astype(float)
    table[rng.random(table.shape) < 0.3] = np.nan
    once = np.full((5, 1), np.nan)
    once[0] = 2.0
    for level in ("nominal", "ordinal", "interval"):
        found = krippendorff_alpha(table, level=level)
        changed = np.hstack([table[rng.permutation(5)][:, rng.permutation(9)], once])
        assert krippendorff_alpha(changed, level=level) == (None if found is None else pytest.approx(found, abs=1e-9))


def test_two_complete_observers_have_scotts_pi_corrected_for_size() -> None:
    first, second = np.random.default_rng(2).integers(0, 2, (2, 50)).astype(float)
    share = np.mean([first, second])
    expected = share**2 + (1 - share) ** 2
    pi = (np.mean(first == second) - expected) / (1 - expected)
    assert krippendorff_alpha(np.array([first, second])) == pytest.approx(pi + (1 - pi) / 100, abs=1e-12)


def test_split_halves_agree_with_alpha_on_complete_tables() -> None:
    """The mean over all splits of the stepped-up correlation is near Cronbach's alpha where listeners are alike."""
    rng = np.random.default_rng(3)
    table = (rng.random((20, 60)) < rng.beta(1, 1, 60)).astype(float)
    alpha = intraclass_correlations(table.T).of_k_consistency
    assert split_half_reliability(table, seed=1, n_splits=400) == pytest.approx(alpha, abs=0.01)
    assert split_half_reliability(table, seed=1, n_splits=20) == split_half_reliability(table, seed=1, n_splits=20)
    golden = split_half_reliability(golden_table("correct", "1", truth="fake"), seed=1, n_splits=200)
    assert golden is not None
    assert 0.2 < golden < 0.8


def test_edges() -> None:
    same = np.ones((3, 4))
    assert krippendorff_alpha(same) is None
    assert krippendorff_alpha(np.full((2, 3), np.nan)) is None
    assert krippendorff_alpha(np.array([[1.0, 0.0, 1.0]])) is None  # one listener
    assert krippendorff_alpha(np.empty((0, 0))) is None
    assert fleiss_kappa(np.array([[3.0, 0.0], [3.0, 0.0]])) is None
    assert fleiss_kappa(np.empty((0, 2))) is None
    assert cohen_kappa(same[0], same[1]).kappa is None
    assert error_consistency(same[0] > 0, same[1] > 0).high is None
    assert split_half_reliability(same, seed=1, n_splits=10) is None
    assert split_half_reliability(np.ones((1, 4)), seed=1) is None
    flat = intraclass_correlations(same)
    assert (flat.one_way, flat.of_k_consistency) == (None, None)
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa(np.array([[3.0, 0.0], [2.0, 0.0]]))
    with pytest.raises(ValueError, match="no answer missing"):
        intraclass_correlations(np.array([[1.0, np.nan], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="same clips"):
        cohen_kappa(np.ones(2), np.ones(3))
