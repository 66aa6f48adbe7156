"""The recipe `aisfx`: the network and front-end of the PyPI package aisfx 0.1.2, without the package's side effects.

The package's own `import aisfx` needs tqdm, prints, and imports librosa on first use; only its network file is loaded
here. Its Librosa front-end is rewritten in NumPy and gives the same spectrogram to 1e-6 (tests compare on real clips).

One thing differs on purpose. The network takes (batch, time, mel), and the paper's Essentia front-end gives it (time,
mel); the package's Librosa function returns (mel, time), and the package's `main` passes that on unturned, so that it
cuts its blocks along the mel axis. Here the spectrogram is turned, as the network and the paper want it. On the 82
published clips a 3-fold logistic regression names the sound class right in 75 % this way and in 74 % the other way.

A clip of 50 frames or less (1.16 s) is refused by the package; here it gives one block padded with zeros, which is what
the package does to any clip that is shorter than a block.

References
----------
A. B. Ma and A. Lerch, Representation Learning for the Automatic Indexing of Sound Effects Libraries, ISMIR 2022.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from .batches import BatchSize
from .layout import Layout, State, put_into
from .spec import EncoderSpec, Frames, Sound, verified_weights
from .specs_aisfx import AISFX

Float32 = NDArray[np.float32]
BLOCKS_AT_ONCE = {
    "cpu": 16,
    "cuda": 256,
}  # measured on 2 cores: 8 to 16 are fastest, and every size gives the same bits


def load(spec: EncoderSpec, *, device: str, weights: Path | None = None) -> "Aisfx":
    """Load the network onto `device`; its weights, and the network of drawn ones, come with the package.

    Raises EncoderNotReady when the package's weights are not those of the recipe.
    """
    path = verified_weights(AISFX.weights)
    network = build(path)
    if spec.weights.kind == "random":
        put_into(network, random_state(spec, spec.weights.seed))
    else:
        prefix = "embedding_net."  # the rest of the file are nine classifiers that nobody needs
        state = {key.removeprefix(prefix): value for key, value in _read(path).items() if key.startswith(prefix)}
        network.load_state_dict(state)
    return Aisfx(spec, network.eval().to(device), device)


def random_state(spec: EncoderSpec, seed: int) -> State:
    """Return drawn tensors in the network's own names."""
    network = build(verified_weights(AISFX.weights))
    return Layout.of(spec.name, network, fixed={}).drawn(seed)


def build(weights: Path) -> Any:
    """Return the network of the package that the weights stand in, with values that mean nothing yet."""
    with torch.random.fork_rng(devices=[]):
        return _network_module(weights).EmbeddingNet("max", 3, 1, 64)


def _network_module(weights: Path) -> Any:
    """Import cnn2d.py beside the weights by its path: the package's __init__ would import everything else."""
    found = importlib.util.spec_from_file_location("aisfx_cnn2d", weights.parent / "cnn2d.py")
    if found is None or found.loader is None:
        raise ImportError(f"cannot import the network of aisfx beside {weights}")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _read(path: Path) -> dict[str, torch.Tensor]:
    # The pickle also holds a dict of NumPy integers; these harmless classes are the only ones allowed besides tensors.
    scalar = np.dtype(np.int64).type(0).__reduce__()[0]
    allowed: list[Any] = [(scalar, "numpy.core.multiarray.scalar"), np.dtype, type(np.dtype(np.int64))]
    with torch.serialization.safe_globals(allowed):
        weights, _datasets = torch.load(path, map_location="cpu", weights_only=True)
    return dict(weights)


