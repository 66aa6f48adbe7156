from pathlib import Path

import pytest

from studyapp.errors import ImportFailed
from studyapp.models import Machine, MachineScore, StimulusSet
from studyapp.services.score_import import import_scores
from studyapp.vocab import Label
from tests.factories import make_stimulus

pytestmark = pytest.mark.django_db


@pytest.fixture
def clips() -> StimulusSet:
    clips = StimulusSet.objects.create(slug="clips")
    for name, label in [("a/one.wav", Label.REAL), ("a/two.wav", Label.FAKE), ("b/two.wav", Label.FAKE)]:
        make_stimulus(clips, label=label, name=name)
    return clips


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_stores_scores_and_decisions_by_path_and_by_unique_stem(clips: StimulusSet, tmp_path: Path) -> None:
    path = _file(tmp_path, "\ufeffstimulus,fake_score,decision\none,0.25,\na/two.wav,,fake\nb/two.wav,0.9,real\n")
    found = import_scores(path=path, set_slug="clips", machine="My Net")
    assert (found.machine.slug, found.n_rows, found.n_without) == ("my-net", 3, 0)
    rows = MachineScore.objects.order_by("stimulus").values_list("stimulus__name", "fake_score", "decision")
    assert list(rows) == [("a/one.wav", 0.25, "real"), ("a/two.wav", None, "fake"), ("b/two.wav", 0.9, "real")]


def test_stimulus_and_score_alone_do_by_id_hash_name_last_part_and_stem(clips: StimulusSet, tmp_path: Path) -> None:
    named, last, stem = (make_stimulus(clips, label=Label.FAKE, name=f"c/{name}.wav") for name in ("x", "y", "z"))
    by_id = clips.own_stimuli.get(name="a/two.wav")
    by_hash = clips.own_stimuli.get(name="b/two.wav")
    names = [str(by_id.pk), by_hash.sha256, "c/x.wav", "y.wav", "z"]
    lines = [f"{name}, {place / 10}" for place, name in enumerate(names)]
    path = _file(tmp_path, "\n".join(["stimulus, fake_score", *lines, ""]))
    assert import_scores(path=path, set_slug="clips", machine="net").n_rows == 5
    stored = dict(MachineScore.objects.values_list("stimulus", "fake_score"))
    assert stored == {by_id.pk: 0.0, by_hash.pk: 0.1, named.pk: 0.2, last.pk: 0.3, stem.pk: 0.4}


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff Stimulus ,FAKE_SCORE\r\none,0.5\r\n,\r\n".encode(),
        b"stimulus;fake_score\none;0,5\n;\n",
        "stimulus\tfake_score\none\t0.5\n".encode("utf-16"),
    ],
)
def test_files_as_spreadsheets_save_them_are_read(clips: StimulusSet, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scores.csv").write_bytes(content)
    import_scores(path=tmp_path / "scores.csv", set_slug="clips", machine="net")
    assert MachineScore.objects.get().fake_score == 0.5


def test_what_the_machine_said_before_is_replaced_only_when_asked(clips: StimulusSet, tmp_path: Path) -> None:
    import_scores(path=_file(tmp_path, "stimulus,fake_score\none,0.1\n"), set_slug="clips", machine="net")
    path = _file(tmp_path, "stimulus,fake_score\none,0.8\na/two.wav,0.8\n")
    with pytest.raises(ImportFailed, match=r"judged 1 of these 2 clips already; .*--replace"):
        import_scores(path=path, set_slug="clips", machine="net")
    assert MachineScore.objects.get().fake_score == 0.1
    import_scores(path=path, set_slug="clips", machine="net", is_replacing=True)
    assert list(MachineScore.objects.values_list("fake_score", flat=True)) == [0.8, 0.8]
    assert Machine.objects.count() == 1


def test_other_clips_of_the_same_machine_are_added(clips: StimulusSet, tmp_path: Path) -> None:
    for name in ("one", "a/two.wav"):
        import_scores(path=_file(tmp_path, f"stimulus,fake_score\n{name},0.5\n"), set_slug="clips", machine="net")
    assert MachineScore.objects.count() == 2


def test_an_id_that_is_another_sounds_stem_counts_as_an_id_under_its_own_column_only(
    clips: StimulusSet, tmp_path: Path
) -> None:
    meant = clips.own_stimuli.get(name="a/one.wav")
    make_stimulus(clips, label=Label.FAKE, name=f"c/{meant.pk}.wav")
    with pytest.raises(ImportFailed, match="names several"):
        import_scores(path=_file(tmp_path, f"stimulus,fake_score\n{meant.pk},0.5\n"), set_slug="clips", machine="net")
    path = _file(tmp_path, f"stimulus_id,fake_score\n{meant.pk},0.5\n")
    import_scores(path=path, set_slug="clips", machine="net")
    assert MachineScore.objects.get().stimulus == meant


def test_a_table_that_is_no_csv_is_refused_with_the_line(clips: StimulusSet, tmp_path: Path) -> None:
    path = _file(tmp_path, f'stimulus,fake_score\none,0.5\n"{"x" * 200_000}\n')
    with pytest.raises(ImportFailed, match="is no CSV after line 2"):
        import_scores(path=path, set_slug="clips", machine="net")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stimulus,fake_score\none,0.5\nnone,0.5\n", "row 3: no stimulus 'none'"),
        ("stimulus,fake_score\ntwo,0.5\n", "row 2: 'two' names several"),
        ("stimulus,fake_score\none,1.5\n", "row 2: fake_score 1.5 is not in"),
        ("stimulus,fake_score\none,nan\n", "row 2: fake_score nan is not in"),
        ("stimulus,fake_score\none,high\n", "row 2: fake_score 'high' is no number"),
        ("stimulus,decision\none,maybe\n", "row 2: decision 'maybe' is neither"),
        ("stimulus,decision\none,\n", "row 2: neither fake_score nor decision"),
        ("stimulus,decision\none,fake\na/one.wav,fake\n", "row 3: the same stimulus as row 2"),
        ("stimulus,decision\none,fake,x\n", "row 2: more cells"),
        ("stimulus,decision,split\none,fake,mine\n", "row 2: split 'mine'"),
        ("stimulus,decision\n", "no row below"),
        ("clip,decision\none,fake\n", "the header must name stimulus"),
        ("stimulus,fake_score,Fake_Score\none,0.5,0.6\n", "names fake_score twice"),
        ('stimulus,fake_score\n"one,0.5\n', "no CSV after line"),
        ("", "the header must name stimulus"),
    ],
)
def test_names_the_wrong_row_and_stores_nothing(clips: StimulusSet, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ImportFailed, match=message):
        import_scores(path=_file(tmp_path, text), set_slug="clips", machine="net")
    assert not MachineScore.objects.exists()
    assert not Machine.objects.exists()


def test_refuses_a_file_that_is_missing_or_no_text_and_a_set_that_is_not_there(
    clips: StimulusSet, tmp_path: Path
) -> None:
    with pytest.raises(ImportFailed, match="No such file"):
        import_scores(path=tmp_path / "none.csv", set_slug="clips", machine="net")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ImportFailed, match="UTF-8"):
        import_scores(path=tmp_path / "binary.csv", set_slug="clips", machine="net")
    with pytest.raises(ImportFailed, match="no stimulus set 'other'"):
        import_scores(path=tmp_path / "none.csv", set_slug="other", machine="net")
    with pytest.raises(ImportFailed, match="no name"):
        import_scores(path=tmp_path / "none.csv", set_slug="clips", machine="!!!")
