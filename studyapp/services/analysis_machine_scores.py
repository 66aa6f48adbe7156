"""The share of listeners who say "fake" against a machine's score: within a class, as AUC, and both together."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from studyapp.services.analysis_crowd import Crowd
from studyapp.services.analysis_machine_clips import Both
from studyapp.stats.combination import MIN_CLIPS, N_FOLDS, combined_scores, crowd_log_odds
from studyapp.stats.delong import AreaDifference, Areas, area_interval, compare_areas, delong
from studyapp.stats.proportions import Interval
from studyapp.stats.rank_correlation import noise_ceiling, rank_correlation
from studyapp.vocab import Label

NO_CLIPS = "There is no clip that listeners and {machine} both judged."
NO_SCORES = "{machine} gave decisions without scores: only its right and wrong decisions can be compared."
BY_CONSTRUCTION = (
    "{machine} is wrong on every one of these clips: a comparison of who is right would say only how they were chosen, "
    "and is left out."
)
ONE_CLASS = "There are no clips of one class with a score: an AUC needs fakes and real sounds."
FEW_FOR_CORRELATION = "Fewer than three clips of this class have a score."
NO_VARIANCE = "All clips of this class have the same share of “fake”, or the same score."
FEW_FOR_INTERVAL = "With fewer than four clips there is no interval."
NO_CEILING = "The listeners' halves do not agree on which clips of this class sound fake, so that there is no ceiling."
ONE_CLIP = "With one clip of a class there is no interval and no test."
ALIKE = "Listeners and {machine} rank the clips so much alike that their difference has no variance to test it with."
FEW_FOR_COMBINATION = (
    f"A combination is weighed with at least {MIN_CLIPS} fakes and {MIN_CLIPS} real sounds that have a score, from at "
    f"least {N_FOLDS} sources of each; here are {{n_fake}} and {{n_real}} clips."
)


def score_results(both: Both, crowd: Crowd) -> dict[str, Any]:
    """Return correlations, areas and the combination, each with `why`: what is not defined, or None."""
    scored = both.clips[both.clips["fake_score"].notna()]
    return {
        "n_clips_with_score": len(scored),
        "correlations": {label.value: _correlation(both, scored, label, crowd) for label in (Label.FAKE, Label.REAL)},
        "areas": _areas(both, scored),
        "combination": _combination(both, scored),
    }


def _no_scores(both: Both, scored: pd.DataFrame) -> str:
    if not len(both.clips):
        return NO_CLIPS.format(machine=both.title)
    return "" if len(scored) else NO_SCORES.format(machine=both.title)


def _correlation(both: Both, scored: pd.DataFrame, label: Label, crowd: Crowd) -> dict[str, Any]:
    here = scored[scored["truth"] == label.value]
    shares, scores = here["share_fake"].to_numpy(), here["fake_score"].to_numpy()
    found = rank_correlation(shares, scores, seed=both.seed, n_draws=both.n_draws)
    reliability = crowd.reliability[label]
    ceiling = noise_ceiling(reliability)
    why = _no_scores(both, scored)
    if not why and found.rho is None:
        why = FEW_FOR_CORRELATION if len(here) < 3 else NO_VARIANCE
    elif not why:
        missing = (FEW_FOR_INTERVAL if found.interval is None else "", NO_CEILING if ceiling is None else "")
        why = " ".join(words for words in missing if words)
    return {
        "n_clips": len(here),
        "rho": found.rho,
        "p_two_sided": found.p_two_sided,
        "p_holm": None,
        "interval": _interval(found.interval),
        "n_draws": found.n_used,
        "reliability": reliability,
        "ceiling": ceiling,
        "why": why or None,
    }


def _areas(both: Both, scored: pd.DataFrame) -> dict[str, Any]:
    is_fake = (scored["truth"] == Label.FAKE.value).to_numpy()
    n_fake, n_real = int(is_fake.sum()), int((~is_fake).sum())
    counts = {"n_fake": n_fake, "n_real": n_real}
    why = _no_scores(both, scored) or _no_area(both, n_fake, n_real)
    if why:
        return {**counts, "crowd": None, "machine": None, "crowd_minus_machine": None, "why": why}
    areas = delong(np.vstack([scored["share_fake"], scored["fake_score"]]), is_fake=is_fake)
    difference = compare_areas(areas)
    if difference.p_two_sided is None:
        why = ONE_CLIP if min(n_fake, n_real) < 2 else ALIKE.format(machine=both.title)
    return {
        **counts,
        "crowd": _area(areas, 0),
        "machine": _area(areas, 1),
        "crowd_minus_machine": {**_difference(difference), "p_holm": None},
        "why": why or None,
    }


def _no_area(both: Both, n_fake: int, n_real: int) -> str:
    if both.is_all_errors:
        return BY_CONSTRUCTION.format(machine=both.title)
    return "" if n_fake and n_real else ONE_CLASS


def _combination(both: Both, scored: pd.DataFrame) -> dict[str, Any]:
    is_fake = (scored["truth"] == Label.FAKE.value).to_numpy()
    n_fake, n_real = int(is_fake.sum()), int((~is_fake).sum())
    counts = {"n_fake": n_fake, "n_real": n_real, "n_folds": N_FOLDS}
    nothing = dict.fromkeys(("together", "crowd", "machine", "minus_crowd", "minus_machine"))
    why, held_out = _no_scores(both, scored) or _no_area(both, n_fake, n_real), None
    if not why:
        crowd = crowd_log_odds(scored["n_fake"].to_numpy(), scored["n_judgements"].to_numpy())
        held_out = combined_scores(
            np.column_stack([crowd, scored["fake_score"]]), is_fake=is_fake, groups=_sources(scored), seed=both.seed
        )
        why = "" if held_out is not None else FEW_FOR_COMBINATION.format(n_fake=n_fake, n_real=n_real)
    if held_out is None:
        return {**counts, **nothing, "why": why}
    areas = delong(np.vstack([held_out, scored["share_fake"], scored["fake_score"]]), is_fake=is_fake)
    return {
        **counts,
        "together": _area(areas, 0),
        "crowd": _area(areas, 1),
        "machine": _area(areas, 2),
        "minus_crowd": _difference(compare_areas(areas, 0, 1)),
        "minus_machine": _difference(compare_areas(areas, 0, 2)),
        "why": None,
    }


def _sources(scored: pd.DataFrame) -> Any:
    """Return a code for each clip: clips cut from one recording share it."""
    own = "clip " + scored["clip"].astype(str)
    return pd.factorize(own.where(scored["source_group"] == "", "source " + scored["source_group"]))[0]


def _area(areas: Areas, at: int) -> dict[str, Any]:
    return {"auc": float(areas.auc[at]), "interval": _interval(area_interval(areas, at))}


def _difference(found: AreaDifference) -> dict[str, Any]:
    return {**asdict(found), "interval": _interval(found.interval)}


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else asdict(found)
