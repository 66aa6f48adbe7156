"""The recipe of aiSFX, as data."""

from .spec import EncoderSpec, WeightsSource

AISFX = EncoderSpec(
    name="aisfx",
    title="aiSFX (X-Sequential-CE)",
    dim=512,
    sample_rate_hz=44100,
    licence="CC BY 4.0",
    citation=(
        "A. B. Ma and A. Lerch, Representation Learning for the Automatic Indexing of Sound Effects Libraries, "
        "ISMIR 2022, pp. 866-875"
    ),
    url="https://github.com/alisonbma/aisfx",
    description=(
        "A nine-layer convolutional network trained on nine sound-effect libraries. The PyPI package carries its "
        "weights, so nothing is downloaded."
    ),
    weights=WeightsSource(
        name="aisfx",
        kind="package",
        package="aisfx",
        file="models/checkpoint.pth",
        sha256="499ea75909c932a2f94c35fa722fa4fabc5bcb7e84917209cc5f7402627b7eb5",
        n_bytes=24900277,
        licence="CC BY 4.0",
        url="https://github.com/alisonbma/aisfx",
        page="https://github.com/alisonbma/aisfx",
    ),
    preprocessing={
        "mixdown": "mean",
        "resampler": "soxr_hq",
        "sample_rate_hz": 44100,
        "peak": 1.0,
        "window": "hann",
        "n_fft": 2048,
        "hop_length": 1024,
        "n_mels": 96,
        "f_min_hz": 0.0,
        "f_max_hz": 22050.0,
        "mel_scale": "htk",
        "mel_norm": "unit_sum",
        "log": "log10(1 + 10000 x)",
        "spectrogram_max": 9.457798957824707,
        "block_frames": 100,
        "block_hop_frames": 50,
        "last_block": "drop partial, pad the only one with zeros",
    },
    recipe_version=1,
    module="detector.ml.embeddings.aisfx",
    packages=("aisfx",),
)
