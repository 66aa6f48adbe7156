"""The test that answers each question, chosen by the analysis plan, once for each population it is to speak of."""

import math
from dataclasses import asdict
from typing import Any

from studyapp.design.config_plan import AnalysisPlan
from studyapp.services.analysis_classes import CHANCE
from studyapp.services.analysis_models import model_results
from studyapp.stats.equivalence import bayes_factor_t, tost_mean
from studyapp.stats.multiple import holm

BOTH, LISTENERS = "listeners_and_clips", "listeners"  # what a headline speaks of
MIXED, QUASI_T, OVER_LISTENERS = "crossed_mixed_model", "quasi_t", "t_over_listeners"
OF_CLASS = {"fake_identified": "fake", "real_identified": "real"}
ONE_LISTENER = "one listener allows no test over listeners"
ALL_ALIKE = "all listeners have the same share, so their spread, and with it the test over listeners, is not defined"
NO_ANSWERS = "nothing was judged"

Found = dict[str, Any]


def holding_tests(*, frame: Any, classes: Found, discrimination: Found, plan: AnalysisPlan) -> Found:
    """Return the tests that hold, and for each question the one that answers it by the plan.

    `classes` and `discrimination` are those of the analysis: the tests over listeners stand there.
    """
    models = model_results(frame, seed=plan.seed)
    over = {measure: classes[truth]["section_vi"]["by_listener"] for measure, truth in OF_CLASS.items()}
    over["discrimination"] = discrimination["over_listeners"]["d_prime"]
    headline = {
        BOTH: {measure: _crossed(measure, models, plan) for measure in over},
        LISTENERS: {measure: _over_listeners(measure, found, plan) for measure, found in over.items()},
    }
    generalises_to = LISTENERS if plan.primary_test == OVER_LISTENERS else BOTH
    for scope in headline.values():
        _choose_p(scope, plan)
    _correct(headline[generalises_to], plan)
    return {
        "primary_test": plan.primary_test,
        "primary_measures": list(plan.primary_measures),
        "sides": plan.sides,
        "alpha": plan.alpha,
        "correction": plan.correction,
        "margin": plan.margin,
        "generalises_to": generalises_to,
        **models,
        "headline": headline,
    }


def other_tests(tests: Found) -> list[str]:
    """Return the primary measures whose headline is another test than the planned one, where there is a test at all."""
    headline = tests["headline"][tests["generalises_to"]]
    return [
        measure
        for measure in tests["primary_measures"]
        if headline[measure]["test"] not in (None, tests["primary_test"])
    ]


def _crossed(measure: str, models: Found, plan: AnalysisPlan) -> Found:
    """Return the planned one of the two crossed tests; where it could not be made, the other, with a note why."""
    own = models["identification"][OF_CLASS[measure]] if measure in OF_CLASS else models["discrimination"]
    found = {
        MIXED: (own["mixed_model"], own["mixed_model_missing"], _from_model),
        QUASI_T: (own["quasi_t"], own["quasi_t_missing"], _from_quasi_t),
    }
    order = [QUASI_T, MIXED] if plan.primary_test == QUASI_T else [MIXED, QUASI_T]
    note = found[order[0]][1]
    for test in order:
        result, _, made = found[test]
        if result is not None:
            return _entry(measure, test=test, note=note, **made(measure, result, plan))
    return _entry(measure, note=note)


def _from_model(measure: str, model: Found, plan: AnalysisPlan) -> Found:
    if measure not in OF_CLASS:
        return {"estimate": model["d_prime"]["estimate"], **_test(model["d_prime"]), "unit": "d_prime"}
    share = model["share"]
    equivalence = None
    if plan.margin is not None and model["interval"] is not None:
        # On log odds, where the interval of the share is made too.
        low, high = (_log_odds(CHANCE + margin) for margin in (-plan.margin, plan.margin))
        error = model["standard_error"] / (share * (1.0 - share))
        equivalence = _equivalence(_log_odds(share), error, model["log_odds"]["df"], low, high, plan.margin)
    test = _test(model["log_odds"]) | {"interval": model["interval"]}
    return {"estimate": share, **test, "unit": "share", "equivalence": equivalence}


def _from_quasi_t(measure: str, found: Found, plan: AnalysisPlan) -> Found:
    is_share = measure in OF_CLASS
    return {
        "estimate": found["mean"],
        **_test(found),
        "unit": "share" if is_share else "difference",
        "equivalence": _around_chance(found["mean"], found["standard_error"], found["df"], plan) if is_share else None,
    }


def _over_listeners(measure: str, found: Found, plan: AnalysisPlan) -> Found:
    if found["t"] is None:
        note = {0: NO_ANSWERS, 1: ONE_LISTENER}.get(found["n_units"], ALL_ALIKE)
        return _entry(measure, note=note)
    is_share = measure in OF_CLASS
    error = found["sd"] / math.sqrt(found["n_units"])
    factor = bayes_factor_t(t=found["t"], n_units=found["n_units"])
    return _entry(
        measure,
        test=OVER_LISTENERS,
        estimate=found["mean"],
        **_test(found),
        unit="share" if is_share else "d_prime",
        equivalence=_around_chance(found["mean"], error, found["df"], plan) if is_share else None,
        bayes_factor=factor if math.isfinite(factor) else None,
    )


def _test(found: Found) -> Found:
    return {name: found[name] for name in ("interval", "t", "df", "p_two_sided", "p_greater")}


def _entry(measure: str, *, note: str | None = None, **given: Any) -> Found:
    """Return a headline with all its keys; what is not given is None."""
    names = ("test", "estimate", "unit", "interval", "t", "df", "p_two_sided", "p_greater", "p", "p_adjusted")
    entry = dict.fromkeys((*names, "equivalence", "bayes_factor"))
    null = CHANCE if measure in OF_CLASS else 0.0
    return {**entry, "is_primary": False, "null": null, **given, "note": note}


def _around_chance(mean: float, error: float, df: float, plan: AnalysisPlan) -> Found | None:
    if plan.margin is None:
        return None
    return _equivalence(mean, error, df, CHANCE - plan.margin, CHANCE + plan.margin, plan.margin)


def _equivalence(mean: float, error: float, df: float, low: float, high: float, margin: float) -> Found:
    found = tost_mean(mean=mean, standard_error=error, df=df, low=low, high=high)
    return asdict(found) | {"low": CHANCE - margin, "high": CHANCE + margin}


def _log_odds(share: float) -> float:
    return math.log(share / (1.0 - share))


def _choose_p(headline: dict[str, Found], plan: AnalysisPlan) -> None:
    """Add the p-value of the plan's sides."""
    for found in headline.values():
        found["p"] = found["p_greater"] if plan.sides == "one" else found["p_two_sided"]


def _correct(headline: dict[str, Found], plan: AnalysisPlan) -> None:
    """Mark the primary tests, and add their corrected p-values.

    The headline is that of the population which the plan's test speaks of: tests that speak of another are exploratory.
    A primary measure without a test counts as one that found nothing, so that the others are corrected as planned.
    """
    primary = [headline[measure] for measure in dict.fromkeys(plan.primary_measures)]
    p_values = [1.0 if found["p"] is None else found["p"] for found in primary]
    adjusted = holm(p_values) if plan.correction == "holm" else p_values
    for found, p_value in zip(primary, adjusted, strict=True):
        found["is_primary"] = True
        found["p_adjusted"] = None if found["p"] is None else p_value
