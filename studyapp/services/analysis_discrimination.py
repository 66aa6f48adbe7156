"""Do listeners tell fake from real, and which way do they lean: d' and c, per listener and pooled."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from studyapp.services.analysis_classes import interval_dict
from studyapp.stats.descriptive import summarize_mean
from studyapp.stats.signal_detection import SignalDetection, d_prime_interval, signal_detection
from studyapp.vocab import Label

CORRECTION = "log-linear (Hautus 1995)"


def discrimination(frame: pd.DataFrame) -> dict[str, Any]:
    """Return d' and c: pooled over all answers, of each listener, and the mean over listeners with its t interval.

    Listeners who judged only one class have no d' and are counted in `n_listeners_without`.
    """
    found = {str(listener): _detect(*counts) for listener, *counts in _counts(frame).itertuples()}
    d_primes = [result.d_prime for result in found.values() if result.d_prime is not None]
    criteria = [result.criterion_c for result in found.values() if result.criterion_c is not None]
    pooled = _detect(*_counts(frame).sum())
    return {
        "signal": Label.FAKE.value,
        "correction": CORRECTION,
        "pooled": {**asdict(pooled), "d_prime_interval": interval_dict(d_prime_interval(pooled))},
        "over_listeners": {
            "d_prime": asdict(summarize_mean(d_primes)),
            "criterion_c": asdict(summarize_mean(criteria)),
            "n_listeners_without": len(found) - len(d_primes),
        },
        "listeners": [{"listener": listener, **vars(result)} for listener, result in found.items()],
    }


def _counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return hits, misses, false alarms and correct rejections of each listener: counted at once, not one by one."""
    is_fake, said_fake = frame["truth"] == Label.FAKE.value, frame["said_fake"].astype(bool)
    outcomes = {
        "hits": is_fake & said_fake,
        "misses": is_fake & ~said_fake,
        "false_alarms": ~is_fake & said_fake,
        "correct_rejections": ~is_fake & ~said_fake,
    }
    return pd.DataFrame(outcomes).groupby(frame["listener"], sort=True).sum()


def _detect(hits: int, misses: int, false_alarms: int, correct_rejections: int) -> SignalDetection:
    return signal_detection(
        n_hits=int(hits),
        n_misses=int(misses),
        n_false_alarms=int(false_alarms),
        n_correct_rejections=int(correct_rejections),
    )
