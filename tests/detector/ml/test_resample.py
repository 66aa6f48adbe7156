"""Resampling is torchaudio's, to its own golden clip, and behaves as resampling must."""

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ml.embeddings.recording import as_16_bit, recording
from detector.ml.embeddings.registry import SPECS
from detector.ml.embeddings.resample import resample
from detector.ml.embeddings.spec import Sound

from .equality import CLIPS

pytestmark = pytest.mark.once
KAISER = {"lowpass_filter_width": 64, "rolloff": 0.9475937167399596, "beta": 14.769656459379492}
RATES = st.sampled_from([8000, 16000, 22050, 32000, 44100, 48000])


@pytest.mark.clips
@pytest.mark.parametrize("rate_hz", [16000, 32000, 44100])
def test_a_clip_is_resampled_as_torchaudio_does(rate_hz: int) -> None:
    golden = CLIPS.parents[1] / "golden/kaiser_resample_footstep_58.npz"  # torchaudio 2.11
    path = CLIPS / "AudioFiles/Submissions/A/TASys08/footstep/58.wav"
    if not golden.exists() or not path.exists():
        pytest.skip(f"no golden clip at {golden}")
    samples, from_hz = soundfile.read(path, dtype="float32")
    ours = resample(torch.from_numpy(samples), from_hz, rate_hz, **KAISER).numpy()
    theirs = np.load(golden)[f"rate_{rate_hz}"].reshape(-1)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1e-5


@settings(max_examples=25, deadline=None)
@given(n=st.integers(0, 3000), from_hz=RATES, to_hz=RATES)
def test_the_length_is_the_duration_rounded_up(n: int, from_hz: int, to_hz: int) -> None:
    resampled = resample(torch.zeros(n), from_hz, to_hz, **KAISER)
    assert len(resampled) == -(-n * to_hz // from_hz)


@settings(max_examples=15, deadline=None)
@given(from_hz=RATES, to_hz=RATES, hz=st.floats(50, 3000))
def test_a_tone_in_the_pass_band_comes_out_as_itself(from_hz: int, to_hz: int, hz: float) -> None:
    tone = [np.sin(2 * np.pi * hz * np.arange(rate // 2) / rate) for rate in (from_hz, to_hz)]
    resampled = resample(torch.from_numpy(tone[0]).float(), from_hz, to_hz, **KAISER).numpy()
    middle = slice(to_hz // 8, 3 * to_hz // 8)
    assert np.abs(resampled - tone[1])[middle].max() < 1e-4


def test_a_tone_above_the_new_nyquist_frequency_vanishes() -> None:
    tone = torch.sin(2 * torch.pi * 10000 * torch.arange(22050, dtype=torch.float64) / 22050).float()
    resampled = resample(tone, 22050, 16000, **KAISER)
    assert resampled[4000:12000].abs().max() < 1e-6


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1.5, 1.5, width=32), max_size=20))
def test_sixteen_bits_round_to_the_nearest_step_and_stop_at_full_scale(values: list[float]) -> None:
    steps = as_16_bit(torch.tensor(values)) * 32768
    assert torch.equal(steps, steps.round())
    inside = torch.tensor(values).clamp(-1, 32767 / 32768)
    assert ((steps / 32768 - inside).abs() <= 0.5 / 32768 + 1e-9).all()


def test_sixteen_bits_by_hand() -> None:
    given_steps = torch.tensor([0.4, 0.6, -0.6, 40000.0, -40000.0, 32767.4])
    assert (as_16_bit(given_steps / 32768) * 32768).tolist() == [0, 1, -1, 32767, -32768, 32767]


def test_a_recording_is_the_mean_of_its_channels_at_the_recipes_rate() -> None:
    left = np.full((2205, 1), 0.5, dtype=np.float32)
    stereo = Sound(np.hstack([left, np.zeros_like(left)]), 22050)
    samples = recording(stereo, SPECS["panns-cnn14-32k"], device="cpu")
    assert len(samples) == 3200
    assert samples[1000:2000].numpy() == pytest.approx(0.25, abs=1e-4)
