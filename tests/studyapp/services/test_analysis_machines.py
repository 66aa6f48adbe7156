"""Listeners beside a machine: values against scikit-learn, scipy and statsmodels, by hand, and what is left out."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from studyapp.models import Machine
from studyapp.selectors.machine_comparison import DECISION_COLUMNS, FACT_COLUMNS, MachineDecisions
from studyapp.services import analysis_crowd
from studyapp.services.analysis_crowd import crowd_of
from studyapp.services.analysis_machine_clips import Both, clip_majorities, clips_of_both
from studyapp.services.analysis_machine_errors import error_results
from studyapp.services.analysis_machines import compare_with_listeners, correct_over_machines

pytestmark = pytest.mark.once
Result = dict[str, Any]


def judgements_of(said_fake: np.ndarray, is_fake: np.ndarray) -> pd.DataFrame:
    """said_fake: (n_listeners, n_clips), NaN where missing."""
    rows, columns = np.nonzero(~np.isnan(said_fake))
    frame = pd.DataFrame({"listener": [f"P{row:03d}" for row in rows], "clip": columns})
    frame["truth"] = np.where(is_fake[columns], "fake", "real")
    frame["category"] = np.array(["rain", "dog_bark", "footstep"])[columns % 3]
    frame["said_fake"] = said_fake[rows, columns] == 1
    return frame.astype({"listener": "category", "truth": "category", "category": "category"})


def both_of(judgements: pd.DataFrame, is_fake: np.ndarray, scores: Any, decisions: Any = None) -> Both:
    n = len(is_fake)
    called = np.where(np.asarray(scores, float) >= 0.5, "fake", "real") if decisions is None else decisions
    table = pd.DataFrame({"clip": range(n), "decision": called, "fake_score": scores, "split": ""})
    generators = [f"system {clip % 2}" if fake else "" for clip, fake in enumerate(is_fake)]
    facts = pd.DataFrame({"clip": range(n), "name": [f"{clip}.wav" for clip in range(n)], "generator": generators})
    facts["source_group"] = ""
    found = MachineDecisions(machine=Machine(slug="m", title="The machine"), decisions=table[DECISION_COLUMNS])
    return clips_of_both(found, clip_majorities(judgements), facts[FACT_COLUMNS], seed=42)


def compare(said_fake: np.ndarray, is_fake: np.ndarray, scores: Any, decisions: Any = None) -> Result:
    judgements = judgements_of(said_fake, is_fake)
    both = both_of(judgements, is_fake, scores, decisions)
    found = compare_with_listeners(both, crowd_of(both, judgements))
    json.dumps(found, allow_nan=False)
    return found


def drawn(n: int = 60, n_listeners: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return answers, truth and scores; what sounds fake to listeners also does to the machine, a little."""
    rng = np.random.default_rng(5)
    is_fake = np.arange(n) % 2 == 0
    sounds = rng.normal(0, 0.15, n)
    said = (rng.random((n_listeners, n)) < np.where(is_fake, 0.6, 0.35) + sounds).astype(float)
    scores = np.clip(np.where(is_fake, 0.6, 0.4) + 0.5 * sounds + rng.normal(0, 0.15, n), 0, 1)
    return said, is_fake, scores


@pytest.fixture(scope="module")
def found() -> Result:
    return compare(*drawn())


def test_the_same_question_of_several_machines_has_p_corrected_over_them() -> None:
    said, is_fake, scores = drawn()
    rng = np.random.default_rng(6)
    results = [compare(said, is_fake, np.clip(scores + rng.normal(0, sd, len(scores)), 0, 1)) for sd in (0, 0.1, 0.4)]
    results.append(compare(said, is_fake, np.full(len(scores), np.nan), np.where(is_fake, "fake", "real")))
    alone = results[:1]
    correct_over_machines(alone)
    assert alone[0]["mcnemar"]["p_holm"] is alone[0]["areas"]["crowd_minus_machine"]["p_holm"] is None
    correct_over_machines(results)
    for name, questions in (
        ("p_exact", [result["mcnemar"] for result in results]),  # of all four; the last one has no score
        ("p_two_sided", [result["areas"]["crowd_minus_machine"] for result in results[:3]]),
        ("p_two_sided", [result["correlations"]["fake"] for result in results[:3]]),
        ("p_two_sided", [result["correlations"]["real"] for result in results[:3]]),
    ):
        theirs = multipletests([found[name] for found in questions], method="holm")[1]
        assert [found["p_holm"] for found in questions] == pytest.approx(theirs)
    assert results[3]["areas"]["crowd_minus_machine"] is results[3]["correlations"]["real"]["p_holm"] is None


