"""The tests that hold, in words and rounded numbers: the one that answers each question, and all of them in detail."""

from typing import Any

from studyapp.reports.numbers import (
    DASH,
    counted,
    cut_to_shares,
    number,
    number_interval,
    p_value,
    percent,
    percent_interval,
)

SCOPES = {"listeners_and_clips": "listeners and clips", "listeners": "listeners, these clips"}
SPEAKS_OF = {
    "listeners_and_clips": "They speak of other listeners and other clips of these kinds.",
    "listeners": "They speak of other listeners of this kind who hear these same clips, and of no other clips.",
}
TEST_WORDS = {
    "crossed_mixed_model": "mixed model",
    "quasi_t": "two-way quasi-t",
    "t_over_listeners": "t over listeners",
}
QUESTIONS = {
    "fake_identified": "Fakes called fake",
    "real_identified": "Real sounds called real",
    "discrimination": "Fake told from real",
}
MEASURED = {"share": "", "d_prime": "d′ = ", "difference": "a difference of "}  # before an estimate in a sentence
UNITS = {"share": "", "d_prime": " (d′)", "difference": " (difference)"}
CLASSES = {"fake": "Fakes called fake", "real": "Real sounds called real"}
PLANNED = {
    "listeners_and_clips": "The primary test of the analysis plan speaks of other clips too.",
    "listeners": "The primary test of the analysis plan speaks of these clips alone.",
}


def scope_of(analysis: dict[str, Any], asked: str | None) -> str:
    """Return what the headline speaks of: what was asked for, else what the plan's primary test does."""
    return asked if asked in SCOPES else str(analysis["tests"]["generalises_to"])


def headline_of(analysis: dict[str, Any], scope: str) -> dict[str, Any]:
    """Return the headline of each measure."""
    return dict(analysis["tests"]["headline"][scope])


def tests_page(analysis: dict[str, Any], scope: str) -> dict[str, Any]:
    """Return the template's context of the headline and of the tests that hold."""
    tests = analysis["tests"]
    planned = tests["generalises_to"]
    headline = headline_of(analysis, scope)
    margin = percent(tests["margin"], 0) if tests["margin"] is not None else ""
    return {
        "scopes": [{"code": code, "words": words, "is_current": code == scope} for code, words in SCOPES.items()],
        "speaks_of": SPEAKS_OF[scope],
        "other_scope": PLANNED[planned] if scope != planned else "",
        "sides": "one-sided" if tests["sides"] == "one" else "two-sided",
        "margin": margin,
        "corrects": tests["correction"] == "holm" and scope == planned,
        "n_primary": counted(len(tests["primary_measures"]), "primary test"),
        "has_headline": any(found["test"] for found in headline.values()),
        "can_generalise": any(found["test"] for each in tests["headline"].values() for found in each.values()),
        "headline": [_headline_row(measure, found) for measure, found in headline.items()],
        "tests": _test_rows(analysis),
        "models": _model_rows(tests),
        "model_notes": _notes(tests),
    }


def estimate_words(found: dict[str, Any]) -> tuple[str, str]:
    """Return the estimate of a headline and its interval as readers see them; an interval of shares is cut to them."""
    if found["unit"] == "share":
        shown, cut = cut_to_shares(found["interval"])
        return percent(found["estimate"]), percent_interval(shown) + (f", {cut}" if cut else "")
    if found["unit"] == "difference":
        return f"{number(100 * found['estimate'], 1)} points", _points(found["interval"])
    return number(found["estimate"]), number_interval(found["interval"])


def _points(interval: dict[str, float]) -> str:
    """Return an interval of a difference of shares, cut to what such a difference can be."""
    low, high = (100 * min(1.0, max(-1.0, interval[end])) for end in ("low", "high"))
    cut = ", cut at ±100" if max(abs(interval["low"]), abs(interval["high"])) > 1 else ""
    return f"{number(low, 1)} to {number(high, 1)} points{cut}"


def df_words(df: float | None) -> str:
    """Return degrees of freedom, which Satterthwaite's are no whole number of.

    >>> df_words(13), df_words(38.26), df_words(None)
    ('13', '38.3', '–')
    """
    return DASH if df is None else str(df) if isinstance(df, int) else number(df, 1)


def _headline_row(measure: str, found: dict[str, Any]) -> dict[str, Any]:
    estimate, interval = estimate_words(found) if found["test"] else (DASH, DASH)
    return {
        "question": QUESTIONS[measure],
        "role": "primary" if found["is_primary"] else "exploratory",
        "estimate": estimate + UNITS.get(found["unit"] or "share", ""),
        "interval": interval,
        "test": TEST_WORDS.get(found["test"], DASH),
        "t": number(found["t"]),
        "df": df_words(found["df"]),
        "p": p_value(found["p"]),
        "p_adjusted": p_value(found["p_adjusted"]),
        "equivalence": p_value(found["equivalence"]["p_value"]) if found["equivalence"] else DASH,
        "note": f"{QUESTIONS[measure]}: {found['note']}." if found["note"] else "",
    }


