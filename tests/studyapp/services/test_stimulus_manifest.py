import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyapp.errors import ImportFailed
from studyapp.services.stimulus_files import Listing
from studyapp.services.stimulus_manifest import list_manifest
from studyapp.vocab import Label
from tests.studyapp.clip_files import write_clip

pytestmark = pytest.mark.once


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_clip(tmp_path / "a.wav", 1)
    write_clip(tmp_path / "sub" / "b.wav", 2)
    return tmp_path


def read(root: Path, text: str, encoding: str = "utf-8") -> Listing:
    path = root / "manifest.csv"
    path.write_bytes(text.encode(encoding))
    return list_manifest(path)


def problem(root: Path, text: str) -> str:
    with pytest.raises(ImportFailed) as caught:
        read(root, text)
    return str(caught.value)


def test_reads_every_column(root: Path) -> None:
    digest = hashlib.sha256((root / "a.wav").read_bytes()).hexdigest()
    listing = read(
        root,
        "path,label,category,generator,team,track,source_group,split,sha256,machine_error,comment\n"
        f"a.wav,fake,rain,gen,us,A,s1,dev,{digest.upper()},incorrect_negative,nice\n"
        "sub/b.wav,REAL,dog,,,,,,,incorrect_positive,\n",
    )
    first, second = listing.found
    assert (first.label, first.category, first.generator, first.team) == (Label.FAKE, "rain", "gen", "us")
    assert (first.track, first.source_group, first.original_split) == ("A", "s1", "dev")
    assert first.expected_sha256 == digest
    assert first.machine_decision is Label.REAL
    assert (second.label, second.machine_decision) == (Label.REAL, Label.FAKE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_reads_what_spreadsheets_write(root: Path, encoding: str, separator: str) -> None:
    text = 'Path,Label,Category,System\r\na.wav,fake,rain,"x, y; z"\r\n\r\nsub\\b.wav,real,dög,\r\n'.replace(
        ",", separator
    )
    listing = read(root, text, encoding)
    assert [found.name for found in listing.found] == ["a.wav", "sub/b.wav"]
    assert listing.found[1].category == "dög"


def test_names_the_missing_column_and_shows_the_header(root: Path) -> None:
    assert problem(root, "file,label,category\na.wav,real,rain\n").startswith("manifest.csv lacks the column path")
    assert "generator twice" in problem(root, "path,label,category,system,generator\na.wav,fake,rain,x,y\n")
    assert "no rows" in problem(root, "path,label,category\n")


def test_numbers_the_rows_that_are_wrong_and_imports_nothing(root: Path) -> None:
    message = problem(
        root,
        "path,label,category,machine_error\n"
        "a.wav,real,rain,\n"
        ",real,rain,\n"
        "a.wav,real,rain,\n"
        "../x.wav,real,rain,\n"
        "/etc/passwd,real,rain,\n"
        "C:\\x.wav,real,rain,\n"
        "sub/b.wav,real,,\n"
        "c.wav,real,rain,wrong\n"
        "d.wav,real,rain,incorrect_negative\n"
        f"e.wav,real,{'x' * 101},\n",
    )
    lines = message.splitlines()
    assert "nothing was imported" in lines[0]
    for number, words in (
        (3, "path is empty"),
        (4, "stands in row 2 already"),
        (5, "leaves the manifest's folder"),
        (6, "leaves the manifest's folder"),
        (7, "leaves the manifest's folder"),
        (8, "category is empty"),
        (9, "must be incorrect_negative"),
        (10, "an error on a fake sound"),
        (11, "101 characters"),
    ):
        assert any(line.startswith(f"row {number}: ") and words in line for line in lines), (number, message)


def test_says_how_many_more_rows_are_wrong(root: Path) -> None:
    assert "and 30 more" in problem(root, "path,label,category\n" + ",real,rain\n" * 50)


def test_refuses_single_rows_whose_file_cannot_be_used(root: Path) -> None:
    (root / "link.wav").symlink_to(root / "a.wav")
    (root / "out").symlink_to("/")
    listing = read(
        root,
        "path,label,category\nabsent.wav,real,rain\na.wav,phoney,rain\nlink.wav,real,rain\nout/etc/hostname,real,rain\n",
    )
    assert not listing.found
    refused = {each.name: (each.reason.value, each.detail) for each in listing.refused}
    assert refused["absent.wav"][0] == "missing"
    assert refused["a.wav"] == ("unknown_label", "row 3: the label is 'phoney'; it must be real or fake")
    assert refused["link.wav"][0] == "unreadable"
    assert refused["out/etc/hostname"][0] == "unreadable"


def test_counts_audio_that_the_manifest_does_not_name(root: Path) -> None:
    (root / "LICENSE.txt").write_text("free")
    listing = read(root, "path,label,category\na.wav,real,rain\n")
    assert [(each.name, each.reason.value) for each in listing.refused] == [("sub/b.wav", "not_in_layout")]


def test_finds_a_name_in_the_other_unicode_form(root: Path) -> None:
    write_clip(root / "cafe\u0301.wav", 3)
    listing = read(root, "path,label,category\ncaf\u00e9.wav,real,rain\na.wav,real,rain\nsub/b.wav,real,rain\n")
    assert len(listing.found) == 3
    assert not listing.refused


def test_a_file_in_another_encoding_says_what_to_do(root: Path) -> None:
    (root / "manifest.csv").write_bytes("path,label,category\ncafé.wav,real,rain\n".encode("latin-1"))
    with pytest.raises(ImportFailed, match="save it as CSV UTF-8"):
        list_manifest(root / "manifest.csv")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused_with_words(root: Path, text: str) -> None:
    try:
        listing = read(root, "path,label,category\n" + text)
    except ImportFailed as error:
        assert str(error)
    else:
        assert listing.found or listing.refused
