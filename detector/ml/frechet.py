"""The Fréchet distance of two sets of frames, each taken for a normal distribution."""

import numpy as np
from numpy.typing import NDArray


def frechet_distance(frames_a: NDArray[np.floating], frames_b: NDArray[np.floating]) -> float:
    """Return the Fréchet (2-Wasserstein) distance, squared, of the normals fitted to frames; 0 or above.

    Parameters
    ----------
    frames_a, frames_b
        (n, D) and (m, D) frames of an encoder, of any floating type; n and m at least 2.

    Raises
    ------
    ValueError
        Fewer than 2 frames, different D, or a frame that is not finite.

    Notes
    -----
    d = |mu_a - mu_b|^2 + tr S_a + tr S_b - 2 tr (S_a S_b)^(1/2), covariances with n - 1, in float64. With A and B the
    centred frames, tr (S_a S_b)^(1/2) is the sum of the singular values of A B^T / sqrt((n - 1)(m - 1)): exact with
    fewer frames than dimensions too, where the matrix square root of other code takes a singular matrix, adds a small
    number to its diagonal or drops an imaginary part. Where n > D, A is first replaced by the R of its QR
    decomposition, which has the same A^T A. Few frames bias the distance upwards: compare like numbers.

    References
    ----------
    Dowson and Landau (1982), J. Multivar. Anal. 12:450-455; Kilgour et al. (2019), Interspeech (the audio distance).

    Examples
    --------
    >>> frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]]))
    9.0
    """
    mean_a, centred_a = _centred(frames_a)
    mean_b, centred_b = _centred(frames_b)
    if mean_a.shape != mean_b.shape:
        raise ValueError(f"frames of {mean_a.size} and {mean_b.size} dimensions: these are not of one encoder")
    cross = _short(centred_a) @ _short(centred_b).T  # (min(n, D), min(m, D))
    overlap = float(np.linalg.svd(cross, compute_uv=False).sum())
    spread = float(np.square(centred_a).sum() + np.square(centred_b).sum())
    distance = float(np.square(mean_a - mean_b).sum()) + spread - 2.0 * overlap
    return max(0.0, distance)  # rounding leaves some -1e-16 of the spread for equal frames


def _centred(frames: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean (D,) and the frames (n, D) less it, over sqrt(n - 1), so that their product is the covariance."""
    if frames.ndim != 2 or len(frames) < 2:
        raise ValueError(f"frames {frames.shape}: need two at least, as (n, D)")
    wide = np.asarray(frames, dtype=np.float64)
    if not np.isfinite(wide).all():
        raise ValueError(f"{int((~np.isfinite(wide)).any(axis=1).sum())} frames are NaN or infinite")
    mean = wide.mean(axis=0)
    return mean, (wide - mean) / np.sqrt(len(wide) - 1)


def _short(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return frames with the same product A^T A and at most D rows."""
    if centred.shape[0] <= centred.shape[1]:
        return centred
    return np.asarray(np.linalg.qr(centred, mode="r"))
