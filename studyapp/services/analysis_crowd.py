"""Crowds of listeners on the clips that a machine judged too: how far their shares can be relied on, and their size."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studyapp.selectors.answer_tables import answer_tables
from studyapp.services.analysis_machine_clips import Both
from studyapp.stats.agreement import split_half_reliability
from studyapp.stats.crowd import CrowdPoint, crowd_curve
from studyapp.vocab import Label

SIZES = (1, 3, 5, 7, 9, 11, 15, 21, 31, 51, 75, 101, 151, 201, 301, 501, 1001, 2001, 5001)
# Bounds of memory and time: cells of the table of listeners by clips, and cells times what is drawn from it.
MOST_CELLS = 5_000_000
DRAWN_CELLS = 100_000_000
FEWEST_DRAWS, MOST_DRAWS, MOST_SPLITS = 40, 500, 400
NOBODY = "No clip was judged by listeners and {machine}."
TOO_MANY = "{n_listeners} listeners and {n_clips} clips are too many to draw crowds from, or to split in halves."
NOT_ALL = (
    "Not every listener judged every clip. A majority of n needs n answers to each clip; the AUC is that of crowds of "
    "n listeners, some of whom did not judge a clip."
)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """`reliability` of each class's shares, the curve, and a sentence on what is missing ("" where nothing is)."""

    n_listeners: int
    reliability: dict[Label, float | None]
    points: list[CrowdPoint]
    n_draws: int
    why: str


def crowd_of(both: Both, judgements: pd.DataFrame) -> Crowd:
    """Return what the listeners reach together on the clips of both. Random draws come from the seed of both."""
    heard = judgements[judgements["clip"].isin(both.clips["clip"])]
    n_listeners, n_clips = int(heard["listener"].nunique()), len(both.clips)
    nothing = dict.fromkeys(Label)
    if not n_clips:
        why = NOBODY.format(machine=both.title)
        return Crowd(n_listeners=0, reliability=nothing, points=[], n_draws=0, why=why)
    if n_listeners * n_clips > MOST_CELLS:
        why = TOO_MANY.format(n_listeners=n_listeners, n_clips=n_clips)
        return Crowd(n_listeners=n_listeners, reliability=nothing, points=[], n_draws=0, why=why)
    tables = answer_tables(heard)
    n_draws = _drawn(n_listeners * n_clips, MOST_DRAWS)
    sizes = [size for size in SIZES if size < n_listeners] + [n_listeners]
    return Crowd(
        n_listeners=n_listeners,
        reliability={label: _reliability(table, both.seed) for label, table in tables.items()},
        points=crowd_curve(tables[Label.FAKE], tables[Label.REAL], sizes=sizes, seed=both.seed, n_draws=n_draws),
        n_draws=n_draws,
        why=NOT_ALL if any(np.isnan(table).any() for table in tables.values()) else "",
    )


def crowd_results(both: Both, crowd: Crowd, *, machine_auc: float | None) -> dict[str, Any]:
    """Return the curve, and where the machine stands on the same scales; None where that is so by construction."""
    rights = [both.machine_right[both.is_fake == is_fake] for is_fake in (True, False)]
    has_both = all(len(right) for right in rights) and not both.is_all_errors
    return {
        "n_listeners": crowd.n_listeners,
        "points": [{**asdict(point), "balanced_accuracy": point.balanced_accuracy} for point in crowd.points],
        "at_mean_share": _at_mean_share(both),
        "machine_balanced_accuracy": float(np.mean([right.mean() for right in rights])) if has_both else None,
        "machine_auc": machine_auc,
        "n_draws": crowd.n_draws,
        "why": crowd.why or None,
    }


def _at_mean_share(both: Both) -> dict[str, float] | None:
    """Return what all listeners reach where a clip is called fake when more than their mean share say so.

    It takes what they lean to out of the vote, and needs no truth; None without clips of both classes. A share that is
    the mean counts half.
    """
    shares, is_fake = both.clips["share_fake"].to_numpy(), both.is_fake
    if not is_fake.any() or is_fake.all():
        return None
    mean = float(shares.mean())
    called_fake = np.where(np.isclose(shares, mean, rtol=0.0, atol=1e-12), 0.5, shares > mean)
    fakes, reals = float(called_fake[is_fake].mean()), float(1.0 - called_fake[~is_fake].mean())
    return {"share": mean, "fakes_right": fakes, "reals_right": reals, "balanced_accuracy": (fakes + reals) / 2.0}


def _reliability(answers: NDArray[np.float64], seed: int) -> float | None:
    return split_half_reliability(answers, seed=seed, n_splits=_drawn(answers.size, MOST_SPLITS))


def _drawn(n_cells: int, most: int) -> int:
    return max(FEWEST_DRAWS, min(most, DRAWN_CELLS // max(n_cells, 1)))
