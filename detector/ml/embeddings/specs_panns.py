"""The recipes of the two PANNs, as data."""

from dataclasses import replace

from .spec import EncoderSpec, WeightsSource
from .specs_recording import AS_THE_AUTHORS

CITATION = (
    "Q. Kong et al., PANNs: Large-Scale Pretrained Audio Neural Networks for Audio Pattern Recognition, "
    "IEEE/ACM Transactions on Audio, Speech, and Language Processing 28, 2020, pp. 2880-2894"
)
RECORD = "https://zenodo.org/records/3987831"

CNN14 = EncoderSpec(
    name="panns-cnn14-32k",
    title="PANNs Cnn14",
    dim=2048,
    sample_rate_hz=32000,
    licence="CC BY 4.0",
    citation=CITATION,
    url="https://github.com/qiuqiangkong/audioset_tagging_cnn",
    description="A 14-layer convolutional network trained on AudioSet. One vector for the whole clip.",
    weights=WeightsSource(
        name="panns-cnn14-32k",
        kind="download",
        file="Cnn14_mAP=0.431.pth",
        # The record publishes the MD5; the SHA-256 is from one third-party repository that names this file.
        sha256="0dc499e40e9761ef5ea061ffc77697697f277f6a960894903df3ada000e34b31",
        md5="541141fa2ee191a88f24a3219fff024e",
        n_bytes=327428481,
        licence="CC BY 4.0",
        url=f"{RECORD}/files/Cnn14_mAP%3D0.431.pth?download=1",
        page=RECORD,
    ),
    preprocessing={
        **AS_THE_AUTHORS,
        "resample_to_hz": 32000,
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
        "piece_samples": 0,  # the whole clip
        "min_samples": 9920,
        "pad_to_multiple_of": 1,
        "output": "embedding",
    },
    recipe_version=1,
    module="detector.ml.embeddings.panns",
    packages=("panns_inference", "torchlibrosa"),
    frames_dtype="float16",
)

WAVEGRAM = replace(
    CNN14,
    name="panns-wavegram-logmel",
    title="PANNs Wavegram-Logmel-Cnn14",
    description=(
        "Cnn14 that hears the waveform through learned filters beside the log-mel spectrogram. One vector for the "
        "whole clip."
    ),
    weights=WeightsSource(
        name="panns-wavegram-logmel",
        kind="download",
        file="Wavegram_Logmel_Cnn14_mAP=0.439.pth",
        md5="17fa9ab65af3c0eb5ffbc5f65552c4e1",  # the record's; no SHA-256 is published
        n_bytes=328692198,
        licence="CC BY 4.0",
        url=f"{RECORD}/files/Wavegram_Logmel_Cnn14_mAP%3D0.439.pth?download=1",
        page=RECORD,
    ),
    preprocessing={**CNN14.preprocessing, "min_samples": 10240, "pad_to_multiple_of": 640},
    module="detector.ml.embeddings.wavegram",
    packages=(),
)


def _by_second(spec: EncoderSpec) -> EncoderSpec:
    return replace(
        spec,
        name=f"{spec.name}/1s",
        title=f"{spec.title}, by the second",
        description="As the paper's figure has it: one vector for each whole second, the remainder dropped.",
        preprocessing={
            **spec.preprocessing,
            "piece_samples": 32000,
            "last_piece": "drop partial, pad the only one with zeros",
        },
        variant_of=spec.name,
    )


def _at_half_rate(spec: EncoderSpec) -> EncoderSpec:
    return replace(
        spec,
        name=f"{spec.name}/16k-bug",
        title=f"{spec.title}, 16 kHz taken for 32 kHz",
        description=(
            "A fault of the released pipeline until 2024-03-05: resampled to 16 kHz, and given to the network as if it "
            "were 32 kHz (half as long, an octave higher)."
        ),
        preprocessing={**spec.preprocessing, "resample_to_hz": 16000},
        variant_of=spec.name,
    )


WAVEGRAM_VARIANTS = (_by_second(WAVEGRAM), _at_half_rate(WAVEGRAM))
CNN14_VARIANTS = (_by_second(CNN14), _at_half_rate(CNN14))
