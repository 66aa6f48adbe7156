"""Between which numbers of right answers somebody stays who only guesses."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from studyapp.stats.proportions import check_counts, check_open_unit


@dataclass(frozen=True, kw_only=True)
class GuessingLimits:
    """`most_below`: so few right answers or fewer lie below the limits; `least_above`: so many or more lie above.

    Each is None where so few trials allow no such number. `p_below` and `p_above` are the chances that a guesser comes
    to lie there, each at most (1 - confidence) / 2: numbers are whole, so they rarely reach it.
    """

    n_trials: int
    most_below: int | None
    least_above: int | None
    p_below: float
    p_above: float


def guessing_limits(*, n_trials: int, null: float = 0.5, confidence: float = 0.95) -> GuessingLimits:
    """Return the exact limits of guessing for one listener.

    Parameters
    ----------
    n_trials
        Answers of the listener, none negative; they count as independent, as a guesser's are.
    null
        Chance of a right answer by guessing, in (0, 1).
    confidence
        Share of guessers within the limits, at least, in (0, 1).

    Raises
    ------
    ValueError
        A negative number of trials, or a null or confidence outside (0, 1).

    Notes
    -----
    Equal tails of the binomial distribution: P(X <= most_below) <= (1 - confidence) / 2, and the same of
    P(X >= least_above). Clopper & Pearson (1934), Biometrika 26:404-413.

    Examples
    --------
    >>> [guessing_limits(n_trials=n).least_above for n in (81, 43, 38)]
    [50, 29, 26]
    >>> guessing_limits(n_trials=5).least_above is None
    True
    """
    check_counts(0, n_trials)
    check_open_unit("null", null)
    check_open_unit("confidence", confidence)
    tail = (1.0 - confidence) / 2.0
    counts = np.arange(n_trials + 1)
    at_most, at_least = binom.cdf(counts, n_trials, null), binom.sf(counts - 1, n_trials, null)
    below, above = counts[at_most <= tail], counts[at_least <= tail]
    return GuessingLimits(
        n_trials=n_trials,
        most_below=int(below[-1]) if len(below) else None,
        least_above=int(above[0]) if len(above) else None,
        p_below=float(at_most[below[-1]]) if len(below) else 0.0,
        p_above=float(at_least[above[0]]) if len(above) else 0.0,
    )
