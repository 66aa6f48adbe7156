"""The cluster bootstrap: equal to plain recomputation, close to scipy's where it should be, and honest in coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

from detector.ml import bootstrap
from detector.ml.bootstrap import bootstrap_measures, holm, paired_difference
from detector.ml.summary import MEASURES
from detector.ml.weighted import RESAMPLED_MEASURES, Resamples, prepare

pytestmark = pytest.mark.once

Labels, Scores, Clusters = NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]


def clips(seed: int, *, n_runs: int = 2, n: int = 60) -> tuple[Labels, Scores, Clusters]:
    """Return clips of both labels, scores with many ties, and few clusters of unlike size, each of one label."""
    rng = np.random.default_rng(seed)
    is_fake = np.concatenate([[True, True, False, False], rng.random(n) < 0.7])
    scores = rng.integers(0, 21, (n_runs, is_fake.size)) / 20
    clusters = np.where(is_fake, rng.geometric(0.3, is_fake.size), 100 + rng.geometric(0.2, is_fake.size))
    clusters[:4] = [1, 2, 101, 102]
    return is_fake, scores, clusters


def explicit_resample(picks_fake, picks_real, is_fake, clusters) -> NDArray[np.intp]:
    """Return the clips of a resample, copied as often as their cluster was picked: the textbook's way."""
    groups_fake = [np.flatnonzero(is_fake & (clusters == code)) for code in np.unique(clusters[is_fake])]
    groups_real = [np.flatnonzero(~is_fake & (clusters == code)) for code in np.unique(clusters[~is_fake])]
    return np.concatenate([groups_fake[pick] for pick in picks_fake] + [groups_real[pick] for pick in picks_real])


@pytest.mark.parametrize("name", list(MEASURES))
@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_weights_give_what_the_plain_measure_gives_of_the_copied_clips(name: str, seed: int) -> None:
    is_fake, scores, clusters = clips(seed, n_runs=1, n=30)
    codes, n_fake, n_real = bootstrap._cluster_codes(is_fake, clusters)
    rng = np.random.default_rng(seed)
    picks = [(rng.integers(n_fake, size=n_fake), rng.integers(n_real, size=n_real)) for _ in range(5)]
    drawn = np.array([np.bincount([*fake, *(real + n_fake)], minlength=n_fake + n_real) for fake, real in picks])
    threshold = float(rng.integers(0, 21) / 20)
    found = RESAMPLED_MEASURES[name](Resamples(prepare(is_fake, scores[0], codes, threshold=threshold), drawn))
    for value, (fake, real) in zip(found, picks, strict=True):
        copied = explicit_resample(fake, real, is_fake, clusters)
        assert value == pytest.approx(MEASURES[name](is_fake[copied], scores[0][copied], threshold), abs=1e-12)


def test_the_whole_equals_the_textbook_loop() -> None:
    is_fake, scores, clusters = clips(5)
    found = bootstrap_measures(
        is_fake, scores, clusters, threshold=0.4, n_resamples=50, level=0.8, rng=np.random.default_rng(9)
    )
    n_fake, n_real = np.unique(clusters[is_fake]).size, np.unique(clusters[~is_fake]).size
    of_fakes, of_reals = np.random.default_rng(9).spawn(2)
    picks = zip(of_fakes.integers(n_fake, size=(50, n_fake)), of_reals.integers(n_real, size=(50, n_real)), strict=True)
    resamples = [explicit_resample(fake, real, is_fake, clusters) for fake, real in picks]
    for name, measure in MEASURES.items():
        values = [np.mean([measure(is_fake[one], run[one], 0.4) for run in scores]) for one in resamples]
        interval = found[name]
        assert interval.estimate == pytest.approx(np.mean([measure(is_fake, run, 0.4) for run in scores]), abs=1e-12)
        assert (interval.low, interval.high) == pytest.approx(tuple(np.percentile(values, [10, 90])), abs=1e-12)
        assert (interval.n_clusters_fake, interval.n_clusters_real) == (n_fake, n_real)
        assert (interval.level, interval.n_resamples) == (0.8, 50)


def test_how_many_resamples_are_worked_on_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    is_fake, scores, clusters = clips(6)

    def found() -> object:
        return bootstrap_measures(
            is_fake, scores, clusters, threshold=0.5, n_resamples=37, rng=np.random.default_rng(2)
        )

    at_once = found()
    monkeypatch.setattr(bootstrap, "CELLS", 5 * is_fake.size)
    assert found() == at_once