def test_areas_and_correlations_are_those_of_other_libraries(found: Result) -> None:
    said, is_fake, scores = drawn()
    shares = said.mean(axis=0)
    areas = found["areas"]
    assert areas["crowd"]["auc"] == pytest.approx(roc_auc_score(is_fake, shares))
    assert areas["machine"]["auc"] == pytest.approx(roc_auc_score(is_fake, scores))
    assert areas["crowd_minus_machine"]["difference"] == pytest.approx(areas["crowd"]["auc"] - areas["machine"]["auc"])
    assert areas["why"] is None
    for truth, here in (("fake", is_fake), ("real", ~is_fake)):
        row, theirs = found["correlations"][truth], stats.spearmanr(shares[here], scores[here])
        assert (row["rho"], row["p_two_sided"]) == pytest.approx((theirs.statistic, theirs.pvalue))
        assert row["interval"]["low"] < row["rho"] < row["interval"]["high"]
        assert (row["ceiling"] is None) == (row["reliability"] is None or row["reliability"] <= 0)


def test_overlap_and_its_tests_are_those_of_other_libraries(found: Result) -> None:
    said, is_fake, scores = drawn()
    human, machine = (said.mean(axis=0) > 0.5) == is_fake, (scores >= 0.5) == is_fake
    table = [[(human & machine).sum(), (human & ~machine).sum()], [(~human & machine).sum(), (~human & ~machine).sum()]]
    overlap = found["overlap"]
    assert [overlap["both_right"], overlap["only_human_right"]] == table[0]
    assert [overlap["only_machine_right"], overlap["both_wrong"]] == table[1]
    assert sum(overlap.values()) == found["n_clips"] == len(found["clips"]) == 60
    assert found["mcnemar"]["p_exact"] == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found["error_consistency"]["kappa"] == pytest.approx(cohen_kappa_score(human, machine))
    assert {row["clip"] for row in found["clips"] if row["who_is_right"] == "both_wrong"} == set(
        np.flatnonzero(~human & ~machine)
    )


def test_the_crowd_of_all_is_the_majority_and_the_area_above(found: Result) -> None:
    said, is_fake, scores = drawn()
    crowd, points = found["crowd"], found["crowd"]["points"]
    assert [point["n_listeners"] for point in points] == [1, 3, 5, 7, 9]
    human = (said.mean(axis=0) > 0.5) == is_fake
    assert points[-1]["fakes_right"] == pytest.approx(human[is_fake].mean())
    assert points[-1]["auc"] == pytest.approx(found["areas"]["crowd"]["auc"])
    assert points[0]["reals_right"] == pytest.approx(1 - said[:, ~is_fake].mean())
    right = (scores >= 0.5) == is_fake
    assert crowd["machine_balanced_accuracy"] == pytest.approx((right[is_fake].mean() + right[~is_fake].mean()) / 2)
    assert (crowd["machine_auc"], crowd["why"]) == (found["areas"]["machine"]["auc"], None)


def test_the_combination_has_the_same_areas_beside_it_and_interactions_name_their_strata(found: Result) -> None:
    together = found["combination"]
    assert (together["crowd"], together["machine"]) == (found["areas"]["crowd"], found["areas"]["machine"])
    assert together["together"]["auc"] > together["crowd"]["auc"]
    assert together["minus_crowd"]["difference"] == pytest.approx(
        together["together"]["auc"] - together["crowd"]["auc"]
    )
    by = {row["by"]: row for row in found["interactions"]}
    names = {name: [each["name"] for each in row["strata"]] for name, row in by.items()}
    assert names == {
        "truth": ["fake", "real"],
        "category": ["dog_bark", "footstep", "rain"],
        "generator": ["system 0"],  # every fake lies on an even place
    }
    assert (by["generator"]["p_permutation"], by["truth"]["n_draws"]) == (None, 2000)
    assert "of one kind" in by["generator"]["why"]


