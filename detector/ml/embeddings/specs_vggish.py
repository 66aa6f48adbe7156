"""The recipe of VGGish, as data."""

from .spec import EncoderSpec, WeightsSource
from .specs_recording import AS_THE_AUTHORS

VGGISH = EncoderSpec(
    name="vggish",
    title="VGGish",
    dim=128,
    sample_rate_hz=16000,
    licence="Apache-2.0",
    citation=(
        "S. Hershey et al., CNN Architectures for Large-Scale Audio Classification, ICASSP 2017, pp. 131-135; "
        "PyTorch weights by H. Taylor"
    ),
    url="https://github.com/harritaylor/torchvggish",
    description=(
        "A VGG network trained on the sounds of YouTube-8M videos, with the weights of the PyTorch port. "
        "One vector for each 0.96 s, before the last ReLU, without PCA."
    ),
    weights=WeightsSource(
        name="vggish",
        kind="download",
        file="vggish-10086976.pth",
        # By the naming rule of torch.hub; the whole digest is not published.
        sha256_prefix="10086976",
        n_bytes=288567937,
        licence="Apache-2.0",
        url="https://github.com/harritaylor/torchvggish/releases/download/v0.1/vggish-10086976.pth",
        page="https://github.com/harritaylor/torchvggish",
    ),
    preprocessing={
        **AS_THE_AUTHORS,
        "resample_to_hz": 16000,
        "window": "hann, periodic",
        "win_length": 400,
        "n_fft": 512,
        "hop_length": 160,
        "padding": "none",
        "spectrum": "magnitude",
        "n_mels": 64,
        "f_min_hz": 125.0,
        "f_max_hz": 7500.0,
        "mel_scale": "htk",
        "mel_norm": "none, without DC",
        "log": "ln(x + log_offset)",
        "log_offset": 0.01,
        "piece_samples": 15600,
        "piece_hop_samples": 15360,
        "last_piece": "drop partial, pad the only one with zeros",
        "output": "embeddings.4, no ReLU, no PCA",
    },
    recipe_version=1,
    module="detector.ml.embeddings.vggish",
    packages=("torchvggish", "torchlibrosa"),
    frames_dtype="float16",
)
