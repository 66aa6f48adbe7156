"""Take the files that a browser sends into an upload: streamed to disk, counted, and checked against every limit."""

import secrets
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from studyapp.errors import UploadRefused
from studyapp.models import StimulusSet, StimulusUpload, UploadedFile, User
from studyapp.selectors.uploads import waiting_upload
from studyapp.services import media
from studyapp.services.stimulus_import import check_takes_imports
from studyapp.services.upload_archive import list_archive
from studyapp.services.upload_kinds import is_system_file, kind_of
from studyapp.services.upload_room import check_room, check_size, check_sound_size, in_mib

MAX_TABLE_BYTES = 20 * 1024**2
MAX_NAME = 500
GONE = "this upload was imported or discarded meanwhile; send the file again."


def receive_file(
    *, stimulus_set: StimulusSet, owner: User, name: str, n_bytes: int, parts: Iterable[bytes]
) -> UploadedFile:
    """Store one file in the owner's waiting upload, which is made at the first; one of the same name is replaced.

    n_bytes: what the sender says that the parts have together. The file is there whole or not at all. Its bytes lie in
        a folder of its own: the same bytes that come twice at once are two files, and none is deleted with the other.
    Raises UploadRefused, ImportFailed for a set that takes no imports.
    """
    check_takes_imports(stimulus_set)
    name = _checked_name(name)
    kind = kind_of(name)
    if not kind or is_system_file(name):
        raise UploadRefused("bad_kind", f"{name} is neither a sound, nor a ZIP file, nor a table (CSV).")
    upload = _waiting_upload(stimulus_set, owner)
    _check_room(upload, owner, name, kind, n_bytes)
    folder = f"{folder_of(upload)}/{secrets.token_hex(8)}"
    try:
        media_name = media.store_parts(folder, _counted(name, parts, n_bytes), "")
    except FileNotFoundError:  # the upload's folder was deleted under the file
        raise UploadRefused("incomplete", GONE) from None
    except BaseException:
        media.delete_folder(folder)
        raise
    try:
        members = _members(media_name) if kind == "archive" else []
        return _record(upload, owner, name, kind, n_bytes, media_name, members)
    except BaseException:
        if not upload.files.filter(media_name=media_name).exists():
            media.delete_folder(folder)
        raise


@transaction.atomic
def remove_file(*, upload: StimulusUpload, name: str) -> bool:
    """Take a file out of a waiting upload; False when there is none of that name."""
    held = _held(upload)
    found = held.files.filter(name=name).first() if held is not None else None
    if found is None:
        return False
    found.delete()
    _delete_later(found.media_name)
    return True


def folder_of(upload: StimulusUpload) -> str:
    """Return the folder of the media storage that holds an upload's bytes."""
    return f"uploads/{upload.pk}"


def _checked_name(name: str) -> str:
    name = name.replace("\\", "/").lstrip("/")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UploadRefused("bad_file", "the file's name is not valid text; rename it.") from None
    if not name or "\0" in name:
        raise UploadRefused("bad_file", "the file has no name that can be kept; rename it.")
    if len(name) > MAX_NAME:
        raise UploadRefused("bad_file", f"the file's name has {len(name)} characters; at most {MAX_NAME} are kept.")
    return name


def _waiting_upload(stimulus_set: StimulusSet, owner: User) -> StimulusUpload:
    found = waiting_upload(stimulus_set, owner)
    if found is not None:
        return found
    with transaction.atomic():
        StimulusSet.objects.select_for_update().get(pk=stimulus_set.pk)  # of three first files at once, one makes it
        return waiting_upload(stimulus_set, owner) or StimulusUpload.objects.create(
            stimulus_set=stimulus_set, owner=owner
        )


def _check_room(upload: StimulusUpload, owner: User, name: str, kind: str, n_bytes: int, n_members: int = 0) -> None:
    """Refuse what is over a limit. Raises UploadRefused, which names the limit."""
    if kind == "sound":
        check_sound_size(name, n_bytes)
    else:
        check_size(name, n_bytes, settings.UPLOAD_MAX_BYTES if kind == "archive" else MAX_TABLE_BYTES)
    others = upload.files.exclude(name=name)
    n_files = others.count() + 1
    n_packed = sum(len(members) for members in others.exclude(members=[]).values_list("members", flat=True))
    if n_files + n_packed + n_members > settings.UPLOAD_MAX_FILES:
        raise UploadRefused(
            "full", f"an upload takes at most {settings.UPLOAD_MAX_FILES:,} files. Import these, then add more."
        )
    total = (others.aggregate(n=Sum("n_bytes"))["n"] or 0) + n_bytes
    if total > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(
            "full", f"an upload takes at most {in_mib(settings.UPLOAD_MAX_BYTES)}. Import these files, then add more."
        )
    replaced = upload.files.filter(name=name).values_list("n_bytes", flat=True).first() or 0
    check_room(owner, n_bytes, n_replaced=replaced)


def _counted(name: str, parts: Iterable[bytes], n_bytes: int) -> Iterator[bytes]:
    """Pass the parts on, and refuse a file that is cut short or longer than was said."""
    n_come = 0
    for part in parts:
        n_come += len(part)
        if n_come > n_bytes:
            break
        yield part
    if n_come != n_bytes:
        raise UploadRefused("incomplete", f"{name} did not come whole; send it again.")


def _members(media_name: str) -> list[str]:
    with media.local_path(media_name) as path:
        contents = list_archive(path, max_files=settings.UPLOAD_MAX_FILES, max_bytes=settings.UPLOAD_MAX_BYTES)
    return [member.name for member in contents.members]


@transaction.atomic
def _record(
    upload: StimulusUpload, owner: User, name: str, kind: str, n_bytes: int, media_name: str, members: list[str]
) -> UploadedFile:
    """Write the row, after another look at the room: files come at the same time, and the upload may be gone."""
    held = _held(upload)
    if held is None:
        raise UploadRefused("incomplete", GONE)
    _check_room(held, owner, name, kind, n_bytes, len(members))
    before = held.files.filter(name=name).values_list("media_name", flat=True).first()
    row, _ = UploadedFile.objects.update_or_create(
        upload=held,
        name=name,
        defaults={
            "media_name": media_name,
            "sha256": media_name.rpartition("/")[2],
            "n_bytes": n_bytes,
            "kind": kind,
            "members": members,
        },
    )
    if before:
        _delete_later(before)
    return row


def _held(upload: StimulusUpload) -> StimulusUpload | None:
    """Return the upload, locked until the transaction ends; None when it does not wait for files any more."""
    return StimulusUpload.objects.select_for_update().filter(pk=upload.pk, submitted_at=None).first()


def _delete_later(media_name: str) -> None:
    """Delete the folder of a file's bytes once its row is gone for good."""
    folder = media_name.rsplit("/", 2)[0]
    transaction.on_commit(lambda: media.delete_folder(folder))
