"""What leaving out the flagged sessions changes: the shares of both classes with and without them. Fits no model."""

from dataclasses import replace
from typing import Any

from studyapp.models import Study
from studyapp.selectors.analysis import Flow, analysed_sessions
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.flags import is_flagged
from studyapp.selectors.judgements import right_by_truth
from studyapp.vocab import Origin


def with_and_without_flagged(
    study: Study, origin: Origin, rules: Rules, flow: Flow, classes: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the counts and the share of each class both ways; None where no session is flagged. At most one query.

    One of the two is what `classes` has; from the other it differs by the judgements of the flagged sessions.
    """
    if not flow.flagged:
        return None
    sessions = analysed_sessions(study=study, origin=origin, **replace(rules, leave_out_flagged=False).of_sessions)
    flagged = sessions.alias(is_flagged=is_flagged()).filter(is_flagged=True)
    counts = right_by_truth(flagged, leave_out_in_doubt=rules.leave_out_in_doubt)
    found = {}
    for truth, shown in classes.items():
        n_correct, n = counts.get(truth, (0, 0))
        here, sign = (shown["n_correct"], shown["n_judgements"]), 1 if rules.leave_out_flagged else -1
        other = (here[0] + sign * n_correct, here[1] + sign * n)
        ways = (other, here) if rules.leave_out_flagged else (here, other)
        found[truth] = dict(zip(("with", "without"), (_share(*way) for way in ways), strict=True))
    return found


def _share(n_correct: int, n: int) -> dict[str, Any]:
    return {"n_correct": n_correct, "n_judgements": n, "proportion_correct": n_correct / n if n else None}