def _test_rows(analysis: dict[str, Any]) -> list[dict[str, str]]:
    """Return every test of every question, those of listeners and clips first."""
    tests, rows = analysis["tests"], []
    for truth, question in CLASSES.items():
        own, over = tests["identification"][truth], analysis["classes"][truth]["section_vi"]["by_listener"]
        model = own["mixed_model"]
        if model:
            # The test is that of the log odds; what it says is shown as a share.
            share = model["log_odds"] | {"unit": "share", "estimate": model["share"], "interval": model["interval"]}
            rows.append(_test_row(question, "mixed model", share))
        if own["quasi_t"]:
            found = {"unit": "share", "estimate": own["quasi_t"]["mean"], **own["quasi_t"]}
            rows.append(_test_row(question, "two-way quasi-t", found))
        rows += _bootstrap_row(question, "share", own["bootstrap"])
        factor = tests["headline"]["listeners"][f"{truth}_identified"]["bayes_factor"]
        over = {"unit": "share", "estimate": over["mean"], **over}
        rows.append(_test_row(question, "t over listeners", over, factor))
    own, over = tests["discrimination"], analysis["discrimination"]["over_listeners"]["d_prime"]
    if own["mixed_model"]:
        d_prime = {"unit": "d_prime", **own["mixed_model"]["d_prime"]}
        rows.append(_test_row("Fake told from real, d′", "probit mixed model", d_prime))
        ratio = {"unit": "d_prime", **own["mixed_model"]["log_odds_ratio"]}
        rows.append(_test_row("Fake told from real, log odds ratio", "logistic mixed model", ratio))
    if own["quasi_t"]:
        found = {"unit": "difference", "estimate": own["quasi_t"]["mean"], **own["quasi_t"]}
        rows.append(_test_row("“Fake” to fakes minus to real sounds", "two-way quasi-t", found))
    rows += _bootstrap_row("“Fake” to fakes minus to real sounds", "difference", own["bootstrap"])
    factor = tests["headline"]["listeners"]["discrimination"]["bayes_factor"]
    over = {"unit": "d_prime", "estimate": over["mean"], **over}
    return [*rows, _test_row("Fake told from real, d′", "t over listeners", over, factor)]


def _test_row(question: str, test: str, found: dict[str, Any], bayes_factor: float | None = None) -> dict[str, str]:
    estimate, interval = estimate_words(found)
    return {
        "question": question,
        "test": test,
        "speaks_of": "listeners" if test == "t over listeners" else "listeners and clips",
        "estimate": estimate,
        "interval": interval,
        "t": number(found["t"]),
        "df": df_words(found["df"]),
        "p_two_sided": p_value(found["p_two_sided"]),
        "p_greater": p_value(found["p_greater"]),
        "bayes_factor": bayes_words(bayes_factor),
    }


def _bootstrap_row(question: str, unit: str, found: dict[str, Any] | None) -> list[dict[str, str]]:
    if found is None or found["interval"] is None:
        return []
    without = dict.fromkeys(("t", "df", "p_two_sided", "p_greater"))
    return [_test_row(question, "two-way bootstrap, a check", {**without, **found, "unit": unit})]


def bayes_words(factor: float | None) -> str:
    """Return a Bayes factor with as many digits as say something.

    >>> bayes_words(1.2058), bayes_words(0.0214), bayes_words(24310.0), bayes_words(None)
    ('1.21', '0.021', '> 1000', '–')
    """
    if factor is None:
        return DASH
    return "> 1000" if factor > 1000 else number(factor, 0 if factor >= 100 else 2 if factor >= 0.1 else 3)


def _model_rows(tests: dict[str, Any]) -> list[dict[str, str]]:
    """Return the parameters of each mixed model that was fitted."""
    rows = []
    for truth, question in CLASSES.items():
        model = tests["identification"][truth]["mixed_model"]
        if model:
            rows.append(_model_row(f"{question} (logit)", "intercept", model["log_odds"], model, DASH))
    model = tests["discrimination"]["mixed_model"]
    if model:
        slope_sd = number(model["listener_d_prime_sd"])
        rows.append(_model_row("“Fake” by class (probit)", "d′", model["d_prime"], model, slope_sd))
        rows.append(_model_row("“Fake” by class (probit)", "c", model["criterion_c"], model, slope_sd))
    return rows


def _model_row(name: str, what: str, found: dict[str, Any], model: dict[str, Any], slope_sd: str) -> dict[str, str]:
    return {
        "name": name,
        "what": what,
        "estimate": number(found["estimate"], 3),
        "error": number(found["standard_error"], 3),
        "interval": number_interval(found["interval"]),
        "listener_sd": number(model["listener_sd"]),
        "slope_sd": slope_sd,
        "clip_sd": number(model["clip_sd"]),
        "log_likelihood": number(model["log_likelihood"]),
    }


def _notes(tests: dict[str, Any]) -> list[str]:
    """Return what a model's fit says of itself, and why a test is not there."""
    named = {CLASSES[truth]: found for truth, found in tests["identification"].items()}
    notes = []
    for name, found in {**named, QUESTIONS["discrimination"]: tests["discrimination"]}.items():
        notes += [f"{name}: {note}" for note in (found["mixed_model"] or {}).get("notes", [])]
        missing = {"No mixed model": found["mixed_model_missing"], "No quasi-t": found["quasi_t_missing"]}
        notes += [f"{name}. {what}: {why}." for what, why in missing.items() if why]
    return notes
