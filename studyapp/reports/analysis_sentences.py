"""The answers of a study in sentences, each with its interval, for readers who are no statisticians.

Shares come first, and what they mean; t, df and p stand in sentences of their own.
"""

from typing import Any

from studyapp.reports.analysis_tests import QUESTIONS, TEST_WORDS, df_words, estimate_words, headline_of, scope_of
from studyapp.reports.flagged_sentence import flagged_sentence
from studyapp.reports.numbers import counted, number, number_interval, p_statement, percent, percent_interval
from studyapp.reports.scales_page import pair_sentences
from studyapp.stats.signal_detection import share_of_pairs
from studyapp.vocab import Origin

FEW_LISTENERS = 5  # below this, an interval over listeners is only formal
CLASS_WORDS = {"fake": ("fakes", "fake"), "real": ("real sounds", "real")}
GUESSING = {"share": 0.5, "d_prime": 0.0, "difference": 0.0}


def answer_sentences(analysis: dict[str, Any], generalise: str | None = None) -> list[str]:
    """Return the answers, most important first; on a study without answers, one sentence that says so.

    `generalise` is what they are to speak of, listeners_and_clips or listeners; by default what the plan's test does.
    """
    counts, flow = analysis["counts"], analysis["flow"]
    of_pairs = pair_sentences(analysis)
    if not counts["n_judgements"]:
        return of_pairs or [_nothing_yet(flow)]
    who = "simulated participant" if analysis["origin"] == Origin.BOT else "listener"
    listeners = counted(counts["n_listeners"], who)
    sentences = [
        f"{listeners} gave {counted(counts['n_judgements'], 'judgement')} of {counted(counts['n_clips'], 'clip')}."
    ]
    if 1 < counts["n_listeners"] < FEW_LISTENERS:
        sentences.append(few_listeners(listeners))
    tests, headline = analysis["tests"], headline_of(analysis, scope_of(analysis, generalise))
    sentences += [
        _class_sentence(truth, analysis["classes"][truth], headline[f"{truth}_identified"], tests)
        for truth in ("fake", "real")
    ]
    sentences += _discrimination_sentences(analysis, headline["discrimination"])
    sentences += of_pairs
    return sentences + [each for each in (_reason_sentence(analysis["reasons"]), flagged_sentence(analysis)) if each]


def sentences_of_tests(analysis: dict[str, Any], generalise: str | None = None) -> list[str]:
    """Return the tests that the answers rest on, one sentence a question; none where nothing could be tested."""
    headline = headline_of(analysis, scope_of(analysis, generalise))
    return [
        f"{QUESTIONS[measure]}: {_test_words(found, analysis['tests'])}."
        for measure, found in headline.items()
        if found["test"] is not None
    ]


def few_listeners(listeners: str) -> str:
    """Say what intervals over so few listeners are worth."""
    return f"With {listeners}, intervals over listeners are only formal: they say next to nothing of other listeners."


def _nothing_yet(flow: dict[str, Any]) -> str:
    if not flow["started"]:
        return "Nobody has taken part yet."
    if not flow["completed"]:
        return f"{counted(flow['started'], 'session')} started, none completed: there is nothing to analyse yet."
    return f"{counted(flow['completed'], 'session')} completed, but none enters the analysis: see the flow below."


def _class_sentence(truth: str, result: dict[str, Any], found: dict[str, Any], tests: dict[str, Any]) -> str:
    """Say how often clips of the class were recognised, and whether that is more or less often than by guessing."""
    plural, word = CLASS_WORDS[truth]
    if not result["n_judgements"]:
        return f"No {plural} were judged."
    share = (
        f"{plural[0].upper()}{plural[1:]} were called {word} in {percent(result['proportion_correct'])} of judgements"
    )
    if found["test"] is None:
        return f"{share}; {found['note']}."
    estimate, interval = estimate_words(found)
    if _is_found(found, tests):
        direction = "more" if found["t"] > 0 else "less"
        verdict = f"is {direction} often than by guessing (50 %)"
    else:
        than = "be more often than by" if tests["sides"] == "one" else "differ from"
        verdict = f"is not shown to {than} guessing (50 %){_equivalence_words(found, tests)}"
    return (
        f"{share}. The estimate for {_whom(found)} is {estimate}, 95 % interval {interval}: that {verdict}."
        f"{_stricter_words(found, tests)}"
    )


def _is_found(found: dict[str, Any], tests: dict[str, Any]) -> bool:
    """Whether the test finds something at the plan's level; for a primary measure the corrected p-value decides."""
    return bool((found["p"] if found["p_adjusted"] is None else found["p_adjusted"]) < tests["alpha"])


def _whom(found: dict[str, Any]) -> str:
    """Return what the test speaks of."""
    if found["test"] == "t_over_listeners":
        return "listeners like these who hear these same clips"
    return "listeners and clips like these"


def _stricter_words(found: dict[str, Any], tests: dict[str, Any]) -> str:
    """Say why nothing is found although the interval leaves guessing out; and that one direction alone was tested."""
    interval, guessing = found["interval"], GUESSING[found["unit"]]
    is_one_sided = tests["sides"] == "one"
    if _is_found(found, tests):
        return " Only this direction was tested, as planned." if is_one_sided else ""
    if interval is None or (interval["low"] <= guessing and (interval["high"] >= guessing or is_one_sided)):
        return ""
    n_primary = len(tests["primary_measures"])
    is_corrected = found["p_adjusted"] is not None and tests["correction"] == "holm" and n_primary > 1
    together = f" for its {n_primary} tests together" if is_corrected else ""
    return f" Its interval leaves guessing out, but the plan asks for more: level {number(tests['alpha'])}{together}."


