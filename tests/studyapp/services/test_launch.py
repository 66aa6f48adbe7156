"""A launch freezes everything, or says everything that stands in its way."""

import hashlib
from io import BytesIO, StringIO

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from studyapp.design.words import WORDS
from studyapp.errors import FrozenError, InvalidAction, NotLaunchable
from studyapp.models import FrozenStimulus, Stimulus, StimulusSet, Study, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.services import media
from studyapp.services.launch import launch_study
from studyapp.services.launch_check import check_launch, is_changed
from studyapp.services.study_create import create_study
from studyapp.services.study_state import close_study, reopen_study
from studyapp.vocab import DCASE_2023_CATEGORIES
from tests.studyapp.launched import Walker, launch, make_set

pytestmark = pytest.mark.django_db


def draft(**config):
    make_set(n_fake=2, n_real=2)
    return create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"} | config, owner=None)


def test_three_keys_launch():
    study = draft()
    seen = []
    version = launch_study(study=study, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert Study.objects.get().state == study.state == "live"
    assert (version.number, version.sample_rate_hz, version.n_channels) == (1, 8000, 1)
    assert [block.kind for block in version.blocks.all()] == ["main"]
    assert version.frozen_stimuli.count() == 4


def test_every_default_is_written_out():
    version = launch_study(study=draft())
    config = frozen_config(version)
    assert version.config["task"]["plays"] == 1
    assert len(version.config["task"]["reasons"]["items"]) == 6
    assert config.task.category_names == {"dog_bark": "dog bark", "rain": "rain"}


def test_copies_are_the_originals_samples_and_nothing_else():
    version = launch_study(study=draft())
    for frozen in version.frozen_stimuli.select_related("stimulus"):
        content = media.read(frozen.copy_path)
        assert hashlib.sha256(content).hexdigest() == frozen.copy_sha256
        assert content[36:40] == b"data"
        copy, _ = soundfile.read(BytesIO(content), dtype="int16")
        original, _ = soundfile.read(BytesIO(media.read(frozen.stimulus.audio_path)), dtype="int16")
        np.testing.assert_array_equal(copy, original)
        assert frozen.duration_s == 0.5


def test_the_screening_plays_at_the_clips_level():
    version = launch_study(study=draft(screening={"test": "antiphase"}))
    levels = [frozen.stimulus.level_dbfs for frozen in version.frozen_stimuli.select_related("stimulus")]
    assert version.calibration_level_dbfs == pytest.approx(np.percentile(levels, 75))
    assert set(version.screening) == {"volume", "channels", "antiphase", "examples"}
    assert set(version.screening["antiphase"]) == {"IOS", "ISO", "OIS", "OSI", "SIO", "SOI"}
    noise, _ = soundfile.read(BytesIO(media.read(version.screening["volume"]["path"])))
    level = 10 * np.log10(np.mean(np.square(noise)))
    assert level == pytest.approx(version.calibration_level_dbfs, abs=0.1)
    trial = version.screening["antiphase"]["IOS"]
    tones, rate = soundfile.read(BytesIO(media.read(trial["path"])))
    assert len(tones) / rate == trial["duration_s"] == 4.0
    assert np.abs(tones).max() == pytest.approx(np.sqrt(2) * 10 ** (version.calibration_level_dbfs / 20), rel=0.01)


def test_a_generator_that_is_named_in_a_text_is_warned_of():
    study = draft(consent={"text": "Some sounds were made by CanaryGen 2."})
    assert any("the texts hold canarygen" in warning for warning in check_launch(study=study).warnings)
    study.config = study.config | {"consent": {"text": "Some sounds were made by a program."}}
    assert not any("texts hold" in warning for warning in check_launch(study=study).warnings)


def test_launching_again_unchanged_keeps_the_version():
    study = draft()
    assert launch_study(study=study) == launch_study(study=study)
    assert StudyVersion.objects.count() == 1


def test_a_change_makes_a_new_version_and_leaves_the_old_one():
    study = draft()
    first = launch_study(study=study)
    study.config = study.config | {"title": "Another"}
    study.save()
    second = launch_study(study=study)
    assert (first.number, second.number) == (1, 2)
    assert first.sha256 != second.sha256
    assert StudyVersion.objects.get(number=1).config["title"] == "T"


def test_a_launched_version_refuses_to_change():
    version = launch_study(study=draft())
    version.config["title"] = "Another"
    for row in (version, version.frozen_stimuli.first(), version.blocks.get()):
        with pytest.raises(FrozenError, match="never changes"):
            row.save()


def test_every_damaged_sound_is_named():
    study = draft()
    first, second = study.stimulus_set.own_stimuli.order_by("pk")[:2]
    for stimulus, sha256 in ((first, "0" * 64), (second, second.sha256)):
        name = f"{stimulus.audio_path}.elsewhere"
        if stimulus is first:
            media.store(name, b"not the sound")
        stimulus.audio_path, stimulus.sha256 = name, sha256
        stimulus.save()
    with pytest.raises(NotLaunchable) as caught:
        launch_study(study=study)
    assert f"{first.name}: the stored file is not the one" in str(caught.value)
    assert f"{second.name}: the stored file" in str(caught.value)
    assert StudyVersion.objects.count() == FrozenStimulus.objects.count() == 0
    assert Study.objects.get().state == "draft"


def test_an_empty_set_cannot_be_launched():
    StimulusSet.objects.create(slug="sounds")
    study = create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=None)
    with pytest.raises(NotLaunchable, match="holds no sounds"):
        launch_study(study=study)


