"""Shares of the reasons that listeners gave, pooled over judgements and averaged over listeners."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import t as student_t

from studyapp.stats.descriptive import summarize_mean
from studyapp.stats.proportions import Interval, check_open_unit, wilson_interval
from studyapp.stats.sison_glaz import sison_glaz_intervals

LEAST_FOR_SISON_GLAZ = 10  # judgements; below, its expansion is rough


@dataclass(frozen=True, kw_only=True)
class ReasonShare:
    """How often one reason was given.

    `proportion` is of all judgements with a reason (None when there are none); `wilson` is its interval alone;
    `goodman` and `sison_glaz` hold for all reasons at once and are None where several reasons may be chosen, the second
    also below ten judgements: all three count judgements as independent. `clustered` is the interval of the same share
    with listeners drawn as a whole, and `design_effect` how many times its variance is that of independent judgements.
    `listener_mean` weighs every listener the same; `listener_interval` is its t interval. Both intervals over listeners
    are None below two listeners with a reason, or where these do not differ, and reach beyond [0, 1] where a share is
    near its end.
    """

    code: str
    n_chosen: int
    n_judgements: int
    proportion: float | None
    wilson: Interval | None
    goodman: Interval | None
    sison_glaz: Interval | None
    clustered: Interval | None
    design_effect: float | None
    listener_mean: float | None
    listener_interval: Interval | None


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


def clustered_interval(
    counts: Sequence[int], totals: Sequence[int], *, confidence: float = 0.95
) -> tuple[Interval | None, float | None]:
    """Return the interval of a pooled share over listeners, and its design effect.

    Parameters
    ----------
    counts, totals
        Of each listener, how often the reason was chosen (k_i) and how many judgements have one (n_i > 0).

    Returns
    -------
    The interval, not cut to [0, 1], and the design effect. Both None below two listeners, or without spread.

    Notes
    -----
    The ratio estimate p = sum k / sum n has variance I / (I - 1) sum (k_i - p n_i)^2 / (sum n)^2, linearised; Student's
    t on I - 1 degrees of freedom. The design effect is that variance over p (1 - p) / sum n. It speaks of other
    listeners who hear these clips.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., section 9A.1; Kish (1965), Survey Sampling, section 8.2.

    Examples
    --------
    >>> interval, effect = clustered_interval([3, 1, 2], [4, 4, 4])
    >>> round(interval.low, 3), round(interval.high, 3), round(effect, 3)
    (-0.121, 1.121, 1.0)
    """
    check_open_unit("confidence", confidence)
    n_listeners, total = len(totals), sum(totals)
    if n_listeners < 2:
        return None, None
    share = sum(counts) / total
    # Compared as whole numbers: listeners who do not differ have a spread of 0, whatever rounding does to it.
    if all(count * total == sum(counts) * n for count, n in zip(counts, totals, strict=True)):
        return None, None
    squares = math.fsum((count - share * n) ** 2 for count, n in zip(counts, totals, strict=True))
    variance = n_listeners / (n_listeners - 1) * squares / total**2
    half = float(student_t.ppf(0.5 + confidence / 2.0, n_listeners - 1)) * math.sqrt(variance)
    interval = Interval(low=share - half, high=share + half, confidence=confidence)
    return interval, variance / (share * (1.0 - share) / total)


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
    proportion = n_chosen / n_judgements over all listeners; listener_mean = mean over listeners of their own share,
    with Student's t interval. The other intervals are those of `wilson_interval`, `goodman_intervals`,
    `sison_glaz_intervals` and `clustered_interval`.

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
    n_by_listener = {listener: n for listener, n in judgements_by_listener.items() if n}
    counts = {code: [counts_by_listener.get(listener, {}).get(code, 0) for listener in n_by_listener] for code in codes}
    totals = [sum(each) for each in counts.values()]
    none: list[Interval | None] = [None] * len(codes)
    is_multinomial = is_single_choice and sum(totals) > 0
    goodman = goodman_intervals(totals, confidence=confidence) if is_multinomial else none
    is_enough = is_multinomial and sum(totals) >= LEAST_FOR_SISON_GLAZ
    sison_glaz = sison_glaz_intervals(totals, confidence=confidence) if is_enough else none
    return [
        _share(code, counts[code], list(n_by_listener.values()), simultaneous, confidence)
        for code, *simultaneous in zip(codes, goodman, sison_glaz, strict=True)
    ]


def _share(
    code: str, counts: list[int], totals: list[int], simultaneous: list[Interval | None], confidence: float
) -> ReasonShare:
    n_chosen, n_judgements = sum(counts), sum(totals)
    clustered, design_effect = clustered_interval(counts, totals, confidence=confidence)
    own = summarize_mean([count / n for count, n in zip(counts, totals, strict=True)], confidence=confidence)
    goodman, sison_glaz = simultaneous
    return ReasonShare(
        code=code,
        n_chosen=n_chosen,
        n_judgements=n_judgements,
        proportion=n_chosen / n_judgements if n_judgements else None,
        wilson=wilson_interval(n_successes=n_chosen, n_trials=n_judgements, confidence=confidence),
        goodman=goodman,
        sison_glaz=sison_glaz,
        clustered=clustered,
        design_effect=design_effect,
        listener_mean=own.mean,
        listener_interval=own.interval,
    )
