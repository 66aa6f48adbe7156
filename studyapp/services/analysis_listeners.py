"""Each listener against the limits of guessing: who heard something, and how many guessers would seem to."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studyapp.stats.guessing import GuessingLimits, guessing_limits
from studyapp.vocab import Label

CHANCE = 0.5
CONFIDENCE = 0.95
ALL = "all"
Counts = NDArray[np.int64]


def listener_results(frame: pd.DataFrame) -> dict[str, Any]:
    """Return each listener's right answers to fakes, to reals and to all, and where they lie to the limits."""
    codes, listeners = pd.factorize(frame["listener"], sort=True)
    is_fake, is_correct = (frame["truth"] == Label.FAKE.value).to_numpy(), frame["is_correct"].to_numpy(dtype=bool)
    chosen = {Label.FAKE.value: is_fake, Label.REAL.value: ~is_fake, ALL: np.ones(len(frame), bool)}
    n = {name: np.bincount(codes[of], minlength=len(listeners)) for name, of in chosen.items()}
    k = {name: np.bincount(codes[of & is_correct], minlength=len(listeners)) for name, of in chosen.items()}
    limits = {
        int(size): guessing_limits(n_trials=int(size), null=CHANCE, confidence=CONFIDENCE)
        for size in np.unique(np.concatenate([*n.values()]))
        if size
    }
    places = {name: _places(k[name], n[name], limits) for name in chosen}
    return {
        "null": CHANCE,
        "confidence": CONFIDENCE,
        "limits": [asdict(found) for found in limits.values()],
        "by_class": {name: _summary(places[name], n[name], limits) for name in chosen},
        "each": [
            {
                "listener": str(listener),
                **{
                    name: {"n_correct": int(k[name][at]), "n_judgements": int(n[name][at]), "place": places[name][at]}
                    for name in chosen
                },
            }
            for at, listener in enumerate(listeners)
        ],
    }


def _places(k: Counts, n: Counts, limits: dict[int, GuessingLimits]) -> list[str | None]:
    """Return above, below or inside for each listener; None without an answer."""
    found: list[str | None] = [None] * len(k)
    for at, (correct, size) in enumerate(zip(k.tolist(), n.tolist(), strict=True)):
        if size:
            limit = limits[size]
            is_above = limit.least_above is not None and correct >= limit.least_above
            is_below = limit.most_below is not None and correct <= limit.most_below
            found[at] = "above" if is_above else "below" if is_below else "inside"
    return found


def _summary(places: list[str | None], n: Counts, limits: dict[int, GuessingLimits]) -> dict[str, Any]:
    sizes, times = np.unique(n[n > 0], return_counts=True)
    pairs = [(limits[int(size)], int(count)) for size, count in zip(sizes, times, strict=True)]
    return {
        "n_listeners": int((n > 0).sum()),
        "n_above": places.count("above"),
        "n_below": places.count("below"),
        "expected_above": float(sum(count * limit.p_above for limit, count in pairs)),
        "expected_below": float(sum(count * limit.p_below for limit, count in pairs)),
    }
