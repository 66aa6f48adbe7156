"""Variance components: against the analysis of variance, lme4's planning values, and simulated answers."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from studyapp.stats.crossed_components import (
    LatentSpread,
    estimate_components,
    estimate_contrast,
    latent_contrast,
)
from studyapp.stats.observer_model import ObserverModel, simulate_answers

pytestmark = pytest.mark.once


def test_equals_statsmodels_analysis_of_variance_where_nothing_is_missing() -> None:
    table = np.random.default_rng(3).integers(0, 2, (9, 13)).astype(float)
    long = pd.DataFrame(table).stack().rename_axis(["listener", "clip"]).rename("y").reset_index()
    squares = anova_lm(ols("y ~ C(listener) + C(clip)", long).fit())["mean_sq"]
    rest = squares["Residual"]
    theirs = ((squares["C(listener)"] - rest) / 13, (squares["C(clip)"] - rest) / 9, rest)
    found = estimate_components(table)
    assert (found.listener, found.clip, found.residual) == pytest.approx(theirs, abs=1e-12)


def test_calling_fake_what_was_real_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    table = np.where(rng.random((8, 9)) < 0.3, np.nan, rng.integers(0, 2, (8, 9)).astype(float))
    there, turned = estimate_contrast(table, 1 - table), estimate_contrast(1 - table, table)
    assert there.fake.listener == pytest.approx(turned.fake.listener, abs=1e-12)
    assert there.fake.clip == pytest.approx(turned.fake.clip, abs=1e-12)
    assert there.difference == pytest.approx(turned.difference, abs=1e-12)


def test_is_unbiased_where_answers_are_missing() -> None:
    model = ObserverModel(d_prime=1.0, criterion_c=0.1, listener_sd=0.5, clip_sd=0.6)
    truth = latent_contrast(
        d_prime=1.0, criterion_c=0.1, spread=LatentSpread(listener_sd=0.5, sensitivity_sd=0.0, clip_sd=0.6)
    )
    rng = np.random.default_rng(5)
    is_fake = np.arange(24) < 12
    found = []
    for _ in range(400):
        answers = simulate_answers(model, n_listeners=12, is_fake=is_fake, rng=rng).astype(float)
        answers[rng.random(answers.shape) < 0.5] = np.nan
        contrast = estimate_contrast(answers[:, :12], answers[:, 12:])
        found.append([contrast.fake.listener, contrast.fake.clip, contrast.fake.residual, contrast.difference])
    wanted = [truth.fake.listener, truth.fake.clip, truth.fake.residual, truth.difference]
    means, errors = np.mean(found, axis=0), np.std(found, axis=0) / 20
    assert np.all(np.abs(means - wanted) < 4 * errors)


def test_golden_judgements_give_what_lme4_fits() -> None:
    """lme4 1.1-31, probit: intercept -.109987, slope of fc .509741, SD of clips .469225, of listeners .587957.

    golden/README.md of the project's references has the call. Moments and likelihood differ a little in so few answers.
    """
    with (Path(__file__).parents[2] / "golden/crossed_judgements.csv").open() as file:
        rows = list(csv.DictReader(file))
    spread = LatentSpread(listener_sd=0.587957, sensitivity_sd=0.0, clip_sd=0.469225)
    fitted = latent_contrast(d_prime=0.509741, criterion_c=0.109987, spread=spread)
    found = estimate_contrast(_says_fake(rows, "fake"), _says_fake(rows, "real"))
    assert found.mean == pytest.approx(fitted.mean, abs=0.01)
    for moment, likelihood in ((found.fake, fitted.fake), (found.real, fitted.real)):
        assert moment.listener == pytest.approx(likelihood.listener, rel=0.25)
        assert moment.clip == pytest.approx(likelihood.clip, rel=0.25)
        assert moment.residual == pytest.approx(likelihood.residual, rel=0.05)


def _says_fake(rows: list[dict[str, str]], label: str) -> np.ndarray:
    of_label = [row for row in rows if row["truth"] == label]
    listeners = sorted({row["listener"] for row in of_label})
    clips = sorted({row["clip"] for row in of_label})
    table = np.full((len(listeners), len(clips)), np.nan)
    for row in of_label:
        table[listeners.index(row["listener"]), clips.index(row["clip"])] = float(row["response"] == "fake")
    return table


def test_latent_components_are_those_of_many_simulated_answers() -> None:
    model = ObserverModel(d_prime=0.8, criterion_c=0.3, listener_sd=0.7, clip_sd=0.4)
    truth = latent_contrast(
        d_prime=0.8, criterion_c=0.3, spread=LatentSpread(listener_sd=0.7, sensitivity_sd=0.0, clip_sd=0.4)
    )
    is_fake = np.arange(800) < 400
    answers = simulate_answers(model, n_listeners=800, is_fake=is_fake, rng=np.random.default_rng(8)).astype(float)
    found = estimate_contrast(answers[:, :400], answers[:, 400:])
    assert found.mean == pytest.approx(truth.mean, abs=0.02)
    assert found.fake.listener == pytest.approx(truth.fake.listener, rel=0.15)
    assert found.real.clip == pytest.approx(truth.real.clip, rel=0.25)
    assert found.difference == pytest.approx(truth.difference, rel=0.3)


@pytest.mark.parametrize(
    "table",
    [
        np.full((3, 3), np.nan),
        np.ones((1, 5)),
        np.ones((5, 1)),
        np.where(np.eye(4) == 1, 1.0, np.nan),  # nobody heard two, and no clip was heard twice
    ],
)
def test_says_when_nothing_can_be_told_apart(table: np.ndarray) -> None:
    with pytest.raises(ValueError):
        estimate_components(table)


@pytest.mark.parametrize("numbers", [{"listener_sd": -1.0}, {"clip_sd": float("inf")}])
def test_refuses_spreads_out_of_range(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        latent_contrast(d_prime=1.0, criterion_c=0.0, spread=LatentSpread(**numbers))
