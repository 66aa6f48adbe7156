"""The Fréchet distance against the matrix square root, by hand, at the edges, and as a distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from detector.ml import frechet
from detector.ml.frechet import frechet_distance

pytestmark = pytest.mark.once


def by_square_root(a, b) -> float:
    """The formula as fadtk and the FID code write it, for covariances of full rank."""
    s_a, s_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = sqrtm(s_a @ s_b)
    return float(np.square(a.mean(0) - b.mean(0)).sum() + np.trace(s_a + s_b) - 2 * np.trace(root).real)


@pytest.mark.parametrize(("n", "m", "dim"), [(60, 50, 5), (300, 200, 40), (40, 400, 39)])
def test_agrees_with_scipys_matrix_square_root(n: int, m: int, dim: int) -> None:
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(n, dim)) @ rng.normal(size=(dim, dim)), 1 + 2 * rng.normal(size=(m, dim))
    assert frechet_distance(a, b) == pytest.approx(by_square_root(a, b), rel=1e-9)


def test_with_fewer_frames_than_dimensions_it_is_the_limit_of_a_vanishing_ridge() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.normal(size=(6, 20)), rng.normal(size=(9, 20)) + 0.5
    found, errors = frechet_distance(a, b), []
    for ridge in (1e-4, 1e-6, 1e-8):
        s_a, s_b = (np.cov(frames, rowvar=False) + ridge * np.eye(20) for frames in (a, b))
        # Symmetric form: the square root of S_a S_b itself loses digits where the matrices are nearly singular.
        root_a = (lambda pair: pair[1] * np.sqrt(pair[0]) @ pair[1].T)(np.linalg.eigh(s_a))
        overlap = np.sqrt(np.linalg.eigvalsh(root_a @ s_b @ root_a).clip(0)).sum()
        limit = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(s_a + s_b) - 2 * overlap
        errors.append(abs(limit - found))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3


def test_in_one_dimension_it_is_the_difference_of_means_and_sds() -> None:
    a, b = np.array([[0.0], [2.0], [4.0]]), np.array([[10.0], [11.0], [12.0]])
    assert frechet_distance(a, b) == pytest.approx((11 - 2) ** 2 + (2 - 1) ** 2)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(2, 30), st.integers(1, 20))
def test_both_routes_agree_and_it_is_symmetric_and_not_negative(seed: int, n: int, m: int, dim: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(n, dim)), rng.normal(size=(m, dim)) * 3
    found = frechet_distance(a, b)
    assert found >= 0.0
    assert frechet_distance(b, a) == pytest.approx(found, rel=1e-9, abs=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-10)
    shift = rng.normal(size=dim)
    assert frechet_distance(a, a + shift) == pytest.approx(np.square(shift).sum(), rel=1e-9, abs=1e-9)
    # The long way round: no frames are shortened, n x m as it is.
    mean_a, centred_a = frechet._centred(a)
    mean_b, centred_b = frechet._centred(b)
    overlap = np.linalg.svd(centred_a @ centred_b.T, compute_uv=False).sum()
    spread = np.square(centred_a).sum() + np.square(centred_b).sum()
    unshortened = np.square(mean_a - mean_b).sum() + spread - 2 * overlap
    assert found == pytest.approx(unshortened, rel=1e-9, abs=1e-9)


def test_half_precision_frames_are_widened_before_anything_is_summed() -> None:
    rng = np.random.default_rng(2)
    a, b = (300 + rng.normal(size=(500, 4))).astype(np.float16), (300 + rng.normal(size=(400, 4))).astype(np.float16)
    assert frechet_distance(a, b) == frechet_distance(a.astype(np.float64), b.astype(np.float64))


def test_refuses_frames_that_have_no_covariance() -> None:
    good = np.ones((3, 2))
    for bad, words in (
        (np.ones((1, 2)), "two at least"),
        (np.ones(2), "two at least"),
        (np.ones((3, 4)), "not of one encoder"),
        (np.array([[0.0, np.nan], [1.0, 1.0]]), "1 frames are NaN"),
    ):
        with pytest.raises(ValueError, match=words):
            frechet_distance(bad, good)
        with pytest.raises(ValueError, match=words if "encoder" not in words else "dimensions"):
            frechet_distance(good, bad)