def test_with_each_clip_its_own_cluster_it_is_scipys_ordinary_bootstrap() -> None:
    rng = np.random.default_rng(8)
    is_fake = np.arange(500) < 350
    scores = np.clip(rng.normal(0.4 + 0.2 * is_fake, 0.2), 0, 1)
    found = bootstrap_measures(is_fake, scores[np.newaxis], np.arange(500), threshold=0.5, rng=rng)
    correct = ((scores >= 0.5) == is_fake).astype(float)
    oracle = stats.bootstrap(
        (correct[is_fake], correct[~is_fake]),
        lambda fakes, reals, axis: (fakes.mean(axis=axis) + reals.mean(axis=axis)) / 2,
        n_resamples=4000,
        method="percentile",
        rng=rng,
    ).confidence_interval
    balanced = found["balanced_accuracy"]
    assert (balanced.low, balanced.high) == pytest.approx((oracle.low, oracle.high), abs=0.006)
    # Hanley and McNeil's standard error of the AUC, as a yardstick that no resampling was used for.
    auc = found["roc_auc"].estimate or 0.0
    q_1, q_2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    error = np.sqrt((auc * (1 - auc) + 349 * (q_1 - auc**2) + 149 * (q_2 - auc**2)) / (350 * 150))
    assert ((found["roc_auc"].high or 0) - (found["roc_auc"].low or 0)) / 3.92 == pytest.approx(error, rel=0.12)


def test_copies_of_a_run_change_nothing_and_unlike_runs_are_averaged() -> None:
    is_fake, scores, clusters = clips(11)

    def found(runs: Scores) -> dict[str, bootstrap.Interval]:
        return bootstrap_measures(is_fake, runs, clusters, threshold=0.5, n_resamples=20, rng=np.random.default_rng(1))

    once, thrice = found(scores[:1]), found(np.repeat(scores[:1], 3, axis=0))
    for name in MEASURES:
        assert (thrice[name].low, thrice[name].high) == pytest.approx((once[name].low, once[name].high), abs=1e-12)
    assert found(scores)["brier"].estimate == pytest.approx(
        np.mean([found(run[np.newaxis])["brier"].estimate for run in scores])
    )


def test_clusters_of_both_labels_with_one_number_are_two_clusters() -> None:
    found = bootstrap_measures(
        np.array([True, False] * 3),
        np.full((1, 6), 0.5),
        np.array([1, 1, 1, 2, 2, 1]),
        threshold=0.5,
        measures=["accuracy"],
        n_resamples=10,
        rng=np.random.default_rng(0),
    )["accuracy"]
    assert (found.n_clusters_fake, found.n_clusters_real) == (2, 2)
    assert (found.low, found.estimate, found.high) == (pytest.approx(0.5, abs=0.3), 0.5, pytest.approx(0.5, abs=0.3))


def test_one_cluster_of_a_label_has_no_interval() -> None:
    found = bootstrap_measures(
        np.array([True, True, False, False]),
        np.array([[0.9, 0.1, 0.2, 0.8]]),
        np.array([7, 7, 1, 2]),
        threshold=0.5,
        n_resamples=10,
        rng=np.random.default_rng(0),
    )
    assert {(one.low, one.high) for one in found.values()} == {(None, None)}
    assert found["accuracy"].estimate == 0.5


def test_one_label_alone_has_the_interval_of_accuracy_but_none_of_a_ranking() -> None:
    found = bootstrap_measures(
        np.ones(4, dtype=bool),
        np.array([[0.9, 0.1, 0.2, 0.8]]),
        np.arange(4),
        threshold=0.5,
        n_resamples=200,
        rng=np.random.default_rng(0),
    )
    assert (found["accuracy"].low, found["accuracy"].high) == (0.0, 1.0)
    assert (found["roc_auc"].estimate, found["roc_auc"].low) == (None, None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scores": np.full(4, 0.5)}, "n_runs"),
        ({"scores": np.empty((0, 4))}, "n_runs"),
        ({"clusters": np.arange(3)}, "a cluster"),
        ({"scores": np.full((1, 4), 2.0)}, "outside"),
        ({"measures": ["f1"]}, "no measure is called"),
        ({"n_resamples": 0}, "n_resamples=0"),
        ({"level": 95}, "level=95"),
    ],
)
def test_refuses_what_cannot_be_resampled(changes: dict[str, object], words: str) -> None:
    given_ = {
        "is_fake": np.array([True, True, False, False]),
        "scores": np.full((1, 4), 0.5),
        "clusters": np.arange(4),
        "threshold": 0.5,
        "rng": np.random.default_rng(0),
    } | changes
    with pytest.raises(ValueError, match=words):
        bootstrap_measures(**given_)  # type: ignore[arg-type]


