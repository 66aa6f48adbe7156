"""The recipes of MS-CLAP 2023, as data."""

from dataclasses import replace

from .spec import EncoderSpec, WeightsSource
from .specs_recording import AS_THE_AUTHORS

CLAP_2023 = EncoderSpec(
    name="clap-2023",
    title="MS-CLAP 2023",
    dim=1024,
    sample_rate_hz=44100,
    licence="MS-PL",
    citation=(
        "B. Elizalde, S. Deshmukh and H. Wang, Natural Language Supervision for General-Purpose Audio Representations, "
        "ICASSP 2024, pp. 336-340"
    ),
    url="https://github.com/microsoft/CLAP",
    description=(
        "The audio tower (HTSAT, a transformer) of a network trained on sounds and their captions. One vector for each "
        "second: what follows it, up to 7 s, and zeros."
    ),
    weights=WeightsSource(
        name="clap-2023",
        kind="download",
        file="CLAP_weights_2023.pth",
        sha256="2cef4016d47d00eb28d153d522f397222057f95000e9bad6b9583c631284a1e6",
        n_bytes=689950036,
        licence="MS-PL",
        url="https://huggingface.co/microsoft/msclap/resolve/main/CLAP_weights_2023.pth",
        page="https://huggingface.co/microsoft/msclap",
    ),
    preprocessing={
        **AS_THE_AUTHORS,
        "resample_to_hz": 44100,
        "window": "hann, periodic",
        "n_fft": 1024,
        "hop_length": 320,
        "padding": "centre, reflect",
        "spectrum": "power",
        "n_mels": 64,
        "mel_rate_hz": 32000,
        "f_min_hz": 50.0,
        "f_max_hz": 14000.0,
        "mel_scale": "slaney",
        "mel_norm": "slaney",
        "log": "10 log10(max(x, power_min))",
        "power_min": 1e-10,
        "piece_samples": 308700,
        "piece_hop_samples": 44100,
        "last_piece": "pad every one with zeros",
        "output": "projection, not normalised",
    },
    recipe_version=1,
    module="detector.ml.embeddings.clap_2023",
    packages=("msclap", "torchlibrosa"),
    frames_dtype="float16",
)

CLAP_2023_ONE_PASS = replace(
    CLAP_2023,
    name="clap-2023/one-pass",
    title="MS-CLAP 2023, one pass",
    description="As msclap itself treats a file: the clip repeated until it fills 7 s, and one vector.",
    preprocessing={**CLAP_2023.preprocessing, "last_piece": "repeat to one piece, first piece of a longer clip"},
    variant_of="clap-2023",
)
