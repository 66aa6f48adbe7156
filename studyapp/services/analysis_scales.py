"""What ratings and forced choices say beside, or instead of, real or fake: ROC curves, and pairs."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from studyapp.models import Study
from studyapp.selectors.analysis import analysed_sessions
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.scale_answers import pair_frame, rating_frame
from studyapp.services.analysis_classes import CHANCE, interval_dict
from studyapp.stats.descriptive import MeanSummary, summarize_mean
from studyapp.stats.forced_choice import forced_choice
from studyapp.stats.proportions import wilson_interval
from studyapp.stats.rating_roc import RatingRoc, rating_roc
from studyapp.vocab import Label, Origin

RATINGS = range(1, 7)


def tasks_of(study: Study, origin: Origin) -> set[str]:
    """Return the tasks of the versions that sessions of the origin were of. One query."""
    versions = study.versions.filter(sessions__origin=origin.value).order_by().distinct()
    return {task or "yes_no" for task in versions.values_list("config__task__type", flat=True)}


def scale_results(*, study: Study, origin: Origin, rules: Rules) -> dict[str, Any]:
    """Return these parts of the analysis by their keys; None where no version has the task."""
    tasks = tasks_of(study, origin)
    sessions = analysed_sessions(study=study, origin=origin, **rules.of_sessions)
    given: dict[str, Any] = {"sessions": sessions, "leave_out_in_doubt": rules.leave_out_in_doubt}
    return {
        "ratings": rating_results(rating_frame(**given)) if "rating" in tasks else None,
        "pairs": pair_results(pair_frame(**given)) if "two_interval" in tasks else None,
    }


def rating_results(frame: pd.DataFrame) -> dict[str, Any] | None:
    """Return the ROC of each listener and of all ratings together; None without ratings. frame: see rating_frame."""
    if frame.empty:
        return None
    counts = frame.groupby(["listener", "truth", "rating"]).size()
    listeners = sorted(frame["listener"].unique())
    curves = {each: _roc(counts[each]) for each in listeners}
    pooled = frame.groupby(["truth", "rating"]).size()
    found = {each: curve for each, curve in curves.items() if curve is not None}
    return {
        "n_listeners": len(listeners),
        "n_ratings": len(frame),
        "counts": [
            {"rating": rating, **{label.value: int(pooled.get((label.value, rating), 0)) for label in Label}}
            for rating in RATINGS
        ],
        "pooled": _curve(_roc(pooled)),
        "over_listeners": _summary(summarize_mean([each.auc for each in found.values()], null=CHANCE)),
        "n_listeners_without": len(listeners) - len(found),
        "each": [{"listener": listener, **(_curve(curve) or {})} for listener, curve in found.items()],
    }


def _roc(counts: "pd.Series[int]") -> RatingRoc | None:
    """Return the ROC of counts by truth and rating."""
    of = {label: [int(counts.get((label.value, rating), 0)) for rating in RATINGS] for label in Label}
    return rating_roc(fakes=of[Label.FAKE], reals=of[Label.REAL])


def _curve(roc: RatingRoc | None) -> dict[str, Any] | None:
    if roc is None:
        return None
    points = [
        {"rating": rating, "false_alarm_rate": false_alarms, "hit_rate": hits}
        for rating, (false_alarms, hits) in zip(reversed(RATINGS), roc.points, strict=True)
    ]
    return {"n_fake": roc.n_fake, "n_real": roc.n_real, "auc": roc.auc, "points": points}


def pair_results(frame: pd.DataFrame) -> dict[str, Any] | None:
    """Return how often the fake of a pair was found, over listeners and by interval; None without pairs.

    frame: see pair_frame. The test over listeners speaks of other listeners who hear these sounds.
    """
    if frame.empty:
        return None
    right = frame["chosen"] == frame["fake_at"]
    by_listener = right.groupby(frame["listener"]).agg(["sum", "size"]).sort_index()
    each = [{"listener": listener, **_choice(int(k), int(n))} for listener, k, n in by_listener.itertuples(name=None)]
    k, n = int(right.sum()), len(frame)
    wilson = wilson_interval(n_successes=k, n_trials=n)
    return {
        "n_listeners": len(each),
        "pooled": {**_choice(k, n), "wilson_interval": interval_dict(wilson)},
        "over_listeners": {
            "proportion_correct": _summary(summarize_mean([row["proportion_correct"] for row in each], null=CHANCE)),
            "d_prime": _summary(summarize_mean([row["d_prime"] for row in each])),
        },
        "by_interval": [
            {"fake_at": at, "n_correct": int(right[there].sum()), "n_pairs": int(there.sum())}
            for at in (1, 2)
            for there in [frame["fake_at"] == at]
        ],
        "each": each,
    }


def _choice(k: int, n: int) -> dict[str, Any]:
    found = forced_choice(n_correct=k, n_trials=n)
    share = found.proportion_correct if found else None
    return {"n_correct": k, "n_pairs": n, "proportion_correct": share, "d_prime": found.d_prime if found else None}


def _summary(found: MeanSummary) -> dict[str, Any]:
    return asdict(found) | {"interval": interval_dict(found.interval)}
