"""Which test answers a question: the plan's, another where that one cannot be made, corrected as planned."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from studyapp.design.config_plan import AnalysisPlan
from studyapp.models import Stimulus
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.analysis_sentences import sentences_of_tests
from studyapp.services import analysis_models
from studyapp.services.analysis import analyze
from studyapp.services.analysis_classes import class_result
from studyapp.services.analysis_discrimination import discrimination
from studyapp.services.analysis_headline import holding_tests
from studyapp.services.response_import import import_responses
from studyapp.services.response_rows import ResponseMapping
from studyapp.stats.equivalence import bayes_factor_t, tost_mean
from studyapp.stats.multiple import holm
from studyapp.stats.quasi_t import quasi_t, quasi_t_contrast
from studyapp.vocab import Label
from tests.factories import make_version
from tests.studyapp.selectors.test_analysis_plan import config
from tests.studyapp.stats.crossed_judgements import FILE

BOTH, MEASURES = "listeners_and_clips", ["fake_identified", "real_identified", "discrimination"]
# Listeners in rows; the first five clips are fakes. 1 for "fake".
ANSWERS = np.random.default_rng(3).random((8, 11)) < np.repeat([0.6, 0.35], [5, 6])


def judged(answers: np.ndarray = ANSWERS, n_fake: int = 5) -> pd.DataFrame:
    """Return the judgements of a table; a None was not judged."""
    rows = [
        (f"L{listener}", clip, "fake" if clip < n_fake else "real", bool(said), bool(said) == (clip < n_fake))
        for (listener, clip), said in np.ndenumerate(answers)
        if said is not None
    ]
    return pd.DataFrame(rows, columns=["listener", "clip", "truth", "said_fake", "is_correct"])


def held(frame: pd.DataFrame, **plan: object) -> dict:
    return holding_tests(
        frame=frame,
        classes={label.value: class_result(frame, label) for label in Label},
        discrimination=discrimination(frame),
        plan=AnalysisPlan.model_validate(plan),
    )


@pytest.mark.django_db
def test_the_pages_headline_of_the_golden_judgements_is_what_lme4_fits() -> None:
    """lme4 1.1-31, glmer, Laplace: see tests/studyapp/stats/crossed_judgements.py."""
    version = make_version(slug="golden", n_fake=20, n_real=20, config=config(primary_test="quasi_t"))
    for at, frozen in enumerate(version.frozen_stimuli.order_by("pk")):
        name = f"{'F' if at < 20 else 'R'}{at % 20 + 1:02d}"
        Stimulus.objects.filter(pk=frozen.stimulus_id).update(name=name)
    columns = {"participant_id": "listener", "stimulus_id": "clip"}
    import_responses(path=FILE, slug="golden", mapping=ResponseMapping(columns=columns))
    found = analyze(study=version.study)
    for truth, expected in (
        ("fake", (0.241671, 0.353843, 0.774841, 1.017411, -161.724571)),
        ("real", (0.620468, 0.342249, 0.799453, 0.934423, -159.697147)),
    ):
        model = found["tests"]["identification"][truth]["mixed_model"]
        odds = model["log_odds"]
        numbers = (odds["estimate"], odds["standard_error"], model["clip_sd"], model["listener_sd"])
        assert (*numbers, model["log_likelihood"]) == pytest.approx(expected, abs=0.005)
        headline = found["tests"]["headline"][BOTH][f"{truth}_identified"]
        assert headline["t"] == pytest.approx(expected[0] / expected[1], abs=0.01)
        assert (headline["test"], headline["df"], headline["estimate"]) == ("crossed_mixed_model", 13, model["share"])
    # The slope of listeners, which lme4's fit was made without, is next to nothing here.
    both = found["tests"]["discrimination"]["mixed_model"]
    numbers = (both["d_prime"]["estimate"], both["d_prime"]["standard_error"], both["criterion_c"]["estimate"])
    assert numbers == pytest.approx((0.509741, 0.194029, 0.109987), abs=0.005)
    assert both["log_odds_ratio"]["estimate"] == pytest.approx(0.855894, abs=0.005)
    # The planned quasi-t needs every answer, and some are missing.
    assert found["tests"]["identification"]["fake"]["quasi_t"] is None
    assert [each["code"] for each in found["deviations"]] == ["other_test"]
    page = analysis_page(found)
    assert [row["t"] for row in page["headline"]] == ["0.68", "1.81", "2.60"]
    assert "mixed model, t(13) = 0.68, p = .507 two-sided" in sentences_of_tests(found)[0]
    assert "not every listener judged every clip once" in page["headline"][0]["note"]


@pytest.mark.once
def test_the_planned_quasi_t_is_that_of_the_table_and_corrected_over_all_primary_measures() -> None:
    found = held(judged(), primary_test="quasi_t", primary_measures=MEASURES)
    said = ANSWERS.astype(float)
    of_table = [quasi_t(said[:, :5]), quasi_t(1 - said[:, 5:]), quasi_t_contrast(said[:, :5], said[:, 5:])]
    headline = [found["headline"][BOTH][measure] for measure in MEASURES]
    for row, own in zip(headline, of_table, strict=True):
        numbers = (row["estimate"], row["t"], row["df"], row["p"])
        assert numbers == pytest.approx((own.mean, own.t, own.df, own.p_two_sided), rel=1e-12)
        assert (row["test"], row["note"], row["is_primary"]) == ("quasi_t", None, True)
    assert [row["p_adjusted"] for row in headline] == pytest.approx(holm([own.p_two_sided for own in of_table]))
    assert [row["unit"] for row in headline] == ["share", "share", "difference"]
    own = of_table[0]
    near = tost_mean(mean=own.mean, standard_error=own.standard_error, df=own.df, low=0.4, high=0.6)
    assert headline[0]["equivalence"]["p_value"] == pytest.approx(near.p_value)
    assert headline[2]["equivalence"] is None


@pytest.mark.once
def test_the_plan_chooses_sides_correction_margin_and_what_is_spoken_of() -> None:
    found = held(
        judged(),
        primary_test="t_over_listeners",
        primary_measures=["real_identified"],
        sides="one",
        margin=None,
        correction="none",
    )
    assert found["generalises_to"] == "listeners"
    row = found["headline"]["listeners"]["real_identified"]
    panel = class_result(judged(), Label.REAL)["section_vi"]["by_listener"]
    assert (row["p"], row["p_adjusted"], row["equivalence"]) == (panel["p_greater"], panel["p_greater"], None)
    assert row["bayes_factor"] == pytest.approx(bayes_factor_t(t=panel["t"], n_units=8))
    exploratory = found["headline"]["listeners"]["fake_identified"]
    assert (exploratory["is_primary"], exploratory["p_adjusted"]) == (False, None)


@pytest.mark.once
@pytest.mark.parametrize(
    ("test", "planned", "other"),
    [
        ("t_over_listeners", "listeners", BOTH),
        ("quasi_t", BOTH, "listeners"),
        ("crossed_mixed_model", BOTH, "listeners"),
    ],
)
def test_tests_of_the_population_that_the_plan_does_not_name_are_exploratory(
    test: str, planned: str, other: str
) -> None:
    headline = held(judged(), primary_test=test)["headline"]
    assert [row["is_primary"] for row in headline[planned].values()] == [True, True, False]
    for row in headline[other].values():
        assert row["p"] is not None
        assert (row["is_primary"], row["p_adjusted"]) == (False, None)


@pytest.mark.once
def test_a_primary_measure_without_a_test_still_counts_in_the_correction() -> None:
    answers = ANSWERS.copy()
    answers[:, :5] = True  # every fake recognised by all
    headline = held(judged(answers))["headline"][BOTH]
    assert headline["fake_identified"]["note"].startswith("all 8 listeners were right on all 5 fakes, so that no model")
    real = headline["real_identified"]
    assert real["p_adjusted"] == pytest.approx(min(1.0, 2 * real["p"]))


@pytest.mark.once
@pytest.mark.parametrize("word", ["right", "wrong"])
def test_where_all_answers_are_alike_who_gave_them_is_said_with_exact_bounds(word: str) -> None:
    answers = np.tile(np.arange(10) < 4, (8, 1)) == (word == "right")
    found = held(judged(answers, n_fake=4))
    headline = found["headline"][BOTH]
    bounds = [100 * binomtest(n, n).proportion_ci(method="exact").low for n in (8, 4)]
    assert headline["fake_identified"]["note"] == (
        f"all 8 listeners were {word} on all 4 fakes, so that no model has a finite estimate (exact 95 % bounds after "
        f"Clopper and Pearson: of such listeners at least {bounds[0]:.1f} % are {word} on all of these clips, and of "
        f"such clips these listeners are all {word} on at least {bounds[1]:.1f} %)"
    )
    assert headline["discrimination"]["note"] == (
        f"all 8 listeners were {word} on all 4 fakes and all 8 listeners were {word} on all 6 real sounds, so that no "
        "model has a finite estimate"
    )
    assert found["discrimination"]["quasi_t_missing"] == headline["discrimination"]["note"]
    assert "nothing can be estimated" not in str(found)


@pytest.mark.once
def test_where_some_did_not_hear_a_clip_all_are_right_on_what_they_heard() -> None:
    answers = np.tile(np.arange(10) < 5, (6, 1)).astype(object)
    answers[0, 0], answers[2, 7] = None, True
    found = held(judged(answers))
    note = found["headline"][BOTH]["fake_identified"]["note"]
    assert note.startswith("all 6 listeners were right on all 5 fakes they heard, so")
    assert "were right on all 5 fakes they heard" in found["discrimination"]["mixed_model_missing"]
    assert "real sounds" not in found["discrimination"]["mixed_model_missing"]


@pytest.mark.once
def test_where_no_model_can_be_fitted_the_quasi_t_stands_and_says_why() -> None:
    answers = np.tile(np.arange(8) % 2 == 0, (4, 1))
    answers[0, 1], answers[1, 5] = True, True  # else each clip has one answer: the effects of clips have no limit
    row = held(judged(answers, n_fake=4))["headline"][BOTH]["discrimination"]
    assert row["test"] == "quasi_t" and "grow without limit" in row["note"]


@pytest.mark.once
def test_a_large_study_is_not_fitted_and_its_quasi_t_stands_with_answers_missing(monkeypatch) -> None:
    answers = ANSWERS.astype(object)
    answers[2, 3] = None
    assert held(judged(answers))["identification"]["fake"]["quasi_t"] is None
    for limit in ("MOST_ANSWERS", "MOST_CELLS"):
        monkeypatch.undo()
        monkeypatch.setattr(analysis_models, limit, 80)
        found = held(judged(answers))
        assert "at most 50,000 answers" in found["identification"]["fake"]["mixed_model_missing"]
        assert {row["test"] for row in found["headline"][BOTH].values()} == {"quasi_t"}
