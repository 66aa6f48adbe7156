"""Two-interval forced choice: the share of right answers and d'."""

import math
from dataclasses import dataclass

from scipy.special import ndtri

from studyapp.stats.proportions import check_counts


@dataclass(frozen=True, kw_only=True)
class ForcedChoice:
    """Of pairs of a fake and a real sound: `proportion_correct` as counted, and d' of the corrected one."""

    n_correct: int
    n_trials: int
    proportion_correct: float
    d_prime: float


def forced_choice(*, n_correct: int, n_trials: int) -> ForcedChoice | None:
    """Return share and d' of one observer, or of all together; None without trials.

    Parameters
    ----------
    n_correct, n_trials
        Pairs in which the fake was found, and all.

    Raises
    ------
    ValueError
        Counts that cannot be.

    Notes
    -----
    d' = sqrt(2) z((n_correct + .5) / (n_trials + 1)): the two intervals give two chances to hear one difference. The
    log-linear correction keeps it finite, and applies always. It takes the observer to favour neither interval; who
    does has a larger d' than this.

    References
    ----------
    Macmillan & Creelman (2005), Detection Theory, 2nd ed., ch. 7; Hautus (1995), Behav. Res. Methods Instrum. Comput.
    27:46-51.

    Examples
    --------
    >>> found = forced_choice(n_correct=15, n_trials=20)
    >>> found.proportion_correct, round(found.d_prime, 6)
    (0.75, 0.901539)
    """
    check_counts(n_correct, n_trials)
    if not n_trials:
        return None
    return ForcedChoice(
        n_correct=n_correct,
        n_trials=n_trials,
        proportion_correct=n_correct / n_trials,
        d_prime=math.sqrt(2.0) * float(ndtri((n_correct + 0.5) / (n_trials + 1.0))),
    )
