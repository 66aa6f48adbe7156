"""The simulated listener: equal-variance signal detection, with listeners and clips that differ if asked to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr


@dataclass(frozen=True, kw_only=True)
class ObserverModel:
    """A population of listeners with known sensitivity and criterion.

    Notes
    -----
    P(says fake | fake) = Phi(d_prime / 2 - criterion_c + listener + clip) and
    P(says fake | real) = Phi(-d_prime / 2 - criterion_c + listener + clip), where listener ~ N(0, listener_sd^2) and
    clip ~ N(0, clip_sd^2) are shifts on the latent (probit) scale, towards "fake" when positive. The listener shift
    moves that listener's criterion. With a clip shift, d' estimated from answers over many clips comes out smaller, by
    the factor 1 / sqrt(1 + clip_sd^2) in the limit; `d_prime` and `criterion_c` are the values given listener and clip.

    References
    ----------
    Green & Swets (1966), Signal Detection Theory and Psychophysics; DeCarlo (1998), Psychol. Methods 3:186-205.
    """

    d_prime: float = 0.5
    criterion_c: float = 0.3
    listener_sd: float = 0.0
    clip_sd: float = 0.0
    reason_weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not np.all(np.isfinite([self.d_prime, self.criterion_c, self.listener_sd, self.clip_sd])):
            raise ValueError("d_prime, criterion_c, listener_sd and clip_sd must be finite numbers")
        if self.listener_sd < 0 or self.clip_sd < 0:
            raise ValueError("listener_sd and clip_sd must not be negative")
        if any(not np.isfinite(weight) or weight < 0 for weight in self.reason_weights.values()):
            raise ValueError("reason weights must be finite and not negative")


def fake_probability(
    model: ObserverModel, *, is_fake: bool, listener_shift: float = 0.0, clip_shift: float = 0.0
) -> float:
    """Return the probability that the listener says "fake".

    Examples
    --------
    >>> round(fake_probability(ObserverModel(d_prime=1.0, criterion_c=0.2), is_fake=True), 6)
    0.617911
    """
    signal = model.d_prime / 2.0 if is_fake else -model.d_prime / 2.0
    return float(ndtr(signal - model.criterion_c + listener_shift + clip_shift))


def draw_shift(sd: float, rng: np.random.Generator) -> float:
    """Draw a listener's or a clip's shift on the latent scale."""
    return float(rng.normal(0.0, sd)) if sd > 0 else 0.0


def draw_says_fake(
    model: ObserverModel,
    *,
    is_fake: bool,
    rng: np.random.Generator,
    listener_shift: float = 0.0,
    clip_shift: float = 0.0,
) -> bool:
    """Draw one answer: True for "fake"."""
    return bool(
        rng.random() < fake_probability(model, is_fake=is_fake, listener_shift=listener_shift, clip_shift=clip_shift)
    )


def draw_reason(model: ObserverModel, *, codes: Sequence[str], rng: np.random.Generator) -> str:
    """Draw a reason among `codes` by the model's weights; reasons without a weight are never drawn.

    Where no code has a weight all are equally likely. Raises ValueError when there is no code.
    """
    if not codes:
        raise ValueError("there is no reason to choose from")
    weights = np.array([model.reason_weights.get(code, 0.0) for code in codes])
    if weights.sum() <= 0.0:
        weights = np.ones(len(codes))
    return str(codes[int(rng.choice(len(codes), p=weights / weights.sum()))])


def simulate_answers(
    model: ObserverModel,
    *,
    n_listeners: int,
    is_fake: NDArray[np.bool_],
    rng: np.random.Generator,
    d_prime_sd: float = 0.0,
) -> NDArray[np.bool_]:
    """Draw a complete crossing of listeners and clips.

    Parameters
    ----------
    is_fake
        (n_clips,) bool, the truth of each clip.
    d_prime_sd
        How much the listeners' own d' vary about the model's, normally distributed.

    Returns
    -------
    numpy.ndarray
        (n_listeners, n_clips) bool, True where the listener says "fake".

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> simulate_answers(ObserverModel(), n_listeners=3, is_fake=np.array([True, False]), rng=rng).shape
    (3, 2)
    """
    listeners = rng.normal(0.0, 1.0, (n_listeners, 1)) * model.listener_sd  # (L, 1)
    clips = rng.normal(0.0, 1.0, (1, len(is_fake))) * model.clip_sd  # (1, C)
    signal = np.where(is_fake, 0.5, -0.5) * model.d_prime  # (C,)
    if d_prime_sd > 0:
        signal = signal + np.where(is_fake, 0.5, -0.5) * rng.normal(0.0, d_prime_sd, (n_listeners, 1))  # (L, C)
    probability = ndtr(signal - model.criterion_c + listeners + clips)  # (L, C)
    return np.asarray(rng.random(probability.shape) < probability)
