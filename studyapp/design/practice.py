"""Draw the practice trials of a session. Pure."""

from collections.abc import Sequence

from studyapp.design.orders import Placeable, shuffled, stream
from studyapp.design.pairs import draw_pairs
from studyapp.design.session_plan import PlannedTrial
from studyapp.vocab import TrialKind


def draw_practice(items: Sequence[Placeable], *, n_trials: int, task: str, seed: int) -> list[PlannedTrial]:
    """Return up to n_trials practice trials in random order: half fake, half real where there are enough of both.

    task: "single" or "pairs", as in SessionRules.
    """
    rng = stream(seed, "practice")
    if task == "pairs":
        pairs = draw_pairs(items, seed=seed)[:n_trials]
        return [PlannedTrial(kind=TrialKind.PRACTICE, keys=pair) for pair in pairs]
    fakes = shuffled([item for item in items if item.label == "fake"], rng)
    reals = shuffled([item for item in items if item.label != "fake"], rng)
    n_fake = min(len(fakes), max(n_trials // 2, n_trials - len(reals)))
    chosen = fakes[:n_fake] + reals[: n_trials - n_fake]
    return [PlannedTrial(kind=TrialKind.PRACTICE, keys=(item.key,)) for item in shuffled(chosen, rng)]
