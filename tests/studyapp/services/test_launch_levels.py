"""Aligned copies: at the target, never clipped, alike in their last bits; the originals and other studies untouched."""

import hashlib
from io import BytesIO, StringIO

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from studyapp.design.config_sound import Sound
from studyapp.errors import NotLaunchable
from studyapp.models import Stimulus, StimulusSet
from studyapp.services import media
from studyapp.services.launch import launch_study
from studyapp.services.launch_check import check_launch, is_changed
from studyapp.services.launch_levels import SoundLevel, plan_levels
from studyapp.services.study_create import change_study, create_study
from studyapp.sound.audit import measure
from studyapp.sound.loudness import integrated_loudness
from studyapp.sound.wav import encode_pcm16
from tests.studyapp.launched import RATE_HZ, make_set

pytestmark = pytest.mark.django_db


def regain(stimulus, gain):
    """Store another sound under the stimulus: the same, louder or softer."""
    samples, _ = soundfile.read(BytesIO(media.read(stimulus.audio_path)))
    content = encode_pcm16(samples * gain, RATE_HZ)
    facts = measure(soundfile.read(BytesIO(content))[0], RATE_HZ)
    Stimulus.objects.filter(pk=stimulus.pk).update(
        audio_path=media.store(media.name_for("audio", content, ".wav"), content),
        sha256=hashlib.sha256(content).hexdigest(),
        **vars(facts),
    )


def draft(slug="s", *, gains=(0.1, 0.5, 1.0, 2.0), **sound):
    made = make_set(n_fake=2, n_real=2)
    for stimulus, gain in zip(made.own_stimuli.order_by("pk"), gains, strict=True):
        regain(stimulus, gain)
    return create_study(config={"slug": slug, "title": "T", "stimulus_set": "sounds", "sound": sound}, owner=None)


def copies(version):
    return [
        (frozen, soundfile.read(BytesIO(media.read(frozen.copy_path)), dtype="int16")[0])
        for frozen in version.frozen_stimuli.select_related("stimulus").order_by("pk")
    ]


def level(samples):
    return 10 * np.log10(np.mean(np.square(samples / 32768)))


@pytest.mark.parametrize("target", [None, -30.0])
def test_rms_brings_every_copy_to_the_target(target):
    study = draft(align="rms", target=target, max_gain_db=30.0)
    before = list(Stimulus.objects.order_by("pk").values_list("level_dbfs", flat=True))
    wanted = float(np.median(before)) if target is None else target
    version = launch_study(study=study)
    for (frozen, samples), old in zip(copies(version), before, strict=True):
        assert level(samples) == pytest.approx(wanted, abs=0.05)
        assert frozen.gain_db == pytest.approx(wanted - old)
    assert version.calibration_level_dbfs == pytest.approx(wanted)
    assert list(Stimulus.objects.order_by("pk").values_list("level_dbfs", flat=True)) == before


def test_lufs_brings_every_copy_to_the_target_and_measures_what_was_not():
    study = draft(align="lufs", target=-25.0, max_gain_db=40.0, peak_ceiling_dbfs=-0.1)
    Stimulus.objects.update(loudness_lufs=None)
    check = check_launch(study=study)
    assert check.n_unmeasured == 4
    assert any("loudness of 4 sounds is not known yet" in warning for warning in check.warnings)
    version = launch_study(study=study)
    assert not Stimulus.objects.filter(loudness_lufs=None).exists()
    for _, samples in copies(version):
        assert integrated_loudness(samples / 32768, RATE_HZ) == pytest.approx(-25.0, abs=0.1)


def test_a_clip_that_would_clip_gets_less_gain_and_is_named():
    study = draft(align="rms", target=-3.0, max_gain_db=40.0)
    warnings = check_launch(study=study).warnings
    assert any("4 of 4 sounds miss that level: fake/rain/canaryname-0.wav (-" in warning for warning in warnings)
    for _, samples in copies(launch_study(study=study)):
        assert np.abs(samples / 32768).max() == pytest.approx(10 ** (-1 / 20), abs=0.001)