def test_a_study_of_four_clips_by_hand() -> None:
    """Shares of "fake": fakes 1, 1/3; reals 2/3, 0. Scores: fakes .9, .2; reals .3, .7."""
    said = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 0, 0, 0]], dtype=float)
    found = compare(said, np.array([True, True, False, False]), [0.9, 0.2, 0.3, 0.7])
    assert found["areas"]["crowd"]["auc"] == 0.75  # 3 of 4 pairs
    assert found["areas"]["machine"]["auc"] == 0.5
    assert [row["who_is_right"] for row in found["clips"]] == [
        "both_right", "both_wrong", "only_machine_right", "only_human_right",
    ]  # fmt: skip
    assert (found["mcnemar"]["p_exact"], found["error_consistency"]["kappa"]) == (1.0, 0.0)
    # Their mean is 1/2, so that the vote stays the majority's.
    at_mean = {"share": 0.5, "fakes_right": 0.5, "reals_right": 0.5, "balanced_accuracy": 0.5}
    assert found["crowd"]["at_mean_share"] == pytest.approx(at_mean)
    truth = found["interactions"][0]["strata"]
    assert [(row["human_accuracy"], row["machine_accuracy"]) for row in truth] == [
        (pytest.approx(2 / 3), 0.5),
        (pytest.approx(2 / 3), 0.5),
    ]
    assert "at least 20 fakes" in found["combination"]["why"]
    assert "Fewer than three clips" in found["correlations"]["fake"]["why"]


def test_where_all_clips_are_its_errors_what_follows_from_that_is_left_out() -> None:
    said, is_fake, scores = drawn()
    wrong = np.where(is_fake, scores * 0.49, 0.5 + scores * 0.49)
    found = compare(said, is_fake, wrong)
    assert found["is_all_machine_errors"]
    assert found["areas"]["crowd"] is found["areas"]["machine"] is found["combination"]["together"] is None
    assert found["mcnemar"]["p_exact"] is found["error_consistency"]["kappa"] is None
    assert found["crowd"]["machine_balanced_accuracy"] is found["crowd"]["machine_auc"] is None
    assert [row["p_permutation"] for row in found["interactions"]] == [None] * 3
    for part in (found["areas"], found["combination"], found["mcnemar"], found["interactions"][0]):
        assert "how they were chosen" in part["why"]
    assert found["correlations"]["fake"]["rho"] is not None  # within a class it is still defined
    assert found["crowd"]["points"][-1]["auc"] is not None


def test_a_machine_that_gives_only_decisions_has_no_areas_and_says_so() -> None:
    said, is_fake, _ = drawn()
    called = np.where(np.arange(60) % 3 == 0, "fake", "real")
    found = compare(said, is_fake, [None] * 60, called)
    assert found["n_clips_with_score"] == 0
    for part in (found["areas"], found["combination"], found["correlations"]["real"]):
        assert "decisions without scores" in part["why"]
    assert found["mcnemar"]["p_exact"] is not None
    assert found["clips"][0]["fake_score"] is None


def test_one_class_one_clip_ties_and_machines_that_are_always_right_give_sentences() -> None:
    said, is_fake, scores = drawn()
    fakes = compare(said, np.ones(60, bool), scores)
    assert "needs fakes and real sounds" in fakes["areas"]["why"]
    assert fakes["crowd"]["machine_balanced_accuracy"] is None
    one = compare(said[:, :2], is_fake[:2], [0.9, 0.1])
    assert one["areas"]["crowd"]["interval"] is None and "no test" in one["areas"]["why"]
    tied = compare(np.array([[1.0] * 6, [0.0] * 6]), is_fake[:6], [0.9, 0.1, 0.9, 0.1, 0.1, 0.9])
    assert "tied on every clip" in tied["mcnemar"]["why"]
    perfect = compare(said, is_fake, np.where(is_fake, 0.9, 0.1))
    assert "The machine is right on every clip" in perfect["error_consistency"]["why"]
    assert perfect["error_consistency"]["kappa"] is None
    assert perfect["areas"]["machine"] == {"auc": 1.0, "interval": None}


