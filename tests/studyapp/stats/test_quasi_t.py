"""Quasi-t: against mean squares from statsmodels' analysis of variance, the paired t-test, and at the edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from studyapp.stats.mixed_models import fit_crossed, judgements_of, marginal_share
from studyapp.stats.observer_model import ObserverModel, simulate_answers
from studyapp.stats.quasi_t import quasi_t, quasi_t_contrast
from tests.studyapp.stats.crossed_judgements import golden_table

pytestmark = pytest.mark.once


def simulated(seed: int, n_listeners: int, n_clips: int, *, d_prime: float = 0.0) -> np.ndarray:
    model = ObserverModel(d_prime=d_prime, criterion_c=0.0, listener_sd=0.5, clip_sd=0.6)
    is_fake = np.ones(n_clips, dtype=bool)
    return simulate_answers(model, n_listeners=n_listeners, is_fake=is_fake, rng=np.random.default_rng(seed)).astype(
        float
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_is_clarks_formula_on_statsmodels_mean_squares(seed: int) -> None:
    table = simulated(seed, 12, 17)
    n_listeners, n_clips = table.shape
    long = pd.DataFrame(table).stack().rename_axis(["listener", "clip"]).rename("y").reset_index()
    squares = anova_lm(ols("y ~ C(listener) + C(clip)", long).fit())
    ms = {
        name: squares.loc[row, "mean_sq"] for name, row in (("l", "C(listener)"), ("c", "C(clip)"), ("e", "Residual"))
    }
    assert min(ms["l"], ms["c"]) > ms["e"]  # else a variance counts as 0, which Clark's formula does not do
    total = ms["l"] + ms["c"] - ms["e"]
    se = (total / table.size) ** 0.5
    df = total**2 / (
        ms["l"] ** 2 / (n_listeners - 1)
        + ms["c"] ** 2 / (n_clips - 1)
        + ms["e"] ** 2 / ((n_listeners - 1) * (n_clips - 1))
    )
    found = quasi_t(table)
    assert found.standard_error == pytest.approx(se, rel=1e-9)
    assert found.df == pytest.approx(df, rel=1e-9)
    assert found.t == pytest.approx((table.mean() - 0.5) / se, rel=1e-9)
    assert found.p_two_sided == pytest.approx(2 * stats.t.sf(abs(found.t or 0.0), df), rel=1e-9)


@pytest.mark.parametrize("truth", ["fake", "real"])
def test_golden_judgements_have_the_interval_that_lme4s_model_has(truth: str) -> None:
    """Moments and likelihood answer the same question; on these data, 8 % missing, within two points."""
    table = golden_table("correct", "1", truth=truth)
    found, model = quasi_t(table), marginal_share(fit_crossed(judgements_of(table)))
    assert found.interval is not None
    assert model.interval is not None
    assert found.mean == pytest.approx(model.proportion, abs=0.02)
    assert found.interval.low == pytest.approx(model.interval.low, abs=0.03)
    assert found.interval.high == pytest.approx(model.interval.high, abs=0.03)


def test_contrast_is_the_nested_analysis_of_variance_of_statsmodels() -> None:
    """SE^2 = 2 (MS_LK + MS_C(K) - MS_E) / (I J), with clips nested in their kind (Westfall, Kenny & Judd 2014)."""
    fake, real = simulated(4, 10, 8, d_prime=1.0), 1.0 - simulated(5, 10, 8, d_prime=1.0)
    found = quasi_t_contrast(fake, real)
    long = pd.concat(
        [pd.DataFrame(table).stack().rename("y").to_frame().assign(kind=at) for at, table in enumerate((fake, real))]
    )
    long = long.rename_axis(["listener", "clip"]).reset_index()
    squares = anova_lm(ols("y ~ C(listener) * C(kind) + C(kind):C(clip)", long).fit())["mean_sq"]
    total = 2 * (squares["C(listener):C(kind)"] + squares["C(kind):C(clip)"] - squares["Residual"]) / 80
    assert found.mean == pytest.approx(fake.mean() - real.mean())
    assert found.standard_error == pytest.approx(total**0.5, rel=1e-9)
    # Each kind has its own mean squares of clips and residual: Satterthwaite's degrees of freedom are over five.
    parts = [(2 * squares["C(listener):C(kind)"] / 80, 9)]
    for _, own in long.groupby("kind"):
        of = anova_lm(ols("y ~ C(listener) + C(clip)", own).fit())["mean_sq"] / 80
        assert of["C(clip)"] > of["Residual"]  # else a variance counts as 0
        parts += [(of["C(clip)"], 7), (of["Residual"], 63)]
    assert found.df == pytest.approx(total**2 / sum(square**2 / df for square, df in parts), rel=1e-9)
    assert found.p_two_sided == pytest.approx(2 * stats.t.sf(abs(found.mean / total**0.5), found.df), rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), missing=st.floats(0.0, 0.5))
def test_turning_the_answers_mirrors_the_interval_and_order_does_not_matter(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    table = simulated(seed, 7, 9)
    table[rng.random(table.shape) < missing] = np.nan
    there, turned = quasi_t(table), quasi_t(1.0 - table)
    mixed = quasi_t(table[rng.permutation(7)][:, rng.permutation(9)])
    assert (there.interval is None) == (turned.interval is None) == (mixed.interval is None)
    if there.interval and turned.interval and mixed.interval:
        assert there.interval.low == pytest.approx(1.0 - turned.interval.high, abs=1e-9)
        assert there.p_two_sided == pytest.approx(turned.p_two_sided, abs=1e-9)
        assert there.interval.low == pytest.approx(mixed.interval.low, abs=1e-9)
        assert there.df is not None
        assert there.df > 0


@pytest.mark.parametrize(
    "table",
    [
        np.empty((0, 0)),
        np.empty((3, 0)),
        np.full((3, 4), np.nan),
        np.array([[1.0, 0.0, 1.0]]),
        np.array([[1.0], [0.0], [1.0]]),
        np.ones((4, 5)),
        np.where(np.eye(4) == 1, 1.0, np.nan),
    ],
)
def test_has_no_test_where_nothing_can_be_told_apart(table: np.ndarray) -> None:
    found = quasi_t(table)
    assert (found.standard_error, found.t, found.df, found.p_two_sided, found.interval) == (None,) * 5
    seen = table[~np.isnan(table)]
    assert found.mean == (seen.mean() if len(seen) else None)
    assert quasi_t_contrast(table, table).t is None


def test_refuses_classes_with_different_listeners() -> None:
    with pytest.raises(ValueError, match="same listeners"):
        quasi_t_contrast(np.ones((3, 2)), np.ones((4, 2)))
