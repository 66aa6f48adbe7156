"""For a paper: how often clips were recognised, and whether fake was told from real."""

from typing import Any

from studyapp.reports.analysis_tests import MEASURED, TEST_WORDS, bayes_words, df_words, estimate_words
from studyapp.reports.methods_study import Analysis
from studyapp.reports.numbers import counted, number, number_interval, p_statement, percent

CLASSES = {"fake": "fakes called fake", "real": "real sounds called real"}
MEASURES = {
    "fake_identified": "fakes called fake",
    "real_identified": "real sounds called real",
    "discrimination": "fake told from real",
}
# How each test is made, of a class of clips against guessing, and of fake against real.
OF_CLASS = {
    "crossed_mixed_model": (
        "For each class of clips, right and wrong answers were fitted with a logistic mixed model with crossed random "
        "intercepts of listeners and clips (maximum likelihood, Laplace approximation), and its intercept was tested "
        "against 0 by t with min(listeners, clips) − 1 degrees of freedom (@baayen2008). Shares are marginal, that is "
        "averaged over listeners and clips (@zeger1988), with 95 % intervals made on log odds."
    ),
    "quasi_t": (
        "For each class of clips, the share of right answers was tested against 50 % by a two-way quasi-t with "
        "listeners and clips both random (@clark1973; @judd2012) and Satterthwaite’s degrees of freedom "
        "(@satterthwaite1946)."
    ),
    "t_over_listeners": (
        "For each class of clips, the listeners’ shares of right answers were tested against 50 % by a one-sample "
        "t-test, which speaks of these clips only."
    ),
}
OF_BOTH = {
    "crossed_mixed_model": (
        "For fake told from real, the answers “fake” to clips of both classes were fitted with a probit mixed model "
        "(Laplace approximation) with the class of the clip, random intercepts of listeners and clips and a random "
        "slope of listeners; its slope is d′ (@decarlo1998), and was tested against 0 by t with min(listeners − 1, "
        "clips − 2) degrees of freedom (@baayen2008)."
    ),
    "quasi_t": (
        "For fake told from real, the difference between the shares of “fake” given to fakes and to real sounds was "
        "tested against 0 by a two-way quasi-t with listeners and clips both random, clips within their class "
        "(@clark1973; @judd2012), and Satterthwaite’s degrees of freedom (@satterthwaite1946)."
    ),
    "t_over_listeners": (
        "For fake told from real, the listeners’ d′, of log-linear corrected rates (@hautus1995), were tested against "
        "0 by a one-sample t-test, which speaks of these clips only."
    ),
}
OTHER_TEST = "Where the planned test ({planned}) could not be made, another stands in its place and is named."
NO_TEST = "The planned test ({planned}) could not be made of any measure."
WITH_ERROR = "with the standard error of the test above"
ON_LOG_ODDS = "on log odds, with the error of the marginal share by the delta method"


def primary_text(analysis: Analysis) -> str | None:
    """Say which tests hold by the plan, how those that were made are made, and what they found."""
    tests = analysis.get("tests")
    if not tests:
        return None
    planned, headline = tests["primary_test"], tests["headline"][tests["generalises_to"]]
    made = {measure: headline[measure] for measure in MEASURES if headline[measure]["test"] is not None}
    if not made:
        return NO_TEST.format(planned=TEST_WORDS[planned])
    how = dict.fromkeys(_how(measure, found["test"]) for measure, found in made.items())
    n_primary = len(tests["primary_measures"])
    sides = "one-sided" if tests["sides"] == "one" else "two-sided"
    corrected = " and corrected after Holm (@holm1979)" if _is_corrected(tests) else ""
    names = " and ".join(MEASURES[measure] for measure in MEASURES if headline[measure]["is_primary"])
    said = [
        *how,
        f"{counted(n_primary, 'primary test was', 'primary tests were')} {sides} at "
        f"{number(tests['alpha'])}{corrected} ({names}); all others are exploratory.",
    ]
    if any(found["test"] != planned for found in made.values()):
        said.append(OTHER_TEST.format(planned=TEST_WORDS[planned]))
    results = "; ".join(_headline(measure, found, tests) for measure, found in made.items())
    return " ".join([*said, f"Found: {results}."])


def _how(measure: str, test: str) -> str:
    """Return how the test of the measure is made."""
    return (OF_BOTH if measure == "discrimination" else OF_CLASS)[test]


def _is_corrected(tests: dict[str, Any]) -> bool:
    return bool(tests["correction"] == "holm" and len(tests["primary_measures"]) > 1)


def _headline(measure: str, found: dict[str, Any], tests: dict[str, Any]) -> str:
    """Return one question's estimate, interval and test, as the page has them."""
    estimate, interval = estimate_words(found)
    other = f", {TEST_WORDS[found['test']]}" if found["test"] != tests["primary_test"] else ""
    is_corrected = found["p_adjusted"] is not None and _is_corrected(tests)
    adjusted = f", corrected {p_statement(found['p_adjusted'])}" if is_corrected else ""
    return (
        f"{MEASURES[measure]} {MEASURED[found['unit']]}{estimate} (95 % interval {interval}, "
        f"t({df_words(found['df'])}) = {number(found['t'])}, {p_statement(found['p'])}{adjusted}{other})"
    )


