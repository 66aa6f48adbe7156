"""Files come into an upload whole or not at all, within the limits, whoever else sends at the same time."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from studyapp.errors import ImportFailed, UploadRefused
from studyapp.models import StimulusSet, StimulusUpload, UploadedFile, User
from studyapp.services.upload_files import receive_file, remove_file
from studyapp.services.uploads import discard_upload
from tests.factories import make_user
from tests.studyapp.uploads.archives import REFUSED, packed
from tests.studyapp.uploads.sending import make_set, send, sound, stored

pytestmark = pytest.mark.django_db


def refusal(stimulus_set: StimulusSet, name: str, content: bytes, **more: Any) -> str:
    with pytest.raises(UploadRefused) as caught:
        send(stimulus_set, name, content, **more)
    return f"{caught.value.code}: {caught.value}"


def test_a_file_is_kept_under_a_name_of_our_own(mine: StimulusSet, media_root: Path) -> None:
    row = send(mine, "real/rain/../../x.wav", sound(1))
    assert row.kind == "sound" and row.n_bytes == len(sound(1)) and row.upload.submitted_at is None
    (only,) = stored(media_root)
    assert only.startswith(f"{row.upload_id}/") and only.endswith(f"/{row.sha256[:2]}/{row.sha256}")
    assert (media_root / row.media_name).read_bytes() == sound(1)


def test_all_files_of_a_user_go_into_one_upload_until_it_is_submitted(mine: StimulusSet) -> None:
    send(mine, "a.wav", sound(1))
    send(mine, "b.wav", sound(2))
    send(mine, "c.wav", sound(3), owner=make_user("eve", is_staff=True))
    assert sorted(UploadedFile.objects.values_list("upload__owner__username", "name")) == [
        ("ada", "a.wav"),
        ("ada", "b.wav"),
        ("eve", "c.wav"),
    ]
    assert StimulusUpload.objects.count() == 2


@pytest.mark.parametrize("n", [-1, 1, 10_000])
def test_what_does_not_come_whole_leaves_nothing(n: int, mine: StimulusSet, media_root: Path) -> None:
    assert refusal(mine, "a.wav", sound(1), n=len(sound(1)) + n).startswith("incomplete")
    assert stored(media_root) == set() and not UploadedFile.objects.exists()


def test_a_sender_that_goes_away_leaves_nothing(mine: StimulusSet, media_root: Path) -> None:
    def parts() -> Any:
        yield b"x" * 100
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        receive_file(stimulus_set=mine, owner=mine.owner, name="a.wav", n_bytes=500, parts=parts())  # type: ignore[arg-type]
    assert stored(media_root) == set() and not UploadedFile.objects.exists()


def test_a_file_of_the_same_name_takes_the_place_of_the_first(
    mine: StimulusSet, media_root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    send(mine, "a.wav", sound(1))
    with django_capture_on_commit_callbacks(execute=True):
        send(mine, "a.wav", sound(2))
        send(mine, "a.wav", sound(2))
    assert UploadedFile.objects.count() == 1 and len(stored(media_root)) == 1


def test_the_same_bytes_under_two_names_are_kept_until_both_are_gone(
    mine: StimulusSet, media_root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload = send(mine, "a.wav", sound(1)).upload
    send(mine, "b.wav", sound(1))
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_file(upload=upload, name="a.wav") and not remove_file(upload=upload, name="a.wav")
    assert len(stored(media_root)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_file(upload=upload, name="b.wav")
    assert stored(media_root) == set()


def test_the_same_bytes_sent_twice_at_once_are_two_files(mine: StimulusSet, media_root: Path) -> None:
    """The second is refused, or goes away, while the first is not written down yet: the first keeps its bytes."""
    row = send(mine, "a.wav", sound(1))
    UploadedFile.objects.all().delete()  # as the other process sees it before the first is written down
    assert refusal(mine, "b.wav", sound(1), n=len(sound(1)) + 1).startswith("incomplete")
    other = send(mine, "c.wav", sound(1))
    assert other.media_name != row.media_name and (media_root / row.media_name).exists()
    assert remove_file(upload=other.upload, name="c.wav") and (media_root / row.media_name).exists()


def test_an_upload_discarded_under_a_file_that_comes_is_said(
    mine: StimulusSet, ada: User, media_root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload = send(mine, "a.wav", sound(1)).upload

    def parts() -> Any:
        yield sound(2)[:100]
        with django_capture_on_commit_callbacks(execute=True):
            discard_upload(upload=upload, actor=ada)
        yield sound(2)[100:]

    with pytest.raises(UploadRefused, match="discarded meanwhile"):
        receive_file(stimulus_set=mine, owner=ada, name="b.wav", n_bytes=len(sound(2)), parts=parts())
    assert stored(media_root) == set() and not UploadedFile.objects.exists()


def test_a_file_is_not_taken_from_an_upload_that_a_worker_has(mine: StimulusSet) -> None:
    upload = send(mine, "a.wav", sound(1)).upload
    StimulusUpload.objects.update(submitted_at=timezone.now())
    assert not remove_file(upload=upload, name="a.wav") and upload.files.count() == 1


def test_limits_are_named_in_the_refusal(mine: StimulusSet, settings: Any, media_root: Path) -> None:
    settings.UPLOAD_MAX_FILE_BYTES = 4 * 1024**2
    assert refusal(mine, "a.wav", b"", n=5 * 1024**2) == "too_large: a.wav has 5.0 MiB; at most 4.0 MiB are taken."
    assert "at most 20.0 MiB" in refusal(mine, "m.csv", b"", n=30 * 1024**2)
    settings.UPLOAD_MAX_FILES = 2
    send(mine, "a.wav", sound(1))
    assert "2 files" in refusal(mine, "b.zip", packed(("x.wav", b"1"), ("y.wav", b"2")))
    send(mine, "b.wav", sound(2))
    assert refusal(mine, "c.wav", sound(3)).startswith("full: an upload takes at most 2 files")
    send(mine, "b.wav", sound(4))  # in the place of the one that is there
    settings.UPLOAD_MAX_FILES, settings.UPLOAD_MAX_BYTES = 9, 2 * len(sound(1)) + 10
    assert refusal(mine, "c.wav", sound(3)).startswith("full: an upload takes at most 0.0 MiB")
    assert len(stored(media_root)) >= 2 and UploadedFile.objects.count() == 2


def test_a_quota_holds_over_all_sets_and_not_for_staff(mine: StimulusSet, ada: User, settings: Any) -> None:
    settings.UPLOAD_QUOTA_BYTES = 2 * len(sound(1)) + 10
    send(mine, "a.wav", sound(1))
    send(make_set(ada, "Other"), "b.wav", sound(2))
    assert "that one account may use" in refusal(mine, "c.wav", sound(3))
    send(mine, "a.wav", sound(3))  # takes the place of its first
    ada.is_staff = True
    ada.save()
    send(mine, "c.wav", sound(3), owner=ada)


def test_a_full_disk_is_said_before_anything_is_written(mine: StimulusSet, settings: Any, media_root: Path) -> None:
    settings.MIN_FREE_BYTES = 1 << 60
    assert "disk is nearly full" in refusal(mine, "a.wav", sound(1))
    assert stored(media_root) == set()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "bad_file"), ("a\0.wav", "bad_file"), ("x" * 497 + ".wav", "bad_file"), ("\ud800.wav", "bad_file"),
        ("a.exe", "bad_kind"), ("a", "bad_kind"), ("__MACOSX/a.wav", "bad_kind"), ("x/._a.wav", "bad_kind"),
    ],
)  # fmt: skip
def test_refuses_names_and_kinds(name: str, code: str, mine: StimulusSet) -> None:
    assert refusal(mine, name, sound(1)).startswith(code)


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=60))
def test_any_other_name_is_kept_as_data(name: str, mine: StimulusSet, media_root: Path) -> None:
    try:
        row = send(mine, f"d/{name}.wav", sound(1))
    except UploadRefused:
        return
    row.refresh_from_db()
    assert row.name == f"d/{name}.wav".replace("\\", "/") and row.media_name.startswith("uploads/")


def test_an_archive_is_looked_into_when_it_comes(mine: StimulusSet, media_root: Path) -> None:
    assert send(mine, "ok.zip", packed(("real/a.wav", b"x"), ("n.pdf", b"x"), ("m.csv", b"x"))).members == [
        "real/a.wav",
        "m.csv",
    ]
    assert "leads out" in refusal(mine, "bad.zip", REFUSED["climbs"][0]())
    assert len(stored(media_root)) == 1 and UploadedFile.objects.count() == 1


def test_a_selection_takes_no_files(mine: StimulusSet) -> None:
    mine.provenance = {"kind": "selection"}
    mine.save()
    with pytest.raises(ImportFailed, match="selection"):
        send(mine, "a.wav", sound(1))


@pytest.mark.django_db(transaction=True)
def test_twenty_first_files_at_once_make_one_upload_within_its_limit(settings: Any) -> None:
    settings.UPLOAD_MAX_FILES = 12
    mine = make_set(make_user("grace"))
    refused = []

    def one(index: int) -> None:
        try:
            send(mine, f"{index}.wav", sound(index))
        except UploadRefused as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(index,)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert StimulusUpload.objects.get().files.count() == 12 and refused == ["full"] * 8
