"""The tests that speak of other listeners and other clips: crossed mixed models and the two-way quasi-t."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from studyapp.selectors.answer_tables import answer_tables
from studyapp.services.analysis_classes import CHANCE, interval_dict
from studyapp.stats.cluster_bootstrap import Bootstrap, bootstrap_contrast, bootstrap_mean
from studyapp.stats.crossed_fit import NotEstimable
from studyapp.stats.mixed_models import Coefficient, CrossedFit, Judgements, fit_crossed, marginal_share
from studyapp.stats.proportions import Interval, clopper_pearson_interval
from studyapp.stats.quasi_t import QuasiT, is_crossed, quasi_t, quasi_t_contrast
from studyapp.vocab import Label

# Beyond these a fit takes minutes, and with so many listeners the quasi-t says the same.
MOST_ANSWERS = 50_000
MOST_CELLS = 500_000  # listeners times clips, heard or not

NOT_CROSSED = (
    "nothing can be said of other listeners and clips: it takes two listeners who judged two clips each, and two "
    "clips judged by two listeners each"
)
NOT_BOTH = "it takes clips of both classes, each class judged by the same two listeners or more"
TOO_LARGE = (
    f"mixed models are fitted to at most {MOST_ANSWERS:,} answers and {MOST_CELLS:,} pairs of a listener and a clip"
)
INCOMPLETE = "not every listener judged every clip once, as the quasi-t needs; the mixed model does not need it"
ALL_SAME = "{who_said_what}, so that no model has a finite estimate"
BOUNDS = (
    " (exact 95 % bounds after Clopper and Pearson: of such listeners at least {listeners:.1f} % are {right} on all of "
    "these clips, and of such clips these listeners are all {right} on at least {clips:.1f} %)"
)
NO_SPREAD = "listeners and clips do not differ at all, so that the quasi-t has no error to be divided by"
NO_ESTIMATE = "the mixed model has no estimate: {error}"

Table = NDArray[np.float64]


def model_results(frame: pd.DataFrame, *, seed: int) -> dict[str, Any]:
    """Return both tests of each class against guessing, and of fake against real; where one is None, a sentence why.

    Identification of a class: logistic mixed model of "right" and two-way quasi-t of the share. Discrimination: probit
    mixed model of "fake", whose slope is d' and whose intercept is -c (DeCarlo 1998), the same with logit, and the
    quasi-t of P("fake" | fake) - P("fake" | real); the slope differs between listeners in both models. Beside both, as
    a check that assumes no distribution, the two-way bootstrap, drawn from the seed.
    """
    tables = answer_tables(frame)
    is_large = len(frame) > MOST_ANSWERS or sum(table.size for table in tables.values()) > MOST_CELLS
    return {
        "identification": {
            label.value: _identification(frame, label, tables[label], seed=seed, is_large=is_large)
            for label in (Label.FAKE, Label.REAL)
        },
        "discrimination": _discrimination(frame, tables, seed=seed, is_large=is_large),
    }


def _identification(
    frame: pd.DataFrame, label: Label, said_fake: Table, *, seed: int, is_large: bool
) -> dict[str, Any]:
    judged = frame[frame["truth"] == label.value]
    right = said_fake if label is Label.FAKE else 1.0 - said_fake
    said = _said_alike(judged, label)
    alike = f"{ALL_SAME.format(who_said_what=said)}{_bounds(judged)}" if said else ""
    problem = alike if is_crossed(right) else NOT_CROSSED
    found = _fitted(lambda: _share_model(_judgements(judged, "is_correct")), problem, is_large=is_large)
    is_complete = _is_complete(right, len(judged))
    return {
        "is_complete": is_complete,
        **found,
        **_quasi_t(lambda: quasi_t(right, null=CHANCE), problem, is_shown=is_complete or is_large),
        "bootstrap": _bootstrap(lambda: bootstrap_mean(right, seed=seed), is_drawn=not (problem or is_large)),
    }


def _discrimination(frame: pd.DataFrame, tables: dict[Label, Table], *, seed: int, is_large: bool) -> dict[str, Any]:
    fake, real = tables[Label.FAKE], tables[Label.REAL]
    hear_both = ((~np.isnan(fake)).any(axis=1) & (~np.isnan(real)).any(axis=1)).sum() > 1
    by_class = (_said_alike(frame[frame["truth"] == label.value], label) for label in (Label.FAKE, Label.REAL))
    said = [words for words in by_class if words]
    alike = ALL_SAME.format(who_said_what=" and ".join(said)) if said else ""
    # With one class alike the quasi-t still has the spread of the other.
    problem = (alike if len(said) == 2 else "") if hear_both and is_crossed(fake) and is_crossed(real) else NOT_BOTH
    is_complete = _is_complete(np.hstack([fake, real]), len(frame))
    return {
        "is_complete": is_complete,
        **_fitted(lambda: _detection_model(_judgements(frame, "said_fake")), problem or alike, is_large=is_large),
        **_quasi_t(lambda: quasi_t_contrast(fake, real), problem, is_shown=is_complete or is_large),
        "bootstrap": _bootstrap(lambda: bootstrap_contrast(fake, real, seed=seed), is_drawn=not (problem or is_large)),
    }


def _said_alike(judged: pd.DataFrame, label: Label) -> str:
    """Say that all answers to the clips of a class are the same; empty where they differ."""
    is_right = judged["is_correct"].to_numpy(dtype=bool)
    if not len(is_right) or is_right.any() != is_right.all():
        return ""
    n, k = judged["listener"].nunique(), judged["clip"].nunique()
    of = "fakes" if label is Label.FAKE else "real sounds"
    return f"all {n} listeners were {_right(judged)} on all {k} {of}{'' if len(judged) >= n * k else ' they heard'}"


def _bounds(judged: pd.DataFrame) -> str:
    """Return what n of n alike say of others, with the listeners as a sample, and with the clips."""
    bounds = {}
    for unit in ("listener", "clip"):
        n = judged[unit].nunique()
        interval = clopper_pearson_interval(n_successes=n, n_trials=n)
        bounds[f"{unit}s"] = 100 * interval.low if interval else 0.0
    return BOUNDS.format(right=_right(judged), **bounds)


def _right(judged: pd.DataFrame) -> str:
    return "right" if judged["is_correct"].all() else "wrong"


def _judgements(frame: pd.DataFrame, answer: str) -> Judgements:
    """Return the answers in long form, with +.5 for a fake and -.5 for a real clip where both are there."""
    is_fake = (frame["truth"] == Label.FAKE.value).to_numpy()
    return Judgements(
        answers=frame[answer].to_numpy(dtype=np.float64),
        listeners=pd.factorize(frame["listener"])[0],
        clips=pd.factorize(frame["clip"])[0],
        covariate=np.where(is_fake, 0.5, -0.5) if is_fake.any() and not is_fake.all() else None,
    )


def _fitted(fit: Callable[[], dict[str, Any]], problem: str, *, is_large: bool) -> dict[str, Any]:
    problem = problem or (TOO_LARGE if is_large else "")
    if problem:
        return {"mixed_model": None, "mixed_model_missing": problem}
    try:
        return {"mixed_model": fit(), "mixed_model_missing": None}
    except NotEstimable as error:
        return {"mixed_model": None, "mixed_model_missing": NO_ESTIMATE.format(error=error)}


def _quasi_t(test: Callable[[], QuasiT], problem: str, *, is_shown: bool) -> dict[str, Any]:
    if problem or not is_shown:
        return {"quasi_t": None, "quasi_t_missing": problem or INCOMPLETE}
    found = test()
    if found.t is None:
        return {"quasi_t": None, "quasi_t_missing": NO_SPREAD}
    return {"quasi_t": asdict(found), "quasi_t_missing": None}


def _bootstrap(draw: Callable[[], Bootstrap], *, is_drawn: bool) -> dict[str, Any] | None:
    """Return the bootstrap; None where all draws are alike, whose interval would say that nothing is uncertain."""
    found = draw() if is_drawn else None
    return asdict(found) if found is not None and found.standard_error else None


def _is_complete(table: Table, n_answers: int) -> bool:
    """Whether each listener judged each clip, and once: an answer given again is not in the table."""
    return bool(table.size and not np.isnan(table).any() and n_answers == table.size)


def _share_model(judgements: Judgements) -> dict[str, Any]:
    fit = fit_crossed(judgements)
    share = marginal_share(fit)
    return {
        "share": share.proportion,
        "standard_error": share.standard_error,
        "interval": interval_dict(share.interval),
        "log_odds": _coefficient(fit.intercept),
        **_spreads(fit),
    }


def _detection_model(judgements: Judgements) -> dict[str, Any]:
    probit = fit_crossed(judgements, link="probit", listener_slope=True)
    logit = fit_crossed(judgements, listener_slope=True)
    return {
        "d_prime": _coefficient(probit.slope),
        "criterion_c": _coefficient(_turned(probit.intercept)),
        "log_odds_ratio": _coefficient(logit.slope),
        **_spreads(probit),
        "listener_d_prime_sd": probit.listener.slope_sd,
    }


def _spreads(fit: CrossedFit) -> dict[str, Any]:
    return {
        "listener_sd": fit.listener.sd,
        "clip_sd": fit.clip.sd,
        "log_likelihood": fit.log_likelihood,
        "notes": list(fit.notes),
    }


def _coefficient(found: Coefficient | None) -> dict[str, Any]:
    """Return a fixed effect with both p-values; p_greater is one-sided, for an effect above 0."""
    # Of answers that are crossed, the only ones fitted here, there always is a test.
    if found is None or found.t is None or found.df is None:
        raise NotEstimable("there are too few listeners or clips for a test")
    return {**asdict(found), "p_greater": float(student.sf(found.t, found.df))}


def _turned(found: Coefficient) -> Coefficient:
    """Return the effect with the other sign: c is minus the intercept."""
    given = found.interval
    return Coefficient(
        estimate=-found.estimate,
        standard_error=found.standard_error,
        t=None if found.t is None else -found.t,
        df=found.df,
        p_two_sided=found.p_two_sided,
        interval=None if given is None else Interval(low=-given.high, high=-given.low, confidence=given.confidence),
    )