def equivalence_text(analysis: Analysis) -> str | None:
    """Say how equivalence with guessing and Bayes factors were computed."""
    tests = analysis.get("tests")
    if not tests:
        return None
    said = []
    headline = tests["headline"][tests["generalises_to"]]
    tested = {measure: headline[measure] for measure in MEASURES if headline[measure]["equivalence"]}
    if tested:
        by_model = [found["test"] == "crossed_mixed_model" for found in tested.values()]
        error = ON_LOG_ODDS if all(by_model) else WITH_ERROR
        if any(by_model) and not all(by_model):
            error = f"{WITH_ERROR}, and of the mixed model {ON_LOG_ODDS}"
        found = [
            f"{MEASURES[measure]} {p_statement(each['equivalence']['p_value'])}" for measure, each in tested.items()
        ]
        said.append(
            f"Equivalence with guessing was tested by two one-sided tests at 50 % ± {percent(tests['margin'], 0)} "
            f"(@schuirmann1987), {error}. Found: {'; '.join(found)}."
        )
    factors = [
        f"{MEASURES[measure]} {bayes_words(each['bayes_factor'])}"
        for measure, each in tests["headline"]["listeners"].items()
        if each["bayes_factor"] is not None
    ]
    if factors:
        said.append(
            "Bayes factors for a difference against none are JZS with scale .707, of the t over listeners "
            f"(@rouder2009): {'; '.join(factors)}."
        )
    return " ".join(said) or None


def section_vi_text(analysis: Analysis) -> str:
    """Say how the paper's own numbers are made here, and give them."""
    said = [
        "As in section VI of @ouajdi2024, each listener’s (each clip’s) share of right answers was compared with 50 %: "
        "d = (M − 50 %) / SD, which that paper prints as z, is an effect size; t = d √n on n − 1 degrees of freedom is "
        "the test. Over listeners it speaks of other listeners who hear these clips, over clips of other clips heard "
        "by these listeners."
    ]
    for unit, words in (("by_listener", "listeners"), ("by_clip", "clips")):
        found = []
        for truth, name in CLASSES.items():
            panel = analysis["classes"][truth]["section_vi"][unit]
            if panel["t"] is not None:
                found.append(
                    f"{name} M = {percent(panel['mean'])}, SD = {percent(panel['sd'])}, d = "
                    f"{number(panel['effect_size_d'])}, t({panel['df']}) = {number(panel['t'])}, "
                    f"{p_statement(panel['p_two_sided'])} two-sided"
                )
        said += [f"Over {words}: {'; '.join(found)}."] if found else []
    return " ".join(said)


def naive_text(analysis: Analysis) -> str:
    """Say what the pooled tests are, and why not to lean on them."""
    found = []
    for truth, name in CLASSES.items():
        result, test = analysis["classes"][truth], analysis["classes"][truth]["naive_test"]
        if test["z"] is not None:
            found.append(
                f"{name} {result['n_correct']} of {result['n_judgements']}, z = {number(test['z'])}, exact binomial "
                f"{p_statement(test['exact_p_two_sided'])}"
            )
    results = f" ({'; '.join(found)})" if found else ""
    return (
        "For comparison only, all judgements were also pooled as if independent and tested against 50 % by z with the "
        f"variance under the null hypothesis and by the exact binomial test, two-sided{results}; Wilson intervals "
        "(@wilson1927) of pooled shares rest on the same assumption. Such tests ignore that answers of one listener, "
        "and answers about one clip, resemble each other, and reject true null hypotheses far too often (@clark1973)."
    )


def discrimination_text(analysis: Analysis) -> str | None:
    """Say how d' and c were estimated, and give them."""
    found, tests = analysis["discrimination"], analysis.get("tests")
    if found["pooled"]["d_prime"] is None:
        return None
    said = [
        "Sensitivity d′ = z(H) − z(F) and criterion c = −[z(H) + z(F)] / 2, “fake” being the signal, so that c > 0 "
        "leans to “real”, were computed for each listener from log-linear corrected rates (@hautus1995)."
    ]
    over = [
        _over_listeners(name, found["over_listeners"][key])
        for name, key in (("d′", "d_prime"), ("c", "criterion_c"))
        if found["over_listeners"][key]["t"] is not None
    ]
    if over:
        said.append(f"Means over listeners were tested against 0 by t: {'; '.join(over)}.")
    pooled = found["pooled"]
    said.append(
        f"Pooled over all judgements d′ = {number(pooled['d_prime'])} (95 % interval "
        f"{number_interval(pooled['d_prime_interval'])} by the variance of @gourevitch1967, which counts judgements as "
        f"independent) and c = {number(pooled['criterion_c'])}."
    )
    model = tests["discrimination"]["mixed_model"] if tests else None
    if model:
        said.append(
            "d′ and c of the middle listener and clip were estimated by a probit mixed model of the answer “fake” on "
            "the class of the clip, with random intercepts of listeners and clips and a random slope of listeners "
            f"(@decarlo1998): d′ = {number(model['d_prime']['estimate'])} (95 % interval "
            f"{number_interval(model['d_prime']['interval'])}), c = {number(model['criterion_c']['estimate'])} "
            f"({number_interval(model['criterion_c']['interval'])})."
        )
    return " ".join(said)


def _over_listeners(name: str, found: dict[str, Any]) -> str:
    return (
        f"{name} M = {number(found['mean'])}, SD = {number(found['sd'])}, 95 % interval "
        f"{number_interval(found['interval'])}, t({found['df']}) = {number(found['t'])}, "
        f"{p_statement(found['p_two_sided'])}"
    )


def categories_text(analysis: Analysis) -> str | None:
    """Say what the intervals by category are."""
    if not analysis["categories"]:
        return None
    return (
        f"Shares of right answers in {counted(len(analysis['categories']), 'combination')} of category and class are "
        "given with Wilson’s 95 % intervals (@wilson1927), which count judgements as independent. Means over clips "
        "were tested against 50 % by t over clips, with the corrections of @benjamini1995 and @holm1979 over the "
        "tests. All of this is exploratory."
    )
