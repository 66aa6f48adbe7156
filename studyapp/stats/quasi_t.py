"""The two-way quasi-t: is a mean, or fake minus real, other than chance for other listeners and other clips too."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from studyapp.stats.crossed_components import (
    Answers,
    Components,
    ContrastComponents,
    estimate_components,
    estimate_contrast,
)
from studyapp.stats.proportions import Interval, check_open_unit


@dataclass(frozen=True, kw_only=True)
class QuasiT:
    """A mean (or difference of means) of 0/1 answers held against `null`, with both factors drawn at random.

    `mean` is None without answers; what follows is None also where the variances cannot be told apart (one listener,
    one clip) or where nothing varies at all. `df` is Satterthwaite's and no whole number.
    """

    n_listeners: int
    n_answers: int
    mean: float | None
    null: float
    standard_error: float | None
    t: float | None
    df: float | None
    p_two_sided: float | None
    p_greater: float | None
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class _Weights:
    """How the pooled mean of a table leans on its listeners and clips."""

    by_listener: NDArray[np.float64]  # (I,), the share of the answers that is the listener's
    of_clips: float  # sum of the clips' squared shares; 1 / J on a complete table
    of_answers: float  # 1 / N
    n_clips: int


def quasi_t(answers: Answers, *, null: float = 0.5, confidence: float = 0.95) -> QuasiT:
    """Test the mean of one class of clips.

    Parameters
    ----------
    answers
        (n_listeners, n_clips), 0 or 1, NaN where a listener did not hear a clip.
    null
        Mean under the null hypothesis.

    Notes
    -----
    SE^2 = (MS_L + MS_C - MS_E) / (I J) on a complete table, and in general s_L^2 sum p_i^2 + s_C^2 sum q_j^2 +
    s_E^2 / N, with p_i and q_j the shares of the N answers that are listener i's and clip j's, and the variances of
    `estimate_components`, of which a negative one counts as 0. t = (mean - null) / SE on Satterthwaite's degrees of
    freedom, SE^4 / sum(V^2 / df) over the three mean squares. The interval may pass 0 or 1.

    References
    ----------
    Clark (1973), J. Verbal Learning Verbal Behav. 12:335-359; Satterthwaite (1946), Biometrics Bull. 2:110-114; Judd,
    Westfall & Kenny (2012), J. Pers. Soc. Psychol. 103:54-69.

    Examples
    --------
    >>> found = quasi_t(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    >>> round(found.mean, 4), round(found.standard_error, 4), round(found.df, 3)
    (0.6667, 0.2357, 2.118)
    """
    check_open_unit("confidence", confidence)
    there = answers[~np.isnan(answers)]
    mean = float(there.mean()) if len(there) else None
    se2, df = None, None
    if mean is not None and is_crossed(answers):
        components, weights = estimate_components(answers), _weigh(answers)
        se2, df = _satterthwaite(
            _listeners(components, weights), [(components, weights)], n_listeners=len(weights.by_listener)
        )
    return _result(answers.shape[0], len(there), mean, null, se2, df, confidence)


def quasi_t_contrast(fake: Answers, real: Answers, *, null: float = 0.0, confidence: float = 0.95) -> QuasiT:
    """Test P("fake" | fake) - P("fake" | real): above 0 exactly if d' is.

    Parameters
    ----------
    fake, real
        (n_listeners, n_clips) of each class, 1 for "fake"; the same listeners in the same rows.

    Notes
    -----
    Clips are nested in their class, listeners crossed with both: SE^2 holds the variance between listeners of their
    own difference, the clips of each class, and both residuals; Satterthwaite's degrees of freedom over the five mean
    squares ("stimuli within condition" of Westfall, Kenny & Judd 2014, J. Exp. Psychol. Gen. 143:2020-2045).

    Raises
    ------
    ValueError
        When the rows differ in number.
    """
    check_open_unit("confidence", confidence)
    if len(fake) != len(real):
        raise ValueError(f"{len(fake)} and {len(real)} listeners; the rows of both classes are the same listeners")
    n_answers = int((~np.isnan(fake)).sum() + (~np.isnan(real)).sum())
    means = [float(np.nanmean(table)) if (~np.isnan(table)).any() else None for table in (fake, real)]
    mean = None if means[0] is None or means[1] is None else means[0] - means[1]
    se2, df = None, None
    hear_both = (~np.isnan(fake)).any(axis=1) & (~np.isnan(real)).any(axis=1)
    if hear_both.sum() > 1 and is_crossed(fake) and is_crossed(real):
        contrast = estimate_contrast(fake, real)
        weights = (_weigh(fake), _weigh(real))
        classes = list(zip((contrast.fake, contrast.real), weights, strict=True))
        se2, df = _satterthwaite(_differences(contrast, *weights), classes, n_listeners=len(fake))
    return _result(len(fake), n_answers, mean, null, se2, df, confidence)


def is_crossed(answers: Answers) -> bool:
    """Return whether two listeners heard two clips each, and two clips were heard by two listeners each."""
    there = ~np.isnan(answers)
    return bool((there.sum(axis=1) > 1).sum() > 1 and (there.sum(axis=0) > 1).sum() > 1)


def _weigh(answers: Answers) -> _Weights:
    there = ~np.isnan(answers)
    n = float(there.sum())
    of_clips = there.sum(axis=0)
    return _Weights(
        by_listener=there.sum(axis=1) / n,
        of_clips=float(((of_clips / n) ** 2).sum()),
        of_answers=1.0 / n,
        n_clips=int((of_clips > 0).sum()),
    )


def _listeners(components: Components, weights: _Weights) -> float:
    return max(components.listener, 0.0) * float((weights.by_listener**2).sum())


def _differences(contrast: ContrastComponents, fake: _Weights, real: _Weights) -> float:
    """Return the part of the listeners in the variance of the difference, 0 if it comes out negative."""
    covariance = (contrast.fake.listener + contrast.real.listener - contrast.difference) / 2.0
    own = contrast.fake.listener * (fake.by_listener**2).sum() + contrast.real.listener * (real.by_listener**2).sum()
    return max(float(own - 2.0 * covariance * (fake.by_listener * real.by_listener).sum()), 0.0)


def _satterthwaite(
    of_listeners: float, classes: list[tuple[Components, _Weights]], *, n_listeners: int
) -> tuple[float, float]:
    """Return SE^2 and its degrees of freedom from the listeners' part and each class's clips and residual."""
    residuals = [max(components.residual, 0.0) * weights.of_answers for components, weights in classes]
    parts = [(of_listeners + sum(residuals), n_listeners - 1.0)]
    se2 = of_listeners + sum(residuals)
    for (components, weights), residual in zip(classes, residuals, strict=True):
        clips = max(components.clip, 0.0) * weights.of_clips
        se2 += clips
        # Where answers are missing the residual has that many fewer degrees of freedom.
        residual_df = max(1.0, 1.0 / weights.of_answers - n_listeners - weights.n_clips + 1.0)
        parts += [(clips + residual, weights.n_clips - 1.0), (residual, residual_df)]
    spread = sum(variance**2 / df for variance, df in parts)
    return se2, se2**2 / spread if spread > 0.0 else math.inf


def _result(
    n_listeners: int,
    n_answers: int,
    mean: float | None,
    null: float,
    se2: float | None,
    df: float | None,
    confidence: float,
) -> QuasiT:
    error = math.sqrt(se2) if se2 else None
    t = two_sided = greater = interval = None
    if mean is not None and error is not None and df is not None:
        t = (mean - null) / error
        two_sided, greater = float(2.0 * student.sf(abs(t), df)), float(student.sf(t, df))
        half = float(student.ppf(0.5 + confidence / 2.0, df)) * error
        interval = Interval(low=mean - half, high=mean + half, confidence=confidence)
    return QuasiT(
        n_listeners=n_listeners,
        n_answers=n_answers,
        mean=mean,
        null=null,
        standard_error=error,
        t=t,
        df=df if error is not None else None,
        p_two_sided=two_sided,
        p_greater=greater,
        interval=interval,
    )
