"""The answers of a study in sentences, each with its interval, for readers who are no statisticians."""

from typing import Any

from studyapp.reports.numbers import (
    counted,
    cut_to_shares,
    number,
    number_interval,
    p_statement,
    percent,
    percent_interval,
)
from studyapp.vocab import Origin

ALPHA = 0.05
FEW_LISTENERS = 5  # below this, an interval over listeners is only formal
CLASS_WORDS = {"fake": ("fakes", "fake"), "real": ("real sounds", "real")}


def answer_sentences(analysis: dict[str, Any]) -> list[str]:
    """Return the answers, most important first; on a study without answers, one sentence that says so."""
    counts, flow = analysis["counts"], analysis["flow"]
    if not counts["n_judgements"]:
        return [_nothing_yet(flow)]
    who = "simulated participant" if analysis["origin"] == Origin.BOT else "listener"
    listeners = counted(counts["n_listeners"], who)
    sentences = [
        f"{listeners} gave {counted(counts['n_judgements'], 'judgement')} of {counted(counts['n_clips'], 'clip')}."
    ]
    if 1 < counts["n_listeners"] < FEW_LISTENERS:
        sentences.append(few_listeners(listeners))
    sentences += [_class_sentence(truth, analysis["classes"][truth]) for truth in ("fake", "real")]
    sentences += _discrimination_sentences(analysis["discrimination"])
    reason = _reason_sentence(analysis["reasons"])
    return [*sentences, reason] if reason else sentences


def few_listeners(listeners: str) -> str:
    """Say what intervals over so few listeners are worth."""
    return f"With {listeners}, intervals over listeners are only formal: they say next to nothing of other listeners."


def _nothing_yet(flow: dict[str, Any]) -> str:
    if not flow["started"]:
        return "Nobody has taken part yet."
    if not flow["completed"]:
        return f"{counted(flow['started'], 'session')} started, none completed: there is nothing to analyse yet."
    return f"{counted(flow['completed'], 'session')} completed, but none enters the analysis: see the flow below."


def _class_sentence(truth: str, result: dict[str, Any]) -> str:
    """Say how often clips of the class were recognised, and whether listeners did better or worse than guessing."""
    plural, word = CLASS_WORDS[truth]
    if not result["n_judgements"]:
        return f"No {plural} were judged."
    panel = result["section_vi"]["by_listener"]
    share = (
        f"{plural[0].upper()}{plural[1:]} were called {word} in {percent(result['proportion_correct'])} of judgements"
    )
    if panel["t"] is None:
        return f"{share}; {_why_no_test(panel['n_units'])}."
    shown, cut = cut_to_shares(panel["interval"])
    verdict = "not significantly different from guessing"
    if panel["p_two_sided"] < ALPHA:
        verdict = "more often than by guessing" if panel["t"] > 0 else "less often than by guessing"
    return (
        f"{share}: {verdict} (mean over listeners {percent(panel['mean'])}, 95 % interval "
        f"{percent_interval(shown)}{f', {cut}' if cut else ''}, t({panel['df']}) = {number(panel['t'])}, "
        f"{p_statement(panel['p_two_sided'])} two-sided)."
    )


def _why_no_test(n_units: int) -> str:
    if n_units < 2:
        return "one listener allows no test over listeners"
    return "all listeners have the same share, so their spread, and with it the test over listeners, is not defined"


def _discrimination_sentences(discrimination: dict[str, Any]) -> list[str]:
    """Say whether listeners tell the classes apart, and which answer they lean to."""
    pooled, d_prime = discrimination["pooled"], discrimination["over_listeners"]["d_prime"]
    if pooled["d_prime"] is None:
        return ["Only one class of truth was judged, so whether listeners tell fake from real cannot be said."]
    sentences = [
        f"Listeners said “fake” to {percent(pooled['hit_rate'])} of fakes and to "
        f"{percent(pooled['false_alarm_rate'])} of real sounds."
    ]
    if d_prime["t"] is None:
        sentences.append(f"Pooled, d′ is {number(pooled['d_prime'])} and c is {number(pooled['criterion_c'])}.")
        return sentences
    tell = "They do not demonstrably tell fake from real"
    if d_prime["p_two_sided"] < ALPHA:
        tell = "They tell fake from real" if d_prime["t"] > 0 else "They confuse fake and real more than guessing would"
    sentences.append(
        f"{tell}: mean d′ {number(d_prime['mean'])} (95 % interval {number_interval(d_prime['interval'])}, "
        f"t({d_prime['df']}) = {number(d_prime['t'])}, {p_statement(d_prime['p_two_sided'])})."
    )
    return [*sentences, _lean_sentence(discrimination["over_listeners"]["criterion_c"])]


def _lean_sentence(criterion: dict[str, Any]) -> str:
    value = f"mean c {number(criterion['mean'])}, 95 % interval {number_interval(criterion['interval'])}"
    if criterion["p_two_sided"] is None or criterion["p_two_sided"] >= ALPHA:
        return f"They lean to neither answer demonstrably ({value})."
    return f"They lean to the answer “{'real' if criterion['mean'] > 0 else 'fake'}” ({value})."


def _reason_sentence(reasons: dict[str, Any]) -> str:
    given = sorted((share for share in reasons["shares"] if share["n_chosen"]), key=lambda share: -share["n_chosen"])
    if not given:
        return ""
    first = given[0]
    return (
        f"The reason given most is “{first['label']}”: {percent(first['proportion'])} of "
        f"{reasons['n_judgements']} {reasons['denominator']} (95 % interval {percent_interval(first['wilson'])})."
    )
