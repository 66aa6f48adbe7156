"""Forced choice against its defining integral, by simulation, and at its edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from studyapp.stats.forced_choice import forced_choice

pytestmark = pytest.mark.once


@pytest.mark.parametrize("d_prime", [-0.7, 0.0, 0.54, 0.95, 1.47, 3.0])
def test_is_the_integral_of_two_alternatives(d_prime):
    """P(right) = integral of phi(x - d') Phi(x): Hacker & Ratcliff (1979), Percept. Psychophys. 26:168-170, M = 2."""
    share, _ = quad(lambda x: norm.pdf(x - d_prime) * norm.cdf(x), -12.0, 12.0)
    n_trials = 10**9  # in which the correction is gone
    found = forced_choice(n_correct=round(share * n_trials), n_trials=n_trials)
    assert found.d_prime == pytest.approx(d_prime, abs=1e-7)


def test_an_observer_who_takes_the_larger_of_two_sensations_has_this_d_prime():
    rng = np.random.default_rng(3)
    n_trials, d_prime = 200_000, 1.2
    is_right = rng.normal(d_prime, 1.0, n_trials) > rng.normal(0.0, 1.0, n_trials)
    assert forced_choice(n_correct=int(is_right.sum()), n_trials=n_trials).d_prime == pytest.approx(d_prime, abs=0.02)


def test_edges():
    assert forced_choice(n_correct=0, n_trials=0) is None
    assert forced_choice(n_correct=5, n_trials=10).d_prime == pytest.approx(0.0, abs=1e-15)
    best = forced_choice(n_correct=10, n_trials=10)
    assert best.proportion_correct == 1.0 and math.isfinite(best.d_prime)
    for k, n in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError):
            forced_choice(n_correct=k, n_trials=n)


@given(n_trials=st.integers(1, 500), data=st.data())
def test_right_and_wrong_are_mirrored(n_trials, data):
    k = data.draw(st.integers(0, n_trials))
    found, mirrored = (forced_choice(n_correct=each, n_trials=n_trials) for each in (k, n_trials - k))
    assert found.d_prime == pytest.approx(-mirrored.d_prime, abs=1e-9)
    assert found.proportion_correct == pytest.approx(1.0 - mirrored.proportion_correct)