def test_an_impossible_order_cannot_be_launched():
    make_set(n_fake=4, n_real=1)
    config = {"slug": "s", "title": "T", "stimulus_set": "sounds", "order": {"max_same_label": 1}}
    with pytest.raises(NotLaunchable, match="max_same_label"):
        launch_study(study=create_study(config=config, owner=None))


def test_an_order_by_category_is_launched_only_when_every_session_gets_one():
    order = {"kind": "by_category", "max_same_label": 1}
    version = launch(n_fake=2, n_real=2, config={"order": order})  # each category holds one of each label
    for seed in range(5):
        assert Walker(version.study, seed=seed).to_trials()["step"] == "trials"
    make_set("lopsided", n_fake=2, n_real=1)  # two categories, one of them with a fake sound alone
    config = {"slug": "s", "title": "T", "stimulus_set": "lopsided", "order": order}
    study = create_study(config=config, owner=None)
    assert launch_study(study=study).number == 1
    make_set("alike", n_fake=2, n_real=0)
    study.config, study.stimulus_set = config | {"stimulus_set": "alike"}, StimulusSet.objects.get(slug="alike")
    study.save()
    with pytest.raises(NotLaunchable, match="each category together; raise it"):
        launch_study(study=study)


def test_warnings_do_not_block():
    make_set(n_fake=2, n_real=0)
    config = {
        "slug": "s",
        "title": "T",
        "stimulus_set": "sounds",
        "screening": {"test": "none"},
        "task": {"category_names": {"cat": "cat"}},
    }
    study = create_study(config=config, owner=None)
    warnings = " ".join(check_launch(study=study).warnings)
    for words in ("consent text is the default", "All sounds are fake", "no headphone screening", "does not hold: cat"):
        assert words in warnings
    assert launch_study(study=study).number == 1


def test_rules_that_cannot_do_what_they_are_for_are_warned_of():
    rules = {
        "screening": {"pass_mark": 1},
        "attention": {"beeps": 1},
        "analysis": {"primary_test": "quasi_t"},
        "order": {"n_stimuli": 2},
    }
    codes = {item.code for item in check_launch(study=draft(**rules)).items}
    assert {"easy_headphone_test", "idle_attention", "incomplete_design"} <= codes


def test_a_shown_category_that_gives_the_answer_away_is_warned_of():
    make_set(n_fake=2, n_real=2, categories=("rain", "dog_bark"))
    rain = {"home_set": StimulusSet.objects.get(), "category": "rain"}
    Stimulus.objects.filter(**rain).update(label="fake")
    config = {"slug": "s", "title": "T", "stimulus_set": "sounds"}
    study = create_study(config=config, owner=None)
    assert "of one label: rain (all fake)." in " ".join(check_launch(study=study).warnings)
    study.config = config | {"task": {"show_category": False}}
    assert "of one label" not in " ".join(check_launch(study=study).warnings)


