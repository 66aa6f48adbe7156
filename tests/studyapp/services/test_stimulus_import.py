import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from studyapp.errors import ImportFailed
from studyapp.models import MachineScore, Stimulus, StimulusImport, StimulusSet, User
from studyapp.services import media
from studyapp.services.stimulus_audio import load_samples
from studyapp.services.stimulus_import import import_stimuli
from studyapp.sound.decode import Decoder
from tests.studyapp.clip_files import CLIPS, write_clip, write_folders

pytestmark = pytest.mark.django_db
RATE = 16_000


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def reasons(record: StimulusImport) -> dict[str, str]:
    return dict(record.rejected_files.values_list("name", "reason"))


def facts(name: str) -> dict[str, Any]:
    fields = ("label", "category", "generator", "team", "track", "source_group", "original_split")
    return Stimulus.objects.filter(name=name).values(*fields).get()


def test_imports_folders_with_their_facts_and_keeps_the_files_bytes(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")
    owner = User.objects.create_user("ada")
    record = import_stimuli(path=root, set_slug="mine", owner=owner, title="Mine", caution="careful")
    assert (record.layout, record.source) == ("folders", "sounds")
    assert (record.n_found, record.n_imported, record.n_rejected, record.n_already_there) == (4, 4, 0, 0)
    stimulus_set = record.stimulus_set
    assert (stimulus_set.owner, stimulus_set.title, stimulus_set.caution) == (owner, "Mine", "careful")
    assert list(stimulus_set.members.values_list("position", flat=True)) == [0, 1, 2, 3]
    assert facts("fake/vocoder/rain/000.wav") == {
        "label": "fake",
        "category": "rain",
        "generator": "vocoder",
        "team": "",
        "track": "",
        "source_group": "",
        "original_split": "",
    }
    stimulus = Stimulus.objects.get(name="real/rain/001.wav")
    content = (root / stimulus.name).read_bytes()
    assert stimulus.sha256 == hashlib.sha256(content).hexdigest()
    assert media.read(stimulus.audio_path) == content
    assert (stimulus.n_bytes, stimulus.n_samples, stimulus.duration_s) == (len(content), 1600, 0.1)
    with Decoder() as decoder:
        assert load_samples(stimulus, decoder).samples.shape == (1600, 1)


def test_every_bad_file_becomes_a_row_with_its_reason(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")
    rain = root / "real" / "rain"
    (rain / "empty.wav").write_bytes(b"")
    (rain / "text.wav").write_text("no sound")
    (rain / "notes.txt").write_text("a file in a sound's place counts")
    soundfile.write(rain / "silent.wav", np.zeros(RATE), RATE)
    soundfile.write(rain / "nan.wav", np.array([0.1, np.nan] * 800), RATE, subtype="FLOAT")
    soundfile.write(rain / "odd.aiff", np.full(RATE, 0.1), RATE)
    (rain / "twin.wav").write_bytes((rain / "000.wav").read_bytes())
    (rain / "link.wav").symlink_to(rain / "000.wav")
    (root / "linked").symlink_to(tmp_path)
    write_clip(root / "loose.wav", 77)
    write_clip(root / "fake" / "no-category.wav", 78)
    (root / "README.md").write_text("not audio and outside: not counted")
    record = import_stimuli(path=root, set_slug="mine")
    assert reasons(record) == {
        "real/rain/empty.wav": "empty",
        "real/rain/text.wav": "unreadable",
        "real/rain/notes.txt": "unreadable",
        "real/rain/silent.wav": "silent",
        "real/rain/nan.wav": "non_finite",
        "real/rain/odd.aiff": "unsupported_format",
        "real/rain/twin.wav": "duplicate",
        "real/rain/link.wav": "unreadable",
        "loose.wav": "not_in_layout",
        "fake/no-category.wav": "not_in_layout",
    }
    assert (record.n_found, record.n_imported, record.n_rejected) == (14, 4, 10)
    assert "000.wav" in record.rejected_files.get(reason="duplicate").detail


def test_imports_only_what_is_new_the_second_time(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")
    import_stimuli(path=root, set_slug="mine", title="Mine")
    write_clip(root / "real" / "rain" / "new.wav", 500)
    write_clip(root / "real" / "rain" / "000.wav", 501)  # other bytes under a name that is taken
    again = import_stimuli(path=root, set_slug="mine")
    assert (again.n_found, again.n_imported, again.n_already_there) == (5, 1, 3)
    assert reasons(again) == {"real/rain/000.wav": "duplicate"}
    assert again.stimulus_set.members.count() == 5
    assert again.stimulus_set.title == "Mine"


def test_the_same_file_may_stand_in_two_sets(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")
    assert import_stimuli(path=root, set_slug="one").n_imported == 4
    assert import_stimuli(path=root, set_slug="two").n_imported == 4


def test_counts_and_positions_hold_over_many_batches(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds", n=60)
    calls: list[tuple[int, int]] = []
    record = import_stimuli(path=root, set_slug="mine", progress=lambda done, total: calls.append((done, total)))
    assert calls == [(50, 120), (100, 120), (120, 120)]
    assert list(record.stimulus_set.members.values_list("position", flat=True)) == list(range(120))


def test_an_interrupted_import_keeps_what_it_did_and_the_next_does_the_rest(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds", n=60)

    def interrupt(done: int, total: int) -> None:
        if done == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_stimuli(path=root, set_slug="mine", progress=interrupt)
    first = StimulusImport.objects.get()
    assert (first.n_found, first.n_imported) == (100, 100)
    second = import_stimuli(path=root, set_slug="mine")
    assert (second.n_imported, second.n_already_there) == (20, 100)
    assert list(second.stimulus_set.members.values_list("position", flat=True)) == list(range(120))


def test_another_import_that_ran_meanwhile_makes_no_second_row(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")

    def import_the_same(done: int, total: int) -> None:
        if not StimulusImport.objects.filter(source="copy").exists():
            import_stimuli(path=copy, set_slug="mine")

    copy = write_folders(tmp_path / "copy", n=60)
    root = write_folders(tmp_path / "sounds", n=60)
    record = import_stimuli(path=root, set_slug="mine", progress=import_the_same)
    assert record.n_found == 120
    assert record.n_imported + record.n_already_there == 120
    assert Stimulus.objects.count() == 120


def test_refuses_a_bad_set_name_a_selection_and_a_folder_without_sounds(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")
    with pytest.raises(ImportFailed, match="letters, digits"):
        import_stimuli(path=root, set_slug="my set")
    StimulusSet.objects.create(slug="chosen", provenance={"rule": "top", "training": 1})
    with pytest.raises(ImportFailed, match="selection"):
        import_stimuli(path=root, set_slug="chosen")
    StimulusSet.objects.create(slug="made", is_stand_in=True)
    with pytest.raises(ImportFailed, match="never mix"):
        import_stimuli(path=root, set_slug="made")
    with pytest.raises(ImportFailed, match="there is no"):
        import_stimuli(path=tmp_path / "absent", set_slug="mine")
    (tmp_path / "bare").mkdir()
    with pytest.raises(ImportFailed, match="no layout"):
        import_stimuli(path=tmp_path / "bare", set_slug="mine")
    with pytest.raises(ImportFailed, match="unknown layout"):
        import_stimuli(path=root, set_slug="mine", layout="guess")
    assert not StimulusImport.objects.exists()


def test_a_file_name_that_is_no_utf_8_is_refused_alone(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "sounds")
    content = write_clip(tmp_path / "x.wav", 900).read_bytes()
    Path(os.fsdecode(os.fsencode(root / "real" / "rain") + b"/\xff.wav")).write_bytes(content)
    record = import_stimuli(path=root, set_slug="mine")
    assert (record.n_imported, record.n_rejected) == (4, 1)


def test_a_manifests_checksum_and_missing_files_are_checked(tmp_path: Path) -> None:
    good = write_clip(tmp_path / "good.wav", 1)
    write_clip(tmp_path / "changed.wav", 2)
    digest = hashlib.sha256(good.read_bytes()).hexdigest()
    (tmp_path / "manifest.csv").write_text(
        "path,label,category,sha256\n"
        f"good.wav,real,rain,{digest}\nchanged.wav,real,rain,{digest}\ngone.wav,fake,rain,\n"
    )
    record = import_stimuli(path=tmp_path / "manifest.csv", set_slug="mine")
    assert record.n_imported == 1
    assert reasons(record) == {"changed.wav": "hash_mismatch", "gone.wav": "missing"}


def test_the_machines_word_on_a_refused_file_does_not_reach_another_sound_of_its_name(tmp_path: Path) -> None:
    for folder, seed, column in (("old", 1, ""), ("new", 2, "incorrect_negative"), ("old", 1, "incorrect_negative")):
        write_clip(tmp_path / folder / "one.wav", seed)
        (tmp_path / folder / "manifest.csv").write_text(
            f"path,label,category,machine_error\none.wav,fake,rain,{column}\n"
        )
    record = import_stimuli(path=tmp_path / "old/manifest.csv", set_slug="mine")
    MachineScore.objects.all().delete()
    refused = import_stimuli(path=tmp_path / "new/manifest.csv", set_slug="mine")
    assert (record.n_imported, reasons(refused)) == (1, {"one.wav": "duplicate"})
    assert not MachineScore.objects.exists()
    import_stimuli(path=tmp_path / "old/manifest.csv", set_slug="mine")
    assert MachineScore.objects.get().decision == "real"


class TestDcaseLayout:
    def root(self, tmp_path: Path) -> Path:
        root = tmp_path / "record"
        dataset = root / "DCASE_2023_Challenge_Task_7_Dataset"
        submissions = root / "DCASE_2023_Challenge_Task_7_Submission" / "AudioFiles" / "Submissions"
        write_clip(dataset / "dev" / "sneeze_cough" / "001.wav", 1)
        write_clip(dataset / "eval" / "dog_bark" / "002.wav", 2)
        write_clip(dataset / "dev" / "piano" / "003.wav", 3)
        write_clip(submissions / "A" / "TASys04" / "rain" / "04.wav", 4)
        write_clip(submissions / "B" / "TBSys28" / "keyboard" / "05.wav", 5)
        write_clip(root / "DCASE_2023_Challenge_Task_7_Baseline" / "rain" / "06.wav", 6)
        (dataset / "DevMeta.csv").write_text(
            "category,current_file_path,original_dataset,original_file_name\n"
            "Sneeze,dev/sneeze_cough/001.wav,FSD50k,1234.wav\n"
            "Sneeze,dev/sneeze_cough/999.wav,FSD50k,stale.wav\n"
            ",,,\n"
        )
        return root

    def test_reads_label_system_team_track_split_and_source(self, tmp_path: Path) -> None:
        record = import_stimuli(path=self.root(tmp_path), set_slug="dcase")
        assert record.layout == "dcase2023"
        assert record.n_imported == 4
        fake = facts("DCASE_2023_Challenge_Task_7_Submission/AudioFiles/Submissions/B/TBSys28/keyboard/05.wav")
        assert (fake["label"], fake["generator"], fake["team"], fake["track"]) == (
            "fake",
            "TBSys28",
            "QianXu_BIT&NUDT",
            "B",
        )
        real = facts("DCASE_2023_Challenge_Task_7_Dataset/dev/sneeze_cough/001.wav")
        assert (real["label"], real["original_split"], real["source_group"]) == ("real", "dev", "FSD50k/1234.wav")
        assert facts("DCASE_2023_Challenge_Task_7_Dataset/eval/dog_bark/002.wav")["source_group"] == ""

    def test_refuses_a_table_of_sources_that_is_no_csv(self, tmp_path: Path) -> None:
        root = self.root(tmp_path)
        table = next(path for path in root.rglob("*.csv"))
        table.write_text(table.read_text() + '"' + "x" * 200_000)
        with pytest.raises(ImportFailed, match=f"{table.name} cannot be read as CSV"):
            import_stimuli(path=root, set_slug="dcase")
        assert not Stimulus.objects.exists()

    def test_leaves_the_baseline_out_unless_asked(self, tmp_path: Path) -> None:
        root = self.root(tmp_path)
        assert reasons(import_stimuli(path=root, set_slug="dcase")) == {
            "DCASE_2023_Challenge_Task_7_Baseline/rain/06.wav": "not_in_layout",
            "DCASE_2023_Challenge_Task_7_Dataset/dev/piano/003.wav": "not_in_layout",
        }
        assert import_stimuli(path=root, set_slug="all", include_baseline=True).n_imported == 5
        assert Stimulus.objects.get(generator="baseline").label == "fake"


@pytest.mark.clips
@pytest.mark.skipif(not CLIPS.is_dir(), reason="the real clips are not here")
class TestTheRealClips:
    def test_the_manifest_brings_82_clips_and_the_papers_decisions(self) -> None:
        record = import_stimuli(path=CLIPS, set_slug="paper")
        assert (record.layout, record.n_found, record.n_imported, record.n_rejected) == ("manifest", 82, 82, 0)
        assert Counter(Stimulus.objects.values_list("label", flat=True)) == {"fake": 44, "real": 38}
        decisions = MachineScore.objects.filter(machine__slug="ms-clap-paper").values_list(
            "stimulus__label", "decision"
        )
        assert Counter(decisions) == {("fake", "real"): 44, ("real", "fake"): 38}
        assert not Stimulus.objects.filter(label="fake", team="").exists()

    def test_the_dcase_layout_finds_the_same_clips_without_the_decisions(self) -> None:
        record = import_stimuli(path=CLIPS, set_slug="dcase", layout="dcase2023")
        assert (record.n_found, record.n_imported) == (82, 82)
        assert not MachineScore.objects.exists()

    def test_the_facts_are_those_of_the_corpus(self) -> None:
        import_stimuli(path=CLIPS, set_slug="paper")
        formats = Stimulus.objects.values_list("container", "subtype", "sample_rate_hz", "n_channels", "n_samples")
        assert set(formats) == {("WAV", "PCM_16", 22_050, 1, 88_200)}
        levels = np.array(Stimulus.objects.values_list("level_dbfs", flat=True))
        assert np.median(levels) == pytest.approx(-28, abs=0.7)
        assert levels.max() == pytest.approx(-6.8, abs=0.1)