def _test_words(found: dict[str, Any], tests: dict[str, Any]) -> str:
    """Return a headline's test, and where there is one, that of whether the share lies near guessing."""
    sides = "one-sided" if tests["sides"] == "one" else "two-sided"
    corrected = ""
    n_primary = len(tests["primary_measures"])
    if found["p_adjusted"] is not None and tests["correction"] == "holm" and n_primary > 1:
        corrected = f", {p_statement(found['p_adjusted'])} corrected for {n_primary} tests"
    near = ""
    if found["equivalence"] is not None:
        p = p_statement(found["equivalence"]["p_value"])
        near = f"; of lying within {number(100 * tests['margin'], 0)} points of guessing, {p}"
    return (
        f"{TEST_WORDS[found['test']]}, t({df_words(found['df'])}) = {number(found['t'])}, "
        f"{p_statement(found['p'])} {sides}{corrected}{near}"
    )


def _equivalence_words(found: dict[str, Any], tests: dict[str, Any]) -> str:
    """Say, where no difference from guessing was found, whether the share is shown to be near it."""
    if found["equivalence"] is None:
        return ""
    near = f"to lie within {number(100 * tests['margin'], 0)} points of it"
    return f", but is shown {near}" if found["equivalence"]["p_value"] < tests["alpha"] else f", nor {near}"


def _discrimination_sentences(analysis: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Say whether listeners tell the classes apart, and which answer they lean to."""
    discrimination, tests = analysis["discrimination"], analysis["tests"]
    pooled = discrimination["pooled"]
    if pooled["d_prime"] is None:
        return ["Only one class of truth was judged, so whether listeners tell fake from real cannot be said."]
    said = (
        f"Listeners said “fake” to {percent(pooled['hit_rate'])} of fakes and to "
        f"{percent(pooled['false_alarm_rate'])} of real sounds"
    )
    if found["test"] is None:
        pooled_words = f"pooled d′ {number(pooled['d_prime'])}, c {number(pooled['criterion_c'])}"
        return [f"{said}. Whether they tell fake from real is not tested: {found['note']} ({pooled_words})."]
    tell = "That they tell fake from real is not shown."
    if _is_found(found, tests):
        tell = (
            "They tell fake from real." if found["t"] > 0 else "They mistake one for the other more than by guessing."
        )
    criterion = discrimination["over_listeners"]["criterion_c"] | {"over": "mean over listeners"}
    if found["test"] == "crossed_mixed_model":
        criterion = tests["discrimination"]["mixed_model"]["criterion_c"] | {"over": "over listeners and clips"}
        criterion["mean"] = criterion["estimate"]
    return [
        f"{said}. {tell} {_telling_words(found)}{_stricter_words(found, tests)}",
        _lean_sentence(criterion, tests["alpha"]),
    ]


def _telling_words(found: dict[str, Any]) -> str:
    """Say how well fake is told from real, as a share of pairs where it is a d'."""
    estimate, interval = estimate_words(found)
    if found["unit"] == "difference":
        return (
            f"The estimate of the difference for {_whom(found)} is {estimate}, 95 % interval {interval}; guessing "
            "gives 0."
        )
    ends = found["interval"]
    pairs = None if ends is None else {end: share_of_pairs(ends[end]) for end in ("low", "high")}
    return (
        f"The estimate for {_whom(found)} is as good as picking the fake out of one fake and one real sound in "
        f"{percent(share_of_pairs(found['estimate']))} of tries, 95 % interval {percent_interval(pairs)}; guessing "
        f"gives 50 % (d′ = {estimate}, {interval})."
    )


def _lean_sentence(criterion: dict[str, Any], alpha: float) -> str:
    value = (
        f"criterion c = {number(criterion['mean'])} {criterion['over']}, 95 % interval "
        f"{number_interval(criterion['interval'])}; 0 is no lean"
    )
    if criterion["p_two_sided"] is None or criterion["p_two_sided"] >= alpha:
        return f"That they lean to one of the two answers is not shown ({value})."
    answer, more, less = ("real", "real sounds", "fakes") if criterion["mean"] > 0 else ("fake", "fakes", "real sounds")
    return (
        f"They lean to the answer “{answer}”: that alone makes more {more} and fewer {less} come out right, whatever "
        f"is heard, so that the two shares against 50 % above are not to be read without it ({value})."
    )


def _reason_sentence(reasons: dict[str, Any]) -> str:
    given = sorted((share for share in reasons["shares"] if share["n_chosen"]), key=lambda share: -share["n_chosen"])
    if not given:
        return ""
    first = given[0]
    interval = first["clustered"] or first["wilson"]  # over listeners, where there are several who differ
    return (
        f"The reason given most is “{first['label']}”: {percent(first['proportion'])} of "
        f"{reasons['n_judgements']} {reasons['denominator']} (95 % interval {percent_interval(interval)})."
    )