def test_a_version_is_changed_by_its_configuration_or_its_sounds():
    study = draft()
    version = launch_study(study=study)
    assert not is_changed(study=study, version=version)
    config, study.config = study.config, study.config | {"title": "Another"}
    assert is_changed(study=study, version=version)
    study.config = {}
    assert is_changed(study=study, version=version)
    study.config = config
    study.stimulus_set.members.last().delete()
    assert is_changed(study=study, version=version)


@pytest.mark.parametrize("fact", [{"label": "real"}, {"category": "dog_bark"}])
def test_a_version_is_changed_by_what_its_sounds_are_said_to_be(fact):
    practice = make_set(slug="practice-sounds", n_fake=1, n_real=1)
    study = draft(practice={"stimulus_set": "practice-sounds"})
    version = launch_study(study=study)
    assert not is_changed(study=study, version=version)
    for stimulus_set in (study.stimulus_set, practice):
        sounds = stimulus_set.own_stimuli.filter(label="fake", category="rain")
        key, before = sounds.get().pk, sounds.values(*fact).get()
        Stimulus.objects.filter(pk=key).update(**fact)
        assert is_changed(study=study, version=version)
        Stimulus.objects.filter(pk=key).update(**before)
        assert not is_changed(study=study, version=version)
    practice.members.last().delete()
    assert is_changed(study=study, version=version)


def test_the_classes_of_the_challenge_have_french_words_in_a_french_study():
    version = launch_study(study=draft(language="fr", task={"category_names": {"rain": "averse"}}))
    assert frozen_config(version).task.category_names == {"dog_bark": "aboiement de chien", "rain": "averse"}
    french = WORDS["fr"].categories
    assert french.keys() == DCASE_2023_CATEGORIES.keys() and not set(french.values()) & set(
        DCASE_2023_CATEGORIES.values()
    )


def test_closing_and_opening_again():
    study = launch().study
    close_study(study=study)
    assert Study.objects.get().state == "closed"
    with pytest.raises(InvalidAction, match="is closed"):
        close_study(study=study)
    reopen_study(study=study)
    assert Study.objects.get().state == "live"


def test_a_draft_cannot_be_opened_without_a_launch():
    with pytest.raises(InvalidAction, match="is draft"):
        reopen_study(study=draft())


def test_the_command_launches_and_warns():
    draft()
    out, err = StringIO(), StringIO()
    call_command("launch_study", "s", stdout=out, stderr=err)
    assert "Launched s, version 1" in out.getvalue()
    assert "/s/s/" in out.getvalue()
    assert "consent text" in err.getvalue()
    call_command("launch_study", "s", stdout=out, stderr=err)
    assert "Nothing has changed: s stays live with version 1" in out.getvalue()
    close_study(study=Study.objects.get())
    call_command("launch_study", "s", stdout=out, stderr=err)
    assert "Nothing has changed: s is open again with version 1" in out.getvalue()
    assert (Study.objects.get().state, Study.objects.get().versions.count()) == ("live", 1)
    with pytest.raises(CommandError, match="there is no study 'other'; studies: s"):
        call_command("launch_study", "other")


def test_the_command_launches_a_pilot_then_goes_live_with_the_same_version():
    draft()
    out, err = StringIO(), StringIO()
    call_command("launch_study", "s", "--pilot", stdout=out, stderr=err)
    assert "Launched s as a pilot, version 1" in out.getvalue() and "/s/s/?pilot=" in out.getvalue()
    assert "Nobody has completed the study in a pilot yet. Launch it as a pilot" in err.getvalue()
    assert Study.objects.get().state == "pilot"
    call_command("launch_study", "s", stdout=out, stderr=err)
    assert "Nothing has changed since the pilot: s is live with version 1" in out.getvalue()
    with pytest.raises(CommandError, match="pause it first"):
        call_command("launch_study", "s", "--pilot", stdout=out, stderr=err)
