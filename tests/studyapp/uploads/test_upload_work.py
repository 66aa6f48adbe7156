"""An upload is described, imported by a worker, and gone; one that waits for its owner is no worker's."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from studyapp.errors import ConfigError, ImportFailed, InvalidAction
from studyapp.models import AuditEntry, Stimulus, StimulusSet, StimulusUpload, User
from studyapp.selectors.jobs import jobs_by_state, oldest_queued_s
from studyapp.services import jobs
from studyapp.services.upload_table import FileFinder
from studyapp.services.upload_work import import_upload
from studyapp.services.uploads import discard_upload, reopen_upload, submit_corpus, submit_upload, sweep_uploads
from studyapp.vocab import JobState
from tests.studyapp.clip_files import write_folders
from tests.studyapp.uploads.archives import packed
from tests.studyapp.uploads.sending import folders, send, sound, stored

pytestmark = pytest.mark.django_db
FOLDERS = {"how": "folders"}
TABLE = {
    "how": "manifest", "table": "m.csv", "columns": {"path": 0, "label": 1, "category": 2},
    "labels": {"bonafide": "real", "spoof": "fake"},
}  # fmt: skip


def imported(upload: StimulusUpload, given: dict[str, Any], owner: User) -> StimulusUpload:
    submit_upload(upload=upload, given=given, actor=owner)
    assert import_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    return upload


def facts(mine: StimulusSet) -> set[tuple[str, str, str, str]]:
    return set(Stimulus.objects.filter(home_set=mine).values_list("name", "label", "category", "generator"))


def test_folders_are_imported_and_what_was_sent_is_deleted(mine: StimulusSet, ada: User, media_root: Path) -> None:
    send(mine, "clips/real/rain/broken.wav", b"no sound")
    send(mine, "notes.csv", b"a table that nobody asked for, beside the folder\n")
    upload = imported(folders(mine), FOLDERS, ada)
    assert upload.state == JobState.DONE.value and upload.n_done == upload.n_total == 5, upload.error
    assert ("fake/vocoder/rain/0.wav", "fake", "rain", "vocoder") in facts(mine) and len(facts(mine)) == 4
    assert upload.stimulus_import is not None
    assert list(upload.stimulus_import.rejected_files.values_list("name", "reason")) == [
        ("real/rain/broken.wav", "unreadable")
    ]
    assert stored(media_root) == set() and not upload.files.exists()
    assert not list((media_root.parent / "unpacked").iterdir())
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"create_set", "submit_upload", "import_upload"}


def test_an_archive_is_imported_with_a_reason_for_each_file_left_out(mine: StimulusSet, ada: User) -> None:
    damaged = packed(("c/real/rain/a.wav", sound(1)), ("c/real/rain/b.wav", sound(2)), ("c/real/rain/a2.wav", sound(4)))
    send(mine, "1.zip", damaged.replace(sound(2), sound(3)))
    send(mine, "2.zip", packed(("c/fake/net/rain/a.wav", sound(5)), ("c/real/rain/a.wav", sound(6))))
    upload = imported(StimulusUpload.objects.get(), FOLDERS, ada)
    assert {name for name, *_ in facts(mine)} == {"real/rain/a.wav", "real/rain/a2.wav", "fake/net/rain/a.wav"}
    assert upload.stimulus_import is not None
    assert set(upload.stimulus_import.rejected_files.values_list("name", "reason")) == {
        ("real/rain/b.wav", "unreadable"), ("c/real/rain/a.wav", "duplicate"),
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_in_any_of_its_spellings(encoding: str, mark: str, mine: StimulusSet, ada: User) -> None:
    rows = [["file", "key", "class"], ["x/é", "bonafide", "rain"], ["b.wav", "spoof", "=1+1"]]
    send(mine, "m.csv", "\r\n".join(mark.join(row) for row in rows).encode(encoding))
    send(mine, "x/é.wav", sound(1))
    send(mine, "y/b.wav", sound(2))
    imported(StimulusUpload.objects.get(), TABLE, ada)
    assert facts(mine) == {("x/é.wav", "real", "rain", ""), ("y/b.wav", "fake", "=1+1", "")}


@pytest.mark.parametrize("outer", ["", "corpus/"])
def test_a_table_beside_the_folder_of_sounds_or_in_it(outer: str, mine: StimulusSet, ada: User) -> None:
    rows = b"file,key,class\nclips/a.wav,bonafide,rain\nb.wav,spoof,rain\n"
    files = ((f"{outer}m.csv", rows), (f"{outer}clips/a.wav", sound(1)), (f"{outer}clips/b.wav", sound(2)))
    send(mine, "all.zip", packed(*files))
    imported(StimulusUpload.objects.get(), TABLE | {"table": f"{outer}m.csv"}, ada)
    assert facts(mine) == {("a.wav", "real", "rain", ""), ("b.wav", "fake", "rain", "")}


def test_a_name_that_means_two_files_finds_neither() -> None:
    finder = FileFinder({"a/a/b.wav": "a/b.wav", "a/b.wav": "b.wav", "a/c.wav": "c.wav"})
    assert finder.find("a/b.wav") is None
    assert finder.find("a/a/b.wav") == "a/b.wav" and finder.find("a\\c") == "c.wav" and finder.find("d") is None


def test_errors_of_a_table_have_their_rows_and_nothing_is_imported(mine: StimulusSet, ada: User) -> None:
    text = "file,key,class\na.wav,bonafide,rain\nb.wav,who,rain\nc.wav,spoof,rain\na,spoof,rain\nb.wav,spoof,\n"
    send(mine, "m.csv", text.encode())
    send(mine, "a.wav", sound(1))
    upload = send(mine, "b.wav", sound(2)).upload
    with pytest.raises(ImportFailed) as caught:
        submit_upload(upload=upload, given=TABLE, actor=ada)
    lines = str(caught.value).split("\n")
    assert [line.partition(":")[0] for line in lines] == ["row 3", "row 4", "row 5", "row 6", "row 6"]
    assert "'who'" in lines[0] and "no file 'c.wav' was sent" in lines[1] and "row 2 already" in lines[2]
    upload.refresh_from_db()
    assert upload.submitted_at is None and not facts(mine)
    with pytest.raises(ConfigError):
        submit_upload(upload=upload, given=TABLE | {"columns": {"path": 0}}, actor=ada)


def test_rows_without_a_file_are_left_out_when_asked(mine: StimulusSet, ada: User) -> None:
    send(mine, "m.csv", b"file,key,class\na.wav,bonafide,rain\nz.wav,spoof,rain\n")
    send(mine, "a.wav", sound(1))
    send(mine, "b.wav", sound(2))
    upload = imported(StimulusUpload.objects.get(), TABLE | {"leave_out_missing": True}, ada)
    assert upload.stimulus_import is not None
    assert set(upload.stimulus_import.rejected_files.values_list("name", "reason")) == {
        ("z.wav", "missing"), ("b.wav", "not_in_layout"),
    }  # fmt: skip


def test_all_the_same(mine: StimulusSet, ada: User) -> None:
    upload = send(mine, "d/a.wav", sound(1)).upload
    for wrong in ({"label": "no", "category": "rain"}, {"label": "real", "category": " "},
                  {"label": "real", "category": "rain", "generator": "net"}):  # fmt: skip
        with pytest.raises(ConfigError):
            submit_upload(upload=upload, given={"how": "all", **wrong}, actor=ada)
    imported(upload, {"how": "all", "label": "fake", "category": "rain", "generator": "net"}, ada)
    assert facts(mine) == {("a.wav", "fake", "rain", "net")}


def test_no_worker_takes_an_upload_while_its_files_come(mine: StimulusSet, ada: User) -> None:
    upload = folders(mine)
    assert upload.state == JobState.QUEUED.value and jobs.claim(job=StimulusUpload, pk=upload.pk) is None
    assert not import_upload(upload_id=upload.pk) and not list(jobs._queued(StimulusUpload))
    assert jobs.reclaim_dead(job=StimulusUpload) == (0, 0)
    assert oldest_queued_s()["stimulusupload"] == 0 and ("stimulusupload", "queued") not in jobs_by_state()
    submit_upload(upload=upload, given=FOLDERS, actor=ada)
    assert list(jobs._queued(StimulusUpload)) == [upload.pk]
    with pytest.raises(ImportFailed, match="already"):
        submit_upload(upload=upload, given=FOLDERS, actor=ada)


def test_a_cancelled_import_goes_on_where_it_was(
    mine: StimulusSet, ada: User, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = folders(mine)
    submit_upload(upload=upload, given=FOLDERS, actor=ada)
    monkeypatch.setattr("studyapp.services.stimulus_import.BATCH", 1)
    monkeypatch.setattr(jobs, "HEARTBEAT_S", 0.0)
    row = StimulusUpload.objects.filter(pk=upload.pk)
    beat = jobs.Claim.beat
    monkeypatch.setattr(jobs.Claim, "beat", lambda self, **fields: (jobs.cancel(row), beat(self, **fields)))
    assert not import_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    assert upload.state == JobState.CANCELLED.value and len(facts(mine)) == 1 and stored(media_root)
    monkeypatch.setattr(jobs.Claim, "beat", beat)
    assert jobs.retry(row) and import_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    assert upload.stimulus_import is not None and upload.stimulus_import.n_already_there == 1
    assert len(facts(mine)) == 4 and stored(media_root) == set()


def test_a_failed_upload_is_described_anew_or_discarded(
    mine: StimulusSet, ada: User, media_root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload = folders(mine)
    with pytest.raises(InvalidAction):
        reopen_upload(upload=upload, actor=ada)
    submit_upload(upload=upload, given=FOLDERS, actor=ada)
    upload.refresh_from_db()
    with pytest.raises(InvalidAction, match="Cancel it first"):
        discard_upload(upload=upload, actor=ada)
    StimulusUpload.objects.update(state=JobState.FAILED.value)
    reopen_upload(upload=upload, actor=ada)
    upload.refresh_from_db()
    assert upload.submitted_at is None and upload.state == JobState.QUEUED.value
    with django_capture_on_commit_callbacks(execute=True):
        discard_upload(upload=upload, actor=ada)
    assert not StimulusUpload.objects.exists() and stored(media_root) == set()


def test_what_nobody_touched_for_a_week_is_swept(
    mine: StimulusSet, ada: User, media_root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload = folders(mine)
    (media_root / "uploads/999").mkdir()
    (media_root / "uploads/999/orphan").write_bytes(b"x")
    assert sweep_uploads(now=True) == 0 and len(stored(media_root)) == 4
    long_ago = timezone.now() - timedelta(days=8)
    StimulusUpload.objects.update(created_at=long_ago)
    assert sweep_uploads(now=True) == 0  # its files came later
    upload.files.update(created_at=long_ago)
    assert sweep_uploads() == 0  # not so often
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_uploads(now=True) == 1
    assert stored(media_root) == set() and not StimulusUpload.objects.exists()


def test_an_old_upload_that_is_described_anew_is_not_swept(mine: StimulusSet, ada: User, media_root: Path) -> None:
    upload = folders(mine)
    submit_upload(upload=upload, given=FOLDERS, actor=ada)
    long_ago = timezone.now() - timedelta(days=8)
    StimulusUpload.objects.update(created_at=long_ago, state=JobState.FAILED.value, finished_at=timezone.now())
    upload.files.update(created_at=long_ago)
    reopen_upload(upload=upload, actor=ada)
    assert sweep_uploads(now=True) == 0 and len(stored(media_root)) == 4
    StimulusUpload.objects.update(finished_at=long_ago)
    assert sweep_uploads(now=True) == 1


def test_a_corpus_of_the_server_is_chosen_and_never_a_free_path(
    mine: StimulusSet, ada: User, settings: Any, tmp_path: Path
) -> None:
    from studyapp.errors import NotFound
    from studyapp.services.corpora import list_corpora

    settings.CORPORA_DIR = tmp_path / "corpora"
    write_folders(tmp_path / "corpora/one")
    (tmp_path / "corpora/link").symlink_to("/etc")
    assert list_corpora() == ["one", "one/fake", "one/real"]
    for name in ("..", "../corpora/one", "/etc", "link", "one/../one", ""):
        with pytest.raises(NotFound):
            submit_corpus(stimulus_set=mine, folder=name, actor=ada)
    made = submit_corpus(stimulus_set=mine, folder="one", actor=ada)
    assert import_upload(upload_id=made.pk) and len(facts(mine)) == 4
    settings.CORPORA_DIR = None
    assert list_corpora() == []