def difference(is_fake: Labels, a: Scores, b: Scores, clusters: Clusters, *, measure: str) -> bootstrap.Difference:
    return paired_difference(
        is_fake, a, b, clusters, measure=measure, threshold=0.5, n_resamples=199, rng=np.random.default_rng(3)
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from(sorted(MEASURES)))
def test_swapping_the_detectors_turns_the_difference_and_keeps_p(seed: int, measure: str) -> None:
    is_fake, scores, clusters = clips(seed, n_runs=5, n=40)
    one = difference(is_fake, scores[:2], scores[2:], clusters, measure=measure)
    other = difference(is_fake, scores[2:], scores[:2], clusters, measure=measure)
    assert one.low is not None and one.high is not None and one.estimate is not None
    assert (other.estimate, other.low, other.high) == pytest.approx((-one.estimate, -one.high, -one.low), abs=1e-12)
    assert other.p == one.p
    assert one.low <= one.high and 0.01 <= (one.p or 0) <= 1.0


def test_a_detector_does_not_differ_from_itself() -> None:
    is_fake, scores, clusters = clips(4)
    found = difference(is_fake, scores, scores[::-1], clusters, measure="eer")
    assert (found.estimate, found.low, found.high, found.p) == (
        pytest.approx(0, abs=1e-12),
        pytest.approx(0, abs=1e-12),
        pytest.approx(0, abs=1e-12),
        1.0,
    )


def test_p_counts_the_resamples_on_the_other_side_of_zero() -> None:
    assert bootstrap._two_sided_p(np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])) == pytest.approx(0.6)
    assert bootstrap._two_sided_p(np.zeros(9)) == 1.0
    assert bootstrap._two_sided_p(np.ones(99)) == pytest.approx(0.02)


def test_a_difference_without_two_clusters_has_neither_interval_nor_p() -> None:
    is_fake, scores, _ = clips(4)
    found = difference(is_fake, scores[:1], scores[1:], np.zeros(is_fake.size, dtype=int), measure="accuracy")
    assert found.estimate is not None
    assert (found.low, found.high, found.p) == (None, None, None)


def test_pairing_sees_a_small_difference_that_two_intervals_do_not() -> None:
    rng = np.random.default_rng(12)
    is_fake = np.arange(800) < 400
    clusters = np.arange(800) // 20
    effects = rng.normal(size=40)[clusters]
    logits = np.where(is_fake, 0.5, -0.5) + effects + rng.normal(size=800)
    better = logits + np.where(is_fake, 0.15, -0.15)
    a, b = (1 / (1 + np.exp(-one))[np.newaxis] for one in (better, logits))
    found = difference(is_fake, a, b, clusters, measure="roc_auc")
    alone = [
        bootstrap_measures(
            is_fake, one, clusters, threshold=0.5, measures=["roc_auc"], n_resamples=199, rng=np.random.default_rng(3)
        )["roc_auc"]
        for one in (a, b)
    ]
    assert (found.low or 0) > 0 and found.p == 0.01
    assert (alone[1].high or 0) > (alone[0].low or 0)


def test_holm_agrees_with_the_golden_values_and_statsmodels() -> None:
    ps = [0.001, 0.012, 0.02, 0.03, 0.04, 0.2, 0.9]
    assert holm(ps) == pytest.approx([0.007, 0.072, 0.1, 0.12, 0.12, 0.4, 0.9])
    assert holm([]) == []
    assert holm([0.3]) == [0.3]
    with pytest.raises(ValueError, match="p-values"):
        holm([0.5, float("nan")])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels_in_any_order(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(multipletests(ps, method="holm")[1].tolist(), abs=1e-12)


def test_intervals_of_clusters_cover_what_those_of_clips_do_not() -> None:
    """200 sets of 20 systems and 20 sources, 15 clips each; half of the variance of a score lies between clusters."""
    rng = np.random.default_rng(2024)
    is_fake, clusters = np.arange(600) < 300, np.arange(600) // 15
    # Scores cross 0.5 where the logit crosses 0, and the logit has variance 2 around -0.6 or 0.6.
    truth = {"accuracy": stats.norm.cdf(0.6 / np.sqrt(2)), "roc_auc": stats.norm.cdf(1.2 / np.sqrt(4))}
    covered = {(name, unit): 0 for name in truth for unit in ("cluster", "clip")}
    for _ in range(200):
        logits = np.where(is_fake, 0.6, -0.6) + rng.normal(size=40)[clusters] + rng.normal(size=600)
        scores = 1 / (1 + np.exp(-logits))[np.newaxis]
        for unit, numbers in (("cluster", clusters), ("clip", np.arange(600))):
            found = bootstrap_measures(
                is_fake, scores, numbers, threshold=0.5, measures=list(truth), n_resamples=300, rng=rng
            )
            for name, value in truth.items():
                covered[name, unit] += (found[name].low or 0) <= value <= (found[name].high or 0)
    shares = {key: count / 200 for key, count in covered.items()}
    for name in truth:
        # 40 clusters: a percentile interval falls a little short of its 0.95; the SE of a share here is 0.02.
        assert 0.88 <= shares[name, "cluster"] <= 0.99, shares
        assert shares[name, "clip"] <= 0.65, shares
