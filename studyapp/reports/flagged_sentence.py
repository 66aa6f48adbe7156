"""What leaving out the flagged sessions changes, in a sentence."""

from typing import Any

from studyapp.reports.flow_figure import WORDS
from studyapp.reports.numbers import percent


def flagged_sentence(analysis: dict[str, Any]) -> str:
    """Say how many sessions are flagged, for what, and the shares with and without them; empty where none is."""
    flow, found = analysis["flow"], analysis["with_and_without_flagged"]
    if found is None:
        return ""
    checks = ", ".join(f"{WORDS[flag]}: {n}" for flag, n in flow["by_flag"].items())
    n, fate = flow["flagged"], "left out" if analysis["leaves_out_flagged"] else "kept in"
    who = "1 session is flagged" if n == 1 else f"{n} sessions are flagged"
    both = f"With such sessions {_shares(found, 'with')}; without them {_shares(found, 'without')}."
    return f"{who} ({checks}) and {fate} here. {both}"


def _shares(found: dict[str, Any], way: str) -> str:
    fake, real = (percent(found[truth][way]["proportion_correct"]) for truth in ("fake", "real"))
    return f"fakes were called fake in {fake} of judgements and real sounds real in {real}"
