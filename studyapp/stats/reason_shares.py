"""Shares of the reasons that listeners gave, pooled over judgements and averaged over listeners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studyapp.stats.descriptive import mean_of
from studyapp.stats.proportions import Interval, check_open_unit, wilson_interval


@dataclass(frozen=True, kw_only=True)
class ReasonShare:
    """How often one reason was given.

    `proportion` is of all judgements with a reason (None when there are none); `wilson` is its interval alone;
    `goodman` holds for all reasons at once and is None where several reasons may be chosen; `listener_mean` weighs
    every listener the same.
    """

    code: str
    n_chosen: int
    n_judgements: int
    proportion: float | None
    wilson: Interval | None
    goodman: Interval | None
    listener_mean: float | None


def goodman_intervals(counts: Sequence[int], *, confidence: float = 0.95) -> list[Interval | None]:
    """Return Goodman's simultaneous intervals of multinomial proportions.

    Parameters
    ----------
    counts
        How often each of the k categories was seen; a judgement falls in exactly one.

    Notes
    -----
    Wilson's interval for each category at level 1 - alpha / k (Bonferroni), which is Goodman's with the chi-square
    quantile on 1 degree of freedom. Assumes independent judgements.

    References
    ----------
    Goodman (1965), Technometrics 7:247-254.

    Examples
    --------
    >>> first = goodman_intervals([219, 206, 83, 64, 44, 26])[0]
    >>> round(first.low, 5), round(first.high, 5)
    (0.2937, 0.39195)
    """
    check_open_unit("confidence", confidence)
    if not counts:
        return []
    total, level = sum(counts), 1.0 - (1.0 - confidence) / len(counts)
    return [
        Interval(low=found.low, high=found.high, confidence=confidence) if found else None
        for found in (wilson_interval(n_successes=count, n_trials=total, confidence=level) for count in counts)
    ]


def reason_shares(
    *,
    codes: Sequence[str],
    counts_by_listener: Mapping[str, Mapping[str, int]],
    judgements_by_listener: Mapping[str, int],
    is_single_choice: bool = True,
    confidence: float = 0.95,
) -> list[ReasonShare]:
    """Compute the share of each reason.

    Parameters
    ----------
    codes
        The reasons of the menu, in its order; those never chosen have share 0.
    counts_by_listener
        Listener -> reason code -> how often chosen.
    judgements_by_listener
        Listener -> judgements for which a reason was given. Listeners with none drop out of `listener_mean`.
    is_single_choice
        Whether a judgement has exactly one reason. Otherwise shares need not sum to 1.

    Raises
    ------
    ValueError
        A listener chose a code that is not in `codes`.

    Notes
    -----
    proportion = n_chosen / n_judgements over all listeners; listener_mean = mean over listeners of their own share.

    Examples
    --------
    >>> shares = reason_shares(codes=["a", "b"], counts_by_listener={"L1": {"a": 3, "b": 1}, "L2": {"b": 1}},
    ...                        judgements_by_listener={"L1": 4, "L2": 1})
    >>> [(share.proportion, share.listener_mean) for share in shares]
    [(0.6, 0.375), (0.4, 0.625)]
    """
    unknown = {code for counts in counts_by_listener.values() for code in counts} - set(codes)
    if unknown:
        raise ValueError(f"reasons {sorted(unknown)} are not in the menu")
    n_judgements = sum(judgements_by_listener.values())
    totals = {code: sum(counts.get(code, 0) for counts in counts_by_listener.values()) for code in codes}
    simultaneous = (
        goodman_intervals([totals[code] for code in codes], confidence=confidence)
        if is_single_choice
        else [None] * len(codes)
    )
    return [
        ReasonShare(
            code=code,
            n_chosen=totals[code],
            n_judgements=n_judgements,
            proportion=totals[code] / n_judgements if n_judgements else None,
            wilson=wilson_interval(n_successes=totals[code], n_trials=n_judgements, confidence=confidence),
            goodman=goodman,
            listener_mean=_listener_mean(code, counts_by_listener, judgements_by_listener),
        )
        for code, goodman in zip(codes, simultaneous, strict=True)
    ]


def _listener_mean(
    code: str,
    counts_by_listener: Mapping[str, Mapping[str, int]],
    judgements_by_listener: Mapping[str, int],
) -> float | None:
    """Return the mean over listeners of their own share; None when no listener has a judgement."""
    return mean_of(
        [
            counts_by_listener.get(listener, {}).get(code, 0) / n_listener
            for listener, n_listener in judgements_by_listener.items()
            if n_listener
        ]
    )