class Aisfx:
    """The loaded encoder: `frames` gives (n_blocks, 512) for each clip, one row for about 2.3 s, every 1.2 s."""

    def __init__(self, spec: EncoderSpec, network: torch.nn.Module, device: str) -> None:
        self.spec = spec
        self._network = network
        self._device = device
        self._mel = mel_filters(spec)
        self._batch_size = BatchSize(BLOCKS_AT_ONCE.get(device, 16), what=spec.name)

    def frames(self, sounds: Sequence[Sound]) -> list[Frames]:
        """Return the (n_blocks, 512) float32 output of the network for each sound."""
        blocks = [blocks_of(spectrogram(sound, self.spec, self._mel), self.spec) for sound in sounds]
        stacked = torch.from_numpy(np.concatenate(blocks))  # (sum of n_blocks, 100, 96)
        vectors = np.zeros((len(stacked), self.spec.dim), dtype=np.float32)

        def fill(part: slice) -> None:
            vectors[part] = self._network(stacked[part].to(self._device)).cpu().numpy()  # (B, 512)

        with torch.inference_mode():
            self._batch_size.each(len(stacked), fill)
        ends = np.cumsum([len(block) for block in blocks])
        return [np.ascontiguousarray(rows) for rows in np.split(vectors, ends[:-1])]


def spectrogram(sound: Sound, spec: EncoderSpec, mel: Float32) -> Float32:
    """Return the (n_frames, 96) normalised log-mel spectrogram.

    Mean over channels, soxr HQ to 44.1 kHz, peak to 1, centred Hann frames of 2048 every 1024 with zeros beyond the
    ends, power, HTK mel bank with rows that sum to 1, log10(1 + 10000 x), divided by the training corpus's maximum.
    """
    p = spec.preprocessing
    n_fft, hop = int(p["n_fft"]), int(p["hop_length"])
    samples = _mono_at(sound, spec.sample_rate_hz)
    peak = np.abs(samples).max(initial=0.0)
    if peak > 0:
        samples = samples / peak
    padded = np.pad(samples, n_fft // 2)
    framed = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]  # (T, n_fft)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    # Librosa transforms in double precision and stores complex64; the order of roundings is kept.
    power = np.abs(np.fft.rfft(framed * window, axis=1).astype(np.complex64)) ** 2  # (T, n_fft / 2 + 1)
    logged = np.log10(power @ mel.T * np.float32(10000.0) + np.float32(1.0))  # (T, 96)
    return np.asarray(logged / np.float32(p["spectrogram_max"]), dtype=np.float32)


def blocks_of(frames: Float32, spec: EncoderSpec) -> Float32:
    """Cut (n_frames, 96) into (n_blocks, 100, 96), every 50 frames; drop a partial last block, pad an only one."""
    size, hop = int(spec.preprocessing["block_frames"]), int(spec.preprocessing["block_hop_frames"])
    n_blocks = max(1, (len(frames) - size) // hop + 1)
    padded = np.pad(frames, ((0, max(0, size - len(frames))), (0, 0)))
    return np.stack([padded[i * hop : i * hop + size] for i in range(n_blocks)])


def mel_filters(spec: EncoderSpec) -> Float32:
    """Return the (n_mels, n_fft / 2 + 1) HTK mel bank, each row divided by its sum."""
    p = spec.preprocessing
    n_fft, n_mels = int(p["n_fft"]), int(p["n_mels"])
    low, high = (2595.0 * np.log10(1.0 + float(p[key]) / 700.0) for key in ("f_min_hz", "f_max_hz"))
    edges = 700.0 * (10.0 ** (np.linspace(low, high, n_mels + 2) / 2595.0) - 1.0)  # (n_mels + 2,) Hz
    bins = np.arange(n_fft // 2 + 1) * spec.sample_rate_hz / n_fft  # Hz
    ramps = edges[:, None] - bins[None, :]
    widths = np.diff(edges)[:, None]
    rising, falling = -ramps[:-2] / widths[:-1], ramps[2:] / widths[1:]
    bank = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    sums = bank.sum(axis=1, keepdims=True)
    return np.asarray(bank / np.where(sums > 0, sums, 1), dtype=np.float32)


def _mono_at(sound: Sound, rate_hz: int) -> Float32:
    samples = sound.samples.mean(axis=1, dtype=np.float32)
    if sound.sample_rate_hz == rate_hz:
        return np.asarray(samples, dtype=np.float32)
    resampled = soxr.resample(samples, sound.sample_rate_hz, rate_hz, quality="HQ")
    wanted = int(np.ceil(len(samples) * rate_hz / sound.sample_rate_hz))
    return np.asarray(np.pad(resampled, (0, max(0, wanted - len(resampled))))[:wanted], dtype=np.float32)
