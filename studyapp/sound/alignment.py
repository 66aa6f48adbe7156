"""Plan the gains that bring clips to one level, without clipping any. Pure arithmetic on what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MET_DB = 0.05  # a level this near the target has met it


@dataclass(frozen=True, kw_only=True)
class PlannedGain:
    """The gain of one clip.

    gain_db: to be applied to its copy, dB.
    miss_db: level after the gain minus the target, dB; 0 where the target is met; None where the clip has no level (its
        loudness is not defined), so that it only keeps to the ceiling.
    """

    gain_db: float
    miss_db: float | None

    @property
    def has_met(self) -> bool:
        return self.miss_db == 0.0


def plan_gains(
    levels: Sequence[float | None],
    peaks_dbfs: Sequence[float],
    *,
    target: float,
    max_gain_db: float,
    peak_ceiling_dbfs: float,
) -> list[PlannedGain]:
    """Return the gain of each clip.

    levels: RMS level, dBFS, or loudness, LUFS, in the unit of the target; None where there is none.
    peaks_dbfs: largest absolute sample of each clip, dBFS.
    max_gain_db: bound of the gain in either direction; the ceiling goes before it.

    Examples
    --------
    >>> quiet, peaky = plan_gains([-30, -30], [-20, -4], target=-23, max_gain_db=12, peak_ceiling_dbfs=-1)
    >>> quiet.gain_db, quiet.miss_db, peaky.gain_db, peaky.miss_db
    (7.0, 0.0, 3.0, -4.0)
    """
    planned = []
    for level, peak in zip(levels, peaks_dbfs, strict=True):
        wanted = 0.0 if level is None else min(max(target - level, -max_gain_db), max_gain_db)
        gain = float(min(wanted, peak_ceiling_dbfs - peak))
        miss = None if level is None else level + gain - target
        planned.append(PlannedGain(gain_db=gain, miss_db=0.0 if miss is not None and abs(miss) <= MET_DB else miss))
    return planned


def median_level(levels: Sequence[float | None]) -> float | None:
    """Return the median of the levels that there are; None without any.

    >>> median_level([-20.0, None, -30.0, -24.0])
    -24.0
    """
    known = [level for level in levels if level is not None]
    return float(np.median(known)) if known else None
