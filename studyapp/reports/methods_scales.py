"""For a paper: the ROC of ratings, and forced choices between two sounds."""

from studyapp.reports.methods_study import Analysis
from studyapp.reports.numbers import (
    counted,
    cut_to_shares,
    number,
    number_interval,
    p_statement,
    percent,
    percent_interval,
)


def ratings_text(analysis: Analysis) -> str | None:
    """Say how the ROC came from the ratings, and what the area under it is."""
    found = analysis.get("ratings")
    if not found or not found["pooled"]:
        return None
    over = found["over_listeners"]
    said = [
        "Each rating served as a criterion, from which on a clip counts as called fake; the area under the ROC that "
        "these criteria give (trapezoids, ties counting half; @hanley1982) needs no cut between real and fake. Of all "
        f"ratings together it is {number(found['pooled']['auc'], 3)}."
    ]
    if over["t"] is not None:
        said.append(
            f"Over {counted(over['n_units'], 'listener')} its mean is {number(over['mean'], 3)} "
            f"(SD {number(over['sd'], 3)}, 95 % interval {number_interval(cut_to_shares(over['interval'])[0], 3)}; "
            f"t({over['df']}) = {number(over['t'])} against .5, {p_statement(over['p_two_sided'])} two-sided)."
        )
    if found["n_listeners_without"]:
        without = counted(found["n_listeners_without"], "listener")
        said.append(f"Of {without} there is no area, as they rated clips of one class only.")
    return " ".join(said)


def pairs_text(analysis: Analysis) -> str | None:
    """Say how often the fake of a pair was found, how that was tested, and which d' it is."""
    found = analysis.get("pairs")
    if not found:
        return None
    pooled, share = found["pooled"], found["over_listeners"]["proportion_correct"]
    first, second = (f"{row['n_correct']} of {row['n_pairs']}" for row in found["by_interval"])
    said = [
        f"The fake was found in {pooled['n_correct']} of {counted(pooled['n_pairs'], 'pair')} "
        f"({percent(pooled['proportion_correct'])}; 50 % is guessing): in {first} where it came first, in {second} "
        "where it came second."
    ]
    if share["t"] is not None:
        d_prime = found["over_listeners"]["d_prime"]
        said.append(
            f"Over {counted(share['n_units'], 'listener')} the mean share is {percent(share['mean'])} "
            f"(SD {percent(share['sd'])}, 95 % interval {percent_interval(cut_to_shares(share['interval'])[0])}; "
            f"t({share['df']}) = {number(share['t'])} against 50 %, {p_statement(share['p_two_sided'])} two-sided). "
            "Sensitivity is d′ = √2 z(share) (@macmillan2005), each listener’s share being (correct + ½) / (pairs "
            f"+ 1): mean {number(d_prime['mean'])}, 95 % interval {number_interval(d_prime['interval'])}. The test "
            "generalises to other listeners who hear these sounds, not to other sounds."
        )
    return " ".join(said)
