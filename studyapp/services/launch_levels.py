"""Say at which levels a launch presents its sounds: what a study's `sound` section makes of what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from studyapp.design.config_sound import Sound
from studyapp.models import Stimulus
from studyapp.sound.alignment import PlannedGain, median_level, plan_gains
from studyapp.sound.loudness import BLOCK_S, DUAL_MONO_LU

MAX_NAMED = 8  # clips that a warning names
UNITS = {"rms": "dBFS", "lufs": "LUFS"}


class SoundLevel(NamedTuple):
    """What alignment needs of a stimulus; the fields are the stimulus's."""

    name: str
    level_dbfs: float
    peak_dbfs: float
    loudness_lufs: float | None
    n_channels: int
    duration_s: float

    @property
    def is_unmeasured(self) -> bool:
        """Whether its loudness may be unknown only because it was imported before loudness was measured."""
        return self.loudness_lufs is None and self.duration_s >= BLOCK_S


@dataclass(frozen=True, kw_only=True)
class LevelPlan:
    """The levels of a launch's sounds, in their order.

    gains: empty where the study aligns nothing.
    levels_dbfs: RMS levels as presented, of the study's own sounds.
    target: in the unit of the alignment; None without alignment.
    """

    levels_dbfs: list[float]
    gains: list[PlannedGain] = field(default_factory=list)
    target: float | None = None
    n_unmeasured: int = 0

    @property
    def calibration_level_dbfs(self) -> float:
        """The 75th percentile of the levels: where participants set their volume. Needs one sound or more."""
        return float(np.percentile(self.levels_dbfs, 75))


def level_of(stimulus: Stimulus) -> SoundLevel:
    """Return what alignment needs of a stimulus."""
    return SoundLevel(*(getattr(stimulus, name) for name in SoundLevel._fields))


def plan_levels(sounds: Sequence[SoundLevel], *, n_own: int, sound: Sound) -> LevelPlan:
    """Return the gains and the levels as presented.

    The first `n_own` sounds are the study's, of which the median is taken; the others, of the practice, follow them.
    """
    own = sounds[:n_own]
    if sound.align == "none":
        return LevelPlan(levels_dbfs=[each.level_dbfs for each in own])
    n_channels = max((each.n_channels for each in sounds), default=1)
    levels = [_level(each, sound, n_channels) for each in sounds]
    target = sound.target if sound.target is not None else median_level(levels[:n_own])
    gains = plan_gains(
        levels,
        [each.peak_dbfs for each in sounds],
        target=0.0 if target is None else target,
        max_gain_db=sound.max_gain_db,
        peak_ceiling_dbfs=sound.peak_ceiling_dbfs,
    )
    return LevelPlan(
        levels_dbfs=[each.level_dbfs + gain.gain_db for each, gain in zip(own, gains[:n_own], strict=True)],
        gains=gains,
        target=target,
        n_unmeasured=sum(each.is_unmeasured for each in sounds) if sound.align == "lufs" else 0,
    )


def _level(given: SoundLevel, sound: Sound, n_channels: int) -> float | None:
    """Return the level of the clip's copy: a mono clip is written to both channels of a stereo one, louder by 3 LU."""
    if sound.align == "rms":
        return given.level_dbfs
    if given.loudness_lufs is None:
        return None
    return given.loudness_lufs + (DUAL_MONO_LU if given.n_channels < n_channels else 0.0)


def level_warnings(plan: LevelPlan, sounds: Sequence[SoundLevel], sound: Sound) -> list[str]:
    """Return in words what alignment does, and which clips it does not bring to the target, by how much."""
    if not plan.gains:
        return []
    if plan.target is None:
        return ["No sound has a loudness to align (sound.align): all are shorter than 0.4 s or too soft to measure."]
    gains = [each.gain_db for each in plan.gains]
    said = [
        f"The copies are brought to {plan.target:.1f} {UNITS[sound.align]} (sound.align: {sound.align}), by gains from "
        f"{min(gains):+.1f} to {max(gains):+.1f} dB. The originals stay as they are."
    ]
    if plan.n_unmeasured:
        said.append(
            f"The loudness of {plan.n_unmeasured} sounds is not known yet; the launch measures it, and what is said of "
            "levels here can change. manage.py measure_loudness --set NAME measures it now."
        )
    missed = [
        (name, f"{gain.miss_db:+.1f} dB") for (name, *_), gain in zip(sounds, plan.gains, strict=True) if gain.miss_db
    ]
    missed += [
        (each.name, "no loudness")
        for each, gain in zip(sounds, plan.gains, strict=True)
        if gain.miss_db is None and not each.is_unmeasured
    ]
    if missed:
        named = ", ".join(f"{name} ({by})" for name, by in missed[:MAX_NAMED])
        more = f" and {len(missed) - MAX_NAMED} more" if len(missed) > MAX_NAMED else ""
        said.append(
            f"{len(missed)} of {len(sounds)} sounds miss that level: {named}{more}. A lower target (sound.target), "
            "more gain (sound.max_gain_db) or leaving them out makes them meet."
        )
    return said