def test_at_their_mean_share_a_crowd_that_leans_to_real_is_right_all_the_same() -> None:
    """Shares: fakes 2/5, 1/5; reals 1/5, 0. The majority calls all real; above the mean of 1/5 lies one fake."""
    said = np.zeros((5, 4))
    said[:2, 0] = said[:1, 1] = said[:1, 2] = 1
    crowd = compare(said, np.array([True, True, False, False]), [0.9, 0.8, 0.3, 0.2])["crowd"]
    assert (crowd["points"][-1]["fakes_right"], crowd["points"][-1]["reals_right"]) == (0.0, 1.0)
    found = crowd["at_mean_share"]
    assert (found["share"], found["fakes_right"], found["reals_right"]) == pytest.approx((0.2, 0.75, 0.75))


def test_missing_answers_bound_majorities_and_are_said() -> None:
    said, is_fake, scores = drawn()
    said[:4, 0] = np.nan
    crowd = compare(said, is_fake, scores)["crowd"]
    assert "Not every listener" in crowd["why"]
    assert [point["fakes_right"] is None for point in crowd["points"]] == [False, False, False, True, True]


def test_too_many_listeners_and_clips_are_said_and_draws_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    said, is_fake, scores = drawn()
    judgements = judgements_of(said, is_fake)
    both = both_of(judgements, is_fake, scores)
    monkeypatch.setattr(analysis_crowd, "MOST_CELLS", 9 * 60 - 1)
    crowd = crowd_of(both, judgements)
    assert (crowd.points, crowd.reliability["fake"]) == ([], None)
    assert crowd.why.startswith("9 listeners and 60 clips are too many")
    many = pd.concat([both.clips] * 84, ignore_index=True)
    assert Both(machine=both.machine, clips=many, n_not_judged=0, n_trained_on=0, seed=1).n_draws == 400


def test_errors_too_rare_for_an_interval_are_said() -> None:
    said, is_fake, _ = drawn(n=40)
    right = np.arange(40) == 7
    found = compare(said, is_fake, np.where(right == is_fake, 0.9, 0.1))["error_consistency"]
    assert found["kappa"] is not None
    assert (found["interval"], found["n_draws"]) == (None, 0)
    assert "too few to say whether they err on the same clips" in found["why"]


def test_generators_are_told_apart_within_categories_only() -> None:
    """Each generator is of one category, on which listeners do better: nothing is the generator's own."""
    said, is_fake, scores = drawn()
    both = both_of(judgements_of(said, is_fake), is_fake, scores)
    own = both.clips.assign(generator=np.where(both.is_fake, both.clips["category"], ""))
    within = Both(machine=both.machine, clips=own, n_not_judged=0, n_trained_on=0, seed=1)
    generator = error_results(within)["interactions"][2]
    assert [row["name"] for row in generator["strata"]] == ["dog_bark", "footstep", "rain"]
    assert generator["p_permutation"] is None
    assert generator["why"].startswith("Wherever kinds could change places, clips are of one kind")
    mixed = own.assign(generator=np.where(both.is_fake, np.where(own.index % 4 > 0, "a", "b"), ""))
    found = error_results(Both(machine=both.machine, clips=mixed, n_not_judged=0, n_trained_on=0, seed=1))
    assert found["interactions"][2]["p_permutation"] is not None


def test_a_machine_that_is_mostly_wrong_has_a_caution_where_both_classes_are() -> None:
    said, is_fake, _ = drawn()
    for n_right, n_cautions in ((29, 1), (30, 0)):
        scores = np.where((np.arange(60) < n_right) == is_fake, 0.9, 0.1)
        cautions = compare(said, is_fake, scores)["cautions"]
        assert len(cautions) == n_cautions
    assert compare(said, np.ones(60, bool), np.full(60, 0.1) + 0.8 * (np.arange(60) < 5))["cautions"] == []
    assert (
        "says nothing of other clips"
        in compare(said, is_fake, np.where(is_fake, 0.1, np.arange(60) / 60))["cautions"][0]
    )