def test_aligned_copies_are_dithered_alike_so_that_no_last_bit_tells():
    """Without dither the copy of a gain of 0 keeps its zeros and even numbers, and no other does."""
    study = draft(align="rms", gains=(1.0, 1.0, 0.5, 1.0))
    one = Stimulus.objects.order_by("pk").first()
    even = np.zeros(RATE_HZ // 2)
    even[::4] = 4000 / 32768
    content = encode_pcm16(even, RATE_HZ)
    Stimulus.objects.filter(pk=one.pk).update(
        audio_path=media.store(media.name_for("audio", content, ".wav"), content),
        sha256=hashlib.sha256(content).hexdigest(),
        **vars(measure(even, RATE_HZ)),
    )
    for _, samples in copies(launch_study(study=study)):
        assert 0.35 < np.mean(samples % 2 == 0) < 0.85  # of zeros, dither leaves three in four


def test_the_same_launch_gives_the_same_copies_and_another_target_another_version():
    study = draft(align="rms")
    first = launch_study(study=study)
    assert launch_study(study=study) == first
    study = change_study(study=study, user=None, config=study.config | {"sound": {"align": "rms", "target": -40.0}})
    assert is_changed(study=study, version=first)
    assert launch_study(study=study).sha256 != first.sha256


def test_nothing_is_aligned_unless_asked():
    version = launch_study(study=draft())
    for frozen, samples in copies(version):
        original, _ = soundfile.read(BytesIO(media.read(frozen.stimulus.audio_path)), dtype="int16")
        np.testing.assert_array_equal(samples, original)
        assert frozen.gain_db == 0.0


def test_practice_is_brought_to_the_level_of_the_study():
    make_set("train", n_fake=1, n_real=1)
    for stimulus in StimulusSet.objects.get(slug="train").own_stimuli.all():
        regain(stimulus, 0.5)
    study = draft(align="rms", max_gain_db=40.0)
    study = change_study(study=study, user=None, config=study.config | {"practice": {"stimulus_set": "train"}})
    levels = [level(samples) for _, samples in copies(launch_study(study=study))]
    assert len(levels) == 6 and np.ptp(levels) < 0.1


def test_a_mono_clip_among_stereo_ones_counts_in_both_channels():
    mono = SoundLevel("mono", -23.0, -10.0, -26.0, 1, 1.0)
    stereo = SoundLevel("stereo", -23.0, -10.0, -23.0, 2, 1.0)
    plan = plan_levels([mono, stereo], n_own=2, sound=Sound(align="lufs", target=-23.0))
    assert [each.gain_db for each in plan.gains] == pytest.approx([-0.0103, 0.0], abs=1e-3)


def test_sounds_in_doubt_are_left_out_and_counted():
    study = draft(leave_out_in_doubt=True)
    version = launch_study(study=study)
    doubted = Stimulus.objects.order_by("pk").first()
    Stimulus.objects.filter(pk=doubted.pk).update(label_in_doubt=True)
    assert is_changed(study=study, version=version)
    assert any("1 of 4 sounds are left out" in warning for warning in check_launch(study=study).warnings)
    again = launch_study(study=study)
    assert doubted.pk not in again.frozen_stimuli.values_list("stimulus_id", flat=True)
    assert again.frozen_stimuli.count() == 3
    assert not is_changed(study=study, version=again)


def test_sounds_all_in_doubt_cannot_be_launched():
    study = draft(leave_out_in_doubt=True)
    Stimulus.objects.update(label_in_doubt=True)
    with pytest.raises(NotLaunchable, match="every sound of the set sounds is in doubt"):
        launch_study(study=study)


def test_the_command_measures_what_has_no_loudness():
    make_set(n_fake=1, n_real=1)
    Stimulus.objects.update(loudness_lufs=None)
    out = StringIO()
    call_command("measure_loudness", "--set", "sounds", stdout=out)
    assert out.getvalue() == "2 sounds measured, 0 have no loudness\n"
    with pytest.raises(CommandError, match="no stimulus set other"):
        call_command("measure_loudness", "--set", "other")


def test_the_command_names_what_cannot_be_read():
    make_set(n_fake=1, n_real=1)
    Stimulus.objects.update(loudness_lufs=None)
    Stimulus.objects.filter(label="fake").update(audio_path="audio/gone.wav")
    out = StringIO()
    call_command("measure_loudness", stdout=out)
    assert out.getvalue().startswith("1 sounds measured, 1 have no loudness\nfake/rain/canaryname-0.wav: ")
