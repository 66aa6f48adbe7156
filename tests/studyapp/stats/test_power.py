"""Power of crossed designs, against published planning values, against simulated studies, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import nct
from scipy.stats import t as student

from studyapp.stats.crossed_components import Components, LatentSpread, latent_contrast
from studyapp.stats.observer_model import ObserverModel, simulate_answers
from studyapp.stats.power import Design, class_power, contrast_power, listeners_needed, power_ceiling

pytestmark = pytest.mark.once

# Detectable difference from .5 with 80 % power, in points: the planning values of the methods report (listener .018 and
# clip .025, residual .21 of fakes; .020, .007, .18 of reals), computed there by other code.
FAKES = Components(mean=0.5, listener=0.018, clip=0.025, residual=0.21)
REALS = Components(mean=0.5, listener=0.020, clip=0.007, residual=0.18)
PLANNED = {
    (20, 43): (12.0, 10.7),
    (40, 43): (9.7, 7.9),
    (60, 43): (8.8, 6.7),
    (100, 43): (8.1, 5.7),
    (200, 43): (7.6, 4.8),
    (40, 80): (8.2, 7.2),
    (60, 80): (7.2, 6.0),
    (100, 80): (6.4, 4.9),
    (60, 120): (6.5, 5.7),
    (100, 200): (5.0, 4.4),
}


@pytest.mark.parametrize(("design", "points"), PLANNED.items())
def test_equals_the_planning_values(design: tuple[int, int], points: tuple[float, float]) -> None:
    for components, wanted in zip((FAKES, REALS), points, strict=True):
        found = brentq(
            lambda effect, of=components: (
                class_power(of, effect=effect, n_listeners=design[0], n_clips=design[1]).power - 0.8
            ),
            1e-4,
            0.5,
        )
        assert abs(100 * found - wanted) <= 0.15  # the report's components are rounded


def test_a_t_test_over_listeners_needs_d_of_two_thirds() -> None:
    """Without clip variance or residual only listeners vary: 20 of them have 80 % power at d = .66 (Cohen 1988)."""
    only = Components(mean=0.5, listener=0.01, clip=0.0, residual=0.0)
    assert class_power(only, effect=0.066, n_listeners=20, n_clips=40).power == pytest.approx(0.80, abs=0.01)
    assert class_power(only, effect=0.066, n_listeners=20, n_clips=40).df == 19


def test_contrast_power_is_what_simulated_studies_find() -> None:
    spread = LatentSpread(listener_sd=0.4, sensitivity_sd=0.0, clip_sd=0.5)
    listeners, clips = 16, 14
    planned = contrast_power(
        latent_contrast(d_prime=0.65, criterion_c=0.2, spread=spread),
        Design(n_listeners=listeners, n_fake=clips, n_real=clips),
    )
    model = ObserverModel(d_prime=0.65, criterion_c=0.2, listener_sd=0.4, clip_sd=0.5)
    rng = np.random.default_rng(11)
    is_fake = np.arange(2 * clips) < clips
    n_found, n_studies = 0, 600
    for _ in range(n_studies):
        answers = simulate_answers(model, n_listeners=listeners, is_fake=is_fake, rng=rng).astype(float)
        n_found += _finds(answers[:, :clips], answers[:, clips:])
    assert n_found / n_studies == pytest.approx(planned.power, abs=0.07)
    assert 0.3 < planned.power < 0.95


def _finds(fake: np.ndarray, real: np.ndarray) -> bool:
    """Test the difference by the quasi-t of plain sums of squares: listeners crossed, clips nested in their class."""
    listeners, clips = fake.shape
    difference = fake.mean(axis=1) - real.mean(axis=1)
    of_listeners = difference.var(ddof=1) / listeners
    squares, parts = of_listeners, [(of_listeners, listeners - 1)]
    for table in (fake, real):
        of_clips = table.mean(axis=0).var(ddof=1) / clips
        rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
        residual = (rest**2).sum() / ((listeners - 1) * (clips - 1)) / (listeners * clips)
        squares += of_clips - residual
        parts += [(of_clips, clips - 1), (residual, (listeners - 1) * (clips - 1))]
    if squares <= 0:
        return True
    df = squares**2 / sum(variance**2 / n for variance, n in parts)
    return abs(difference.mean()) / squares**0.5 > student.isf(0.025, df)


def test_more_listeners_do_not_replace_more_clips() -> None:
    def power(listeners: int) -> float:
        return class_power(FAKES, effect=0.08, n_listeners=listeners, n_clips=20).power

    ceiling = power_ceiling(power)
    assert power(50) < power(5000) < ceiling + 1e-6
    assert power(50_000) == pytest.approx(ceiling, abs=1e-3)
    # Then only clips vary: a t test over the clips' own means.
    over_clips = nct.sf(student.isf(0.025, 19), 19, 0.08 / (0.025 / 20) ** 0.5)
    assert ceiling == pytest.approx(over_clips, abs=1e-4)
    assert ceiling < 0.8
    assert listeners_needed(power, wanted=0.8) is None
    assert listeners_needed(power, wanted=0.5) is not None


def test_fewest_listeners_are_fewest() -> None:
    def power(listeners: int) -> float:
        return class_power(FAKES, effect=0.1, n_listeners=listeners, n_clips=80).power

    needed = listeners_needed(power, wanted=0.8)
    assert needed is not None
    assert power(needed) >= 0.8 > power(needed - 1)


@pytest.mark.parametrize("fewest", [2, 3, 65_536, 65_537, 90_000, 100_000])
def test_any_number_up_to_the_most_is_found(fewest: int) -> None:
    assert listeners_needed(lambda n: float(n >= fewest), wanted=0.8) == fewest
    assert listeners_needed(lambda n: float(n > 100_000), wanted=0.8) is None


def test_hearing_a_part_of_the_clips_costs_power_but_less_than_having_fewer() -> None:
    def power(**numbers: int) -> float:
        return class_power(FAKES, effect=0.1, n_listeners=40, **numbers).power

    assert power(n_clips=20) < power(n_clips=80, heard=20) < power(n_clips=80) == power(n_clips=80, heard=500)


def test_without_an_effect_the_power_is_the_level() -> None:
    for side in ("two", "one"):
        assert class_power(FAKES, effect=0.0, n_listeners=30, n_clips=30, alpha=0.03, side=side).power == pytest.approx(
            0.03, abs=1e-6
        )


@pytest.mark.parametrize(
    "numbers",
    [
        {"n_listeners": 1, "n_clips": 10},
        {"n_listeners": 10, "n_clips": 1},
        {"n_listeners": 10, "n_clips": 10, "heard": 0},
        {"n_listeners": 10, "n_clips": 10, "alpha": 0.0},
        {"n_listeners": 10, "n_clips": 10, "alpha": 1.0},
        {"n_listeners": 10, "n_clips": 10, "effect": float("nan")},
    ],
)
def test_refuses_what_is_out_of_range(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        class_power(FAKES, **({"effect": 0.1} | numbers))  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    listener=st.floats(0, 0.1),
    clip=st.floats(0, 0.1),
    residual=st.floats(0, 0.25),
    listeners=st.integers(2, 3000),
    clips=st.integers(2, 3000),
    effect=st.floats(-0.5, 0.5),
)
def test_power_is_a_probability(
    listener: float, clip: float, residual: float, listeners: int, clips: int, effect: float
) -> None:
    of = Components(mean=0.5, listener=listener, clip=clip, residual=residual)
    found = class_power(of, effect=effect, n_listeners=listeners, n_clips=clips)
    assert 0.0 <= found.power <= 1.0
