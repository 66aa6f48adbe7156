"""The panel of section VI of Ouajdi et al. (2024), with each number named for what it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from studyapp.stats.descriptive import summarize_mean
from studyapp.stats.proportions import Interval


@dataclass(frozen=True, kw_only=True)
class SectionViPanel:
    """Proportions of correct answers, one per unit (listener or clip), held against chance.

    `effect_size_d` is what the paper prints as z; `t` is the test statistic. None where not defined: all but
    `n_units` and `mean` below two units, and `effect_size_d`, `t`, the p-values and the interval when all units agree.
    """

    n_units: int
    mean: float | None
    sd: float | None
    effect_size_d: float | None
    t: float | None
    df: int | None
    p_greater: float | None
    p_two_sided: float | None
    interval: Interval | None


def section_vi_panel(
    unit_proportions: Sequence[float], *, chance: float = 0.5, confidence: float = 0.95
) -> SectionViPanel:
    """Compute d, t, both p-values and the interval of the mean from one proportion per unit.

    Parameters
    ----------
    unit_proportions
        The share of correct answers of each listener (or about each clip), in [0, 1].
    chance
        The share that guessing reaches.

    Raises
    ------
    ValueError
        A proportion outside [0, 1].

    Notes
    -----
    d = (M - chance) / SD over units (n - 1 in the denominator); t = d sqrt(n) on n - 1 degrees of freedom. The
    published z = 1.34 with p < .0001 and z = -.07 with p = .6 over 20 listeners fit d with a one-sided t-test, and no
    standard normal statistic. By listener the result generalises to listeners with these clips; by clip, to clips with
    these listeners; only a crossed test does both.

    References
    ----------
    Ouajdi et al. (2024), Detection of Deepfake Environmental Audio, EUSIPCO; Cohen (1988), Statistical Power
    Analysis, 2nd ed., ch. 2; Clark (1973), J. Verbal Learning Verbal Behav. 12:335-359.

    Examples
    --------
    >>> panel = section_vi_panel([0.5, 0.75, 1.0])
    >>> panel.mean, panel.effect_size_d, round(panel.t, 6)
    (0.75, 1.0, 1.732051)
    """
    if not all(0.0 <= proportion <= 1.0 for proportion in unit_proportions):
        raise ValueError("every proportion must lie in [0, 1]")
    summary = summarize_mean(unit_proportions, null=chance, confidence=confidence)
    mean, sd = summary.mean, summary.sd
    return SectionViPanel(
        n_units=summary.n_units,
        mean=mean,
        sd=sd,
        effect_size_d=(mean - chance) / sd if mean is not None and sd else None,
        t=summary.t,
        df=summary.df,
        p_greater=summary.p_greater,
        p_two_sided=summary.p_two_sided,
        interval=summary.interval,
    )
