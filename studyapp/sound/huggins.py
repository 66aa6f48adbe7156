"""Synthesise the Huggins pitch test: which of three noises holds a faint tone?

The tone exists only between the ears: the noise is the same in both, but for a narrow band whose phase is turned by 180
degrees in one. Over loudspeakers the two mix and there is no tone.

References
----------
Milne, A. E., Bianco, R., Poole, K. C., Zhao, S., Oxenham, A. J., Billig, A. J., & Chait, M. (2021). An online headphone
screening test based on dichotic pitch. Behavior Research Methods, 53, 1551-1562. doi:10.3758/s13428-020-01514-0
Cramer, E. M., & Huggins, W. H. (1958). Creation of pitch through binaural interaction. Journal of the Acoustical
Society of America, 30, 413-417.
"""

import numpy as np
from numpy.typing import NDArray

from studyapp.sound.levels import SAMPLE_RATE_HZ, gain_to
from studyapp.sound.three_intervals import PLACES, join_intervals

CENTRE_HZ = 600.0
HALF_WIDTH = 0.06  # of the centre
NOISE_S = 1.0
GAP_S = 1.0
CLIP_SIGMA = 4.2


def huggins(target: int, *, level_dbfs: float, seed: int) -> NDArray[np.float64]:
    """Return one trial: three Gaussian noises of 1,000 ms with 1,000 ms of silence between, without ramps.

    Each noise is white up to half the sampling rate and clipped at 4.2 standard deviations. In the target the right ear
    has the band of 600 Hz +-6 % (73 one-hertz bins, 564 to 636 Hz) turned by 180 degrees; the authors' files, by an
    index that counts from one, turn 563 to 635 Hz. The two ears have the same power spectrum.

    target: the interval with the tone, 1 to 3. level_dbfs: RMS level of the noises; above about -13 dBFS the peak
    limits it (0.99).

    Returns
    -------
    (220500, 2) at 44,100 Hz.

    Raises
    ------
    ValueError
        For another target.
    """
    if target not in PLACES:
        raise ValueError(f"target {target!r} is not 1, 2 or 3")
    rng = np.random.default_rng(seed)
    n_samples = round(NOISE_S * SAMPLE_RATE_HZ)
    noises = np.clip(rng.standard_normal((len(PLACES), n_samples)), -CLIP_SIGMA, CLIP_SIGMA)
    intervals = [
        np.stack((noise, _turned(noise) if place == target else noise), axis=1)
        for place, noise in zip(PLACES, noises, strict=True)
    ]
    gain = gain_to(level_dbfs, np.concatenate(intervals))
    return join_intervals([gain * interval for interval in intervals], GAP_S)


def _turned(noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the noise with the phase of the band turned by 180 degrees."""
    spectrum = np.fft.rfft(noise)
    frequencies = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE_HZ)
    band = np.abs(frequencies - CENTRE_HZ) <= HALF_WIDTH * CENTRE_HZ + 1e-9
    spectrum[band] *= -1
    return np.fft.irfft(spectrum, len(noise))
