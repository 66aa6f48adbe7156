"""How long listeners took to answer: of each listener the median first, so that slow ones do not weigh more."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studyapp.services.analysis_classes import interval_dict
from studyapp.stats.descriptive import summarize_mean
from studyapp.vocab import Label

LONGEST_MS = 60_000.0  # who took longer did something else, and the time counts as missing
BINS_MS = (0.0, 250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 5000.0, 10_000.0)
ORDER = (Label.FAKE, Label.REAL)
Times = NDArray[np.float64]
Codes = NDArray[np.int64]


def time_results(frame: pd.DataFrame) -> dict[str, Any]:
    """Return medians and quartiles over listeners, by class of truth and right or wrong, and the distribution."""
    listeners, names = pd.factorize(frame["listener"], sort=True)
    from_onset, from_offset = frame["rt_from_onset_ms"].to_numpy(), frame["rt_from_offset_ms"].to_numpy()
    # An answer of which only the start's time is known, as in most imported files, is held to the limit from there.
    is_too_long = np.where(np.isnan(from_offset), from_onset, from_offset) > LONGEST_MS
    is_real, is_correct = (frame["truth"] == Label.REAL.value).to_numpy(), frame["is_correct"].to_numpy(dtype=bool)
    cells = is_real * 2 + ~is_correct
    has_time = ~(np.isnan(from_offset) & np.isnan(from_onset))
    measured = {
        "from_offset": np.where(is_too_long, np.nan, from_offset),
        "from_onset": np.where(is_too_long, np.nan, from_onset),
    }
    counted_from = "from_onset" if np.isnan(from_offset).all() else "from_offset"
    return {
        "longest_ms": LONGEST_MS,
        "counted_from": counted_from,
        "n_judgements": len(frame),
        "n_without_time": int((~has_time).sum()),
        "n_too_long": int(is_too_long.sum()),
        "n_before_end": int((from_offset < 0.0).sum()),
        "by_answer": [
            {
                "truth": truth,
                "is_correct": right,
                **{name: _summary(times, cells == cell, listeners, len(names)) for name, times in measured.items()},
            }
            for cell, (truth, right) in enumerate((label.value, right) for label in ORDER for right in (True, False))
        ],
        "wrong_minus_right": _wrong_minus_right(measured[counted_from], is_correct, listeners, len(names)),
        "distribution": _distribution(measured[counted_from], is_correct, listeners, len(names)),
    }


def _summary(times: Times, chosen: NDArray[np.bool_], listeners: Codes, n_listeners: int) -> dict[str, Any]:
    """Return how the chosen answers' medians of the listeners lie."""
    used = chosen & ~np.isnan(times)
    medians = listener_medians(times[used], listeners[used], n_listeners)
    medians = medians[~np.isnan(medians)]
    quartiles = np.quantile(medians, [0.25, 0.5, 0.75]).tolist() if len(medians) else [None] * 3
    return {
        "n_judgements": int(used.sum()),
        "n_listeners": len(medians),
        "quartile_1_ms": quartiles[0],
        "median_ms": quartiles[1],
        "quartile_3_ms": quartiles[2],
    }


def _wrong_minus_right(times: Times, is_correct: NDArray[np.bool_], listeners: Codes, n: int) -> dict[str, Any]:
    """Return how much later wrong answers come than right ones, over the listeners who gave both."""
    used = ~np.isnan(times)
    medians = [listener_medians(times[of], listeners[of], n) for of in (used & ~is_correct, used & is_correct)]
    difference = medians[0] - medians[1]
    found = summarize_mean(difference[~np.isnan(difference)].tolist())
    return {
        "n_listeners": found.n_units,
        "mean_ms": found.mean,
        "sd_ms": found.sd,
        "interval_ms": interval_dict(found.interval),
    }


def listener_medians(times: Times, listeners: Codes, n_listeners: int) -> Times:
    """Return the median time of each listener, NaN of one without any."""
    order = np.lexsort((times, listeners))
    n = np.bincount(listeners, minlength=n_listeners)
    starts, there, ordered = np.cumsum(n) - n, n > 0, times[order]
    medians = np.full(n_listeners, np.nan)
    starts, n = starts[there], n[there]
    medians[there] = (ordered[starts + (n - 1) // 2] + ordered[starts + n // 2]) / 2.0
    return medians


def _distribution(times: Times, is_correct: NDArray[np.bool_], listeners: Codes, n_listeners: int) -> list[Any]:
    """Return the share of the answers in each bin, right and wrong ones apart, each listener counted alike."""
    used = ~np.isnan(times)
    bins = np.searchsorted(BINS_MS, times[used], side="right")
    n_bins = len(BINS_MS) + 1
    cell = (np.where(is_correct[used], 0, n_listeners) + listeners[used]) * n_bins + bins
    counts = np.bincount(cell, minlength=2 * n_listeners * n_bins).reshape(2, n_listeners, n_bins)
    shares = []
    for of_kind in counts:
        n = of_kind.sum(axis=1, keepdims=True)
        heard = n[:, 0] > 0
        shares.append((of_kind[heard] / n[heard]).mean(axis=0).tolist() if heard.any() else [None] * n_bins)
    return [
        {
            "from_ms": BINS_MS[at - 1] if at else None,
            "to_ms": BINS_MS[at] if at < len(BINS_MS) else LONGEST_MS,
            "n_right": int(counts[0, :, at].sum()),
            "n_wrong": int(counts[1, :, at].sum()),
            "share_right": shares[0][at],
            "share_wrong": shares[1][at],
        }
        for at in range(n_bins)
    ]
