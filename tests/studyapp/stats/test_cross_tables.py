"""Cross-tables with permuted labels: scipy's chi-square, every arrangement counted by hand, edges, false alarms."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, contingency

from studyapp.stats.cross_tables import cross_table

pytestmark = pytest.mark.once
TIES = np.array([[3, 1], [2, 2], [0, 4], [1, 3], [4, 0], [2, 1]])


def table(counts: np.ndarray, labels: list[int], strata: list[int] | None = None, **more: int):
    n_groups = more.pop("n_groups", 2)
    strata = [0] * len(labels) if strata is None else strata
    return cross_table(counts, labels, n_groups=n_groups, strata=strata, **({"seed": 1} | more))


def test_the_statistic_is_scipys() -> None:
    found = table(TIES, [0, 0, 1, 1, 2, 2], n_groups=3)
    wanted = chi2_contingency(found.counts, correction=False)
    assert (found.chi_square, found.df) == (pytest.approx(wanted.statistic), wanted.dof)
    assert found.cramers_v == pytest.approx(contingency.association(found.counts, method="cramer"))


@pytest.mark.parametrize("strata", [[0] * 6, [0, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 0]])
def test_p_is_the_share_of_all_arrangements(strata: list[int]) -> None:
    labels = [0, 1, 0, 1, 1, 0]
    seen, n_larger, arrangements = table(TIES, labels).chi_square, 0, set()
    for order in set(permutations(range(6))):
        if all(strata[a] == strata[b] for a, b in enumerate(order)):
            arranged = tuple(labels[each] for each in order)
            if arranged not in arrangements:
                arrangements.add(arranged)
                n_larger += table(TIES, list(arranged), n_permutations=1).chi_square >= seen - 1e-9
    found = table(TIES, labels, strata, n_permutations=20_000)
    assert found.p_value == pytest.approx(n_larger / len(arrangements), abs=0.012)
    assert found.least_p == pytest.approx(max(1 / len(arrangements), 1 / 20_001))


def test_p_is_one_more_than_counted_and_the_seed_draws_the_same_again() -> None:
    rng = np.random.default_rng(3)
    counts = np.vstack([rng.multinomial(20, share, size=30) for share in ([0.8, 0.1, 0.1], [0.1, 0.1, 0.8])])
    found = table(counts, [0] * 30 + [1] * 30, n_permutations=199)
    assert found.p_value == 1 / 200
    weak = np.random.default_rng(4).poisson(2.0, (60, 3))
    first, second, other = (table(weak, [0, 1] * 30, seed=seed).p_value for seed in (5, 5, 6))
    assert first == second != other


def test_what_cannot_be_tested_is_none() -> None:
    one_group = table(TIES, [0] * 6)
    assert (one_group.chi_square, one_group.cramers_v, one_group.p_value) == (None, None, None)
    one_reason = table(TIES * [1, 0], [0, 0, 0, 1, 1, 1])
    assert (one_reason.df, one_reason.least_p) == (None, None)
    fixed = table(TIES, [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1])  # each stratum has one label
    assert fixed.chi_square is not None
    assert (fixed.p_value, fixed.least_p) == (None, None)
    nothing = cross_table(np.zeros((0, 3), int), [], n_groups=2, strata=[], seed=1)
    assert nothing.counts.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert nothing.chi_square is None


@pytest.mark.parametrize(
    ("counts", "labels", "more", "words"),
    [
        (TIES, [0, 1], {}, "one of each"),
        (TIES, [0, 0, 0, 1, 1, 2], {}, "0 to 1"),
        (-TIES, [0, 0, 0, 1, 1, 1], {}, "counts contain"),
        (TIES, [0, 0, 0, 1, 1, 1], {"n_permutations": 0}, "at least one"),
    ],
)
def test_refuses_what_makes_no_table(counts: np.ndarray, labels: list[int], more: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        table(counts, labels, **more)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 3))
def test_neither_the_order_of_clips_nor_the_names_of_groups_matter_to_the_table(
    seed: int, n_groups: int, n_strata: int
) -> None:
    rng = np.random.default_rng(seed)
    counts, labels = rng.poisson(1.5, (12, 3)), rng.integers(0, n_groups, 12)
    strata, order = rng.integers(0, n_strata, 12), rng.permutation(12)
    found = table(counts, labels, strata, n_groups=n_groups, n_permutations=19)
    again = table(counts[order], labels[order], strata[order], n_groups=n_groups, n_permutations=19)
    turned = table(counts, n_groups - 1 - labels, strata, n_groups=n_groups, n_permutations=19)
    assert found.counts.tolist() == again.counts.tolist() == turned.counts[::-1].tolist()
    assert found.counts.sum() == counts.sum()
    if found.chi_square is not None:
        assert found.chi_square == pytest.approx(turned.chi_square) == pytest.approx(again.chi_square)
        assert 0.0 <= found.cramers_v <= 1.0 + 1e-12
    if found.p_value is not None:
        assert 1 / 20 <= found.p_value <= 1.0


def test_clips_that_differ_are_no_evidence_where_labels_do_not_matter() -> None:
    """Reasons hang together within clips; the chi-square's own p rejects most such studies, the permutation few."""
    rejected = naive = 0
    for number in range(200):
        rng = np.random.default_rng([20240826, number])
        shares = rng.dirichlet([0.6, 0.6, 0.3], 40)  # each clip has its own
        counts = np.array([rng.multinomial(rng.integers(4, 14), share) for share in shares])
        found = table(counts, [0, 1] * 20, seed=number, n_permutations=199)
        rejected += found.p_value <= 0.05
        naive += chi2_contingency(found.counts, correction=False).pvalue <= 0.05
    assert rejected <= 19  # binomial: more than 19 of 200 at .05 happen in 4 of 1,000
    assert naive > 60
