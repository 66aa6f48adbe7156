"""Hostile archives: refused with words, within a moment, and no file outside the folder that is named."""

import contextlib
import io
import resource
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.errors import UploadRefused
from studyapp.services.upload_archive import Member, list_archive, plain_name, read_member, unpack
from tests.studyapp.uploads.archives import DAMAGED, GOOD, REFUSED, WAV, many, packed, write

pytestmark = pytest.mark.once
LIMITS = {"max_files": 50, "max_bytes": 1_000_000}
ROOMY = {"max_files": 50, "max_bytes": 1 << 31}


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, tmp_path: Path) -> None:
    make, word = REFUSED[name]
    path = write(tmp_path, make())
    limits = ROOMY if "bomb" in name else LIMITS
    before, began = tree(tmp_path), time.monotonic()
    with pytest.raises(UploadRefused, match=word):
        list_archive(path, **limits)
    with pytest.raises(UploadRefused, match=word):
        unpack(path, lambda member: tmp_path / "out" / member.name, **limits)
    assert time.monotonic() - began < 2
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", DAMAGED)
def test_says_which_member_is_damaged_and_keeps_nothing_of_it(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, DAMAGED[name]())
    damaged = unpack(path, lambda member: tmp_path / str(member.index), **LIMITS)
    assert [each.name for each in damaged] == ["a.wav"]
    assert tree(tmp_path) == {"sent.zip"}


def test_takes_sounds_and_tables_under_numbers_and_counts_what_it_leaves(tmp_path: Path) -> None:
    names = ["real/rain/é.wav", "CON.wav", "a/b\\c.flac", "fake/‮x.mp3", "m.csv", "quote\"'.wav", "A.wav", "a.wav"]
    content = packed(*((name, WAV + bytes([i])) for i, name in enumerate(names)), ("x/.DS_Store", b""), ("n.pdf", b""))
    path = write(tmp_path, content)
    contents = list_archive(path, **LIMITS)
    assert [each.name for each in contents.members] == [plain_name(name) for name in names]
    assert contents.n_left_out == 2
    here = tmp_path / "here"
    here.mkdir()
    assert unpack(path, lambda member: here / f"7-{member.index}", **LIMITS) == []
    assert tree(here) == {f"7-{index}" for index in range(len(names))}
    assert (here / "7-3").read_bytes() == WAV + bytes([3])


def test_takes_a_zip64_file_that_tells_the_truth(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.wav", "w", force_zip64=True) as file:
        file.write(WAV)
    assert [each.n_bytes for each in list_archive(write(tmp_path, buffer.getvalue()), **LIMITS).members] == [len(WAV)]


def test_takes_silence_that_is_small(tmp_path: Path) -> None:
    path = write(tmp_path, packed(("a.wav", bytes(900_000)), method=zipfile.ZIP_DEFLATED))
    assert len(list_archive(path, **LIMITS).members) == 1


def test_leaves_out_members_that_are_not_wanted(tmp_path: Path) -> None:
    assert unpack(write(tmp_path, GOOD), lambda member: None, **LIMITS) == []
    assert tree(tmp_path) == {"sent.zip"}


def test_reads_one_member_up_to_a_limit(tmp_path: Path) -> None:
    path = write(tmp_path, packed(("m.csv", b"abc")))
    assert read_member(path, "m.csv", max_files=5, max_bytes=3) == b"abc"
    for name, limit in (("m.csv", 2), ("other.csv", 9)):
        with pytest.raises(UploadRefused):
            read_member(path, name, max_files=5, max_bytes=limit)


def test_a_million_entries_are_refused_without_reading_them(tmp_path: Path) -> None:
    path = write(tmp_path, many(3000) + b"")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UploadRefused, match="3,000 files"):
        list_archive(path, **LIMITS)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_mutant_is_taken_or_refused_and_writes_only_where_it_may(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("mutant")
    good = packed(("real/a.wav", WAV), ("b.wav", bytes(500)), method=zipfile.ZIP_DEFLATED)
    content = bytearray(good)
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), min_size=1, max_size=6)
    ):
        content[at] = value
    path = write(folder, bytes(content))

    def target(member: Member) -> Path:
        return folder / f"out-{member.index}"

    with contextlib.suppress(UploadRefused):
        unpack(path, target, **LIMITS)
    assert {name.partition("-")[0] for name in tree(folder)} <= {"sent.zip", "out"}
