"""How far observers agree: kappas, Krippendorff's alpha, intraclass correlations, split halves."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]
SPLITS_AT_ONCE = 100  # of which the halves are held in memory


@dataclass(frozen=True, kw_only=True)
class Kappa:
    """Agreement beyond chance of two observers; `kappa` and its error are None where chance alone would agree fully."""

    observed: float
    expected: float
    kappa: float | None
    standard_error: float | None


@dataclass(frozen=True, kw_only=True)
class ErrorConsistency:
    """Whether two observers err on the same clips. `low` and `high`: what kappa can be, given both accuracies."""

    observed: float
    expected: float
    kappa: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class IntraclassCorrelations:
    """Shrout and Fleiss' six: one-way, two-way random (agreement), two-way mixed (consistency); of one and of k.

    `of_k_consistency` is Cronbach's alpha, for 0/1 answers KR-20. None where there is no variance to divide by.
    """

    one_way: float | None
    agreement: float | None
    consistency: float | None
    of_k_one_way: float | None
    of_k_agreement: float | None
    of_k_consistency: float | None


def cohen_kappa(first: NDArray[np.float64], second: NDArray[np.float64]) -> Kappa:
    """Return Cohen's kappa of two observers' answers to the same clips.

    first, second: (n,) any numbers as categories, none missing.

    Raises
    ------
    ValueError
        Lengths that differ, or no clips.

    Notes
    -----
    (observed - expected) / (1 - expected), unweighted; the large-sample standard error is that of Fleiss, Cohen &
    Everitt (1969), Psychol. Bull. 72:323-327. Cohen (1960), Educ. Psychol. Meas. 20:37-46.

    Examples
    --------
    >>> found = cohen_kappa(np.repeat([1.0, 1, 0, 0], [30, 5, 12, 13]), np.repeat([1.0, 0, 1, 0], [30, 5, 12, 13]))
    >>> round(found.kappa, 7)
    0.3928571
    """
    if len(first) != len(second) or not len(first):
        raise ValueError(f"{len(first)} and {len(second)} answers; both observers judge the same clips, at least one")
    categories, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    k, n = len(categories), len(first)
    table = np.bincount(codes[:n] * k + codes[n:], minlength=k * k).reshape(k, k) / n
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, expected = float(np.trace(table)), float(rows @ columns)
    if expected >= 1.0:
        return Kappa(observed=observed, expected=expected, kappa=None, standard_error=None)
    kappa = (observed - expected) / (1.0 - expected)
    both = (rows[None, :] + columns[:, None]) * (1.0 - kappa)  # [i, j]: second's share of i plus first's share of j
    diagonal = float((np.diag(table) * (1.0 - np.diag(both)) ** 2).sum())
    off = float((table * both**2).sum() - (np.diag(table) * np.diag(both) ** 2).sum())
    variance = (diagonal + off - (kappa - expected * (1.0 - kappa)) ** 2) / (n * (1.0 - expected) ** 2)
    return Kappa(observed=observed, expected=expected, kappa=kappa, standard_error=math.sqrt(max(variance, 0.0)))


def error_consistency(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> ErrorConsistency:
    """Return the error consistency of two observers on the same clips.

    first, second: (n,) whether each was right.

    Raises
    ------
    ValueError
        Lengths that differ, or no clips.

    Notes
    -----
    Cohen's kappa of right and wrong: expected = p1 p2 + (1 - p1)(1 - p2). Given p1 and p2 the observed share lies
    between |p1 + p2 - 1| and 1 - |p1 - p2|, which bounds kappa: unequal accuracies cannot reach 1.

    References
    ----------
    Geirhos, Meding & Wichmann (2020), Beyond accuracy: quantifying trial-by-trial behaviour, NeurIPS 33.

    Examples
    --------
    >>> found = error_consistency(np.array([True, True, False, False]), np.array([True, False, False, False]))
    >>> found.kappa, found.high
    (0.5, 0.5)
    """
    found = cohen_kappa(first.astype(float), second.astype(float))
    if found.kappa is None:
        return ErrorConsistency(observed=found.observed, expected=found.expected, kappa=None, low=None, high=None)
    p, q = float(first.mean()), float(second.mean())
    low, high = ((bound - found.expected) / (1.0 - found.expected) for bound in (abs(p + q - 1), 1 - abs(p - q)))
    return ErrorConsistency(observed=found.observed, expected=found.expected, kappa=found.kappa, low=low, high=high)


def fleiss_kappa(counts: NDArray[np.float64]) -> float | None:
    """Return Fleiss' kappa; None where every answer is the same or nothing was judged.

    counts: (n_clips, n_categories), how many listeners gave each answer; as many for every clip, two at least.

    Raises
    ------
    ValueError
        Clips judged by different numbers of listeners: use `krippendorff_alpha`.

    Notes
    -----
    Fleiss (1971), Psychol. Bull. 76:378-382.
    """
    if not counts.size:
        return None
    per_clip = counts.sum(axis=1)
    if not (per_clip == per_clip[0]).all() or per_clip[0] < 2:
        raise ValueError("Fleiss' kappa needs the same number of listeners, at least two, for every clip")
    n = float(per_clip[0])
    observed = float(((counts**2).sum(axis=1) - n).mean() / (n * (n - 1.0)))
    expected = float(((counts.sum(axis=0) / counts.sum()) ** 2).sum())
    return None if expected >= 1.0 else (observed - expected) / (1.0 - expected)


def krippendorff_alpha(answers: Table, *, level: Level = "nominal") -> float | None:
    """Return Krippendorff's alpha; None where no clip has two answers, or all paired answers are the same.

    answers: (n_listeners, n_clips), NaN where missing.

    Notes
    -----
    1 - D_o / D_e from the matrix of coincidences; clips with one answer do not count. Squared distances: nominal 1;
    interval (c - k)^2; ordinal, the answers between c and k with those at the ends counted half, squared.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability.

    Examples
    --------
    >>> round(krippendorff_alpha(np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]])), 6)
    0.533333
    """
    values = np.unique(answers[~np.isnan(answers)])
    counts = np.array([(answers == value).sum(axis=0) for value in values], dtype=float)  # (n_values, n_clips)
    if len(values):
        counts = counts[:, counts.sum(axis=0) > 1]
    if not counts.size:
        return None
    pairs = counts.sum(axis=0) - 1.0
    coincidences = (counts / pairs) @ counts.T - np.diag((counts / pairs).sum(axis=1))
    totals = coincidences.sum(axis=1)
    distance = _distances(values, totals, level)
    expected = float((np.outer(totals, totals) * distance).sum())
    if expected <= 0.0:
        return None
    return 1.0 - (float(totals.sum()) - 1.0) * float((coincidences * distance).sum()) / expected


def _distances(values: NDArray[np.float64], totals: NDArray[np.float64], level: Level) -> NDArray[np.float64]:
    """Return (n_values, n_values) squared distances."""
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    # Ordinal answers lie as far apart as there are answers up to the middle of each.
    places = values if level == "interval" else np.cumsum(totals) - totals / 2.0
    return np.asarray((places[:, None] - places[None, :]) ** 2)


def intraclass_correlations(scores: Table) -> IntraclassCorrelations:
    """Return the intraclass correlations of a complete table.

    scores: (n_clips, k listeners), without missing values, at least two of each.

    Raises
    ------
    ValueError
        A value is missing, or there are fewer than two clips or listeners.

    Notes
    -----
    From the mean squares of clips, listeners and error: ICC(1,1), ICC(2,1) or ICC(A,1), ICC(3,1) or ICC(C,1), and the
    same of the mean of k listeners.

    References
    ----------
    Shrout & Fleiss (1979), Psychol. Bull. 86:420-428; McGraw & Wong (1996), Psychol. Methods 1:30-46.
    """
    if scores.ndim != 2 or min(scores.shape) < 2 or np.isnan(scores).any():
        raise ValueError("intraclass correlations need two clips and two listeners, and no answer missing")
    n, k = scores.shape
    mean, of_clips, of_listeners = scores.mean(), scores.mean(axis=1), scores.mean(axis=0)
    ms_clips = float(k * ((of_clips - mean) ** 2).sum() / (n - 1))
    ms_listeners = float(n * ((of_listeners - mean) ** 2).sum() / (k - 1))
    rest = scores - of_clips[:, None] - of_listeners[None, :] + mean
    ms_error = float((rest**2).sum() / ((n - 1) * (k - 1)))
    ms_within = float(((scores - of_clips[:, None]) ** 2).sum() / (n * (k - 1)))
    bias = (ms_listeners - ms_error) / n
    return IntraclassCorrelations(
        one_way=_ratio(ms_clips - ms_within, ms_clips + (k - 1) * ms_within),
        agreement=_ratio(ms_clips - ms_error, ms_clips + (k - 1) * ms_error + k * bias),
        consistency=_ratio(ms_clips - ms_error, ms_clips + (k - 1) * ms_error),
        of_k_one_way=_ratio(ms_clips - ms_within, ms_clips),
        of_k_agreement=_ratio(ms_clips - ms_error, ms_clips + bias),
        of_k_consistency=_ratio(ms_clips - ms_error, ms_clips),
    )


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if abs(denominator) > 1e-12 else None


def split_half_reliability(answers: Table, *, seed: int, n_splits: int = 1000) -> float | None:
    """Return the reliability of the clips' shares: listeners split in halves at random, many times.

    Parameters
    ----------
    answers
        (n_listeners, n_clips), NaN where missing.
    seed
        Of the splits.

    Returns
    -------
    float or None
        Of the mean over all listeners, the mean over splits; None with fewer than two listeners or three clips, or
        where no split has halves that vary.

    Notes
    -----
    r is Pearson's correlation over clips of the two halves' shares; 2 r / (1 + r) steps it up to all listeners
    (Spearman 1910, Brown 1910, Br. J. Psychol. 3:271-322). Clips without an answer in a half are left out of the split.
    A negative r is left as it is.
    """
    n_listeners, n_clips = answers.shape
    if n_listeners < 2 or n_clips < 3:
        return None
    rng = np.random.default_rng(seed)
    there = ~np.isnan(answers)
    values, there = np.where(there, answers, 0.0), there.astype(float)
    found = np.empty(n_splits)
    for start in range(0, n_splits, SPLITS_AT_ONCE):
        n = min(SPLITS_AT_ONCE, n_splits - start)
        halves = np.array([rng.permutation(n_listeners) < n_listeners // 2 for _ in range(n)], dtype=float)
        found[start : start + n] = _halves_correlation(values, there, halves)
    found = found[np.isfinite(found)]
    stepped = np.maximum(found, 0.0)
    return float((2.0 * stepped / (1.0 + stepped) + np.minimum(found, 0.0)).mean()) if len(found) else None


def _halves_correlation(values: Table, there: Table, halves: Table) -> Table:
    """Return of each split (n_splits, n_listeners) the correlation of both halves' shares; NaN where there is none."""
    n_first, of_first = halves @ there, halves @ values  # (n_splits, n_clips)
    n_second, of_second = there.sum(axis=0) - n_first, values.sum(axis=0) - of_first
    usable = (n_first > 0) & (n_second > 0)
    n_usable = usable.sum(axis=1, keepdims=True)
    off = []
    for total, n in ((of_first, n_first), (of_second, n_second)):
        share = np.divide(total, n, out=np.zeros_like(total), where=usable)
        mean = share.sum(axis=1, keepdims=True) / np.maximum(n_usable, 1)
        off.append(np.where(usable, share - mean, 0.0))
    scale = np.sqrt((off[0] ** 2).sum(axis=1) * (off[1] ** 2).sum(axis=1))
    varies = (scale > 1e-12) & (n_usable[:, 0] >= 3)
    found: Table = np.full(len(halves), np.nan)
    np.divide((off[0] * off[1]).sum(axis=1), scale, out=found, where=varies)
    return found
