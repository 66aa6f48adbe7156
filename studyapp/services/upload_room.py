"""Whether there is room for more bytes: on the server's disk, in the quota of an account, in one file."""

import shutil

from django.conf import settings

from studyapp.errors import UploadRefused
from studyapp.models import User
from studyapp.selectors.uploads import bytes_of_user
from studyapp.sound.decode import MAX_FILE_BYTES


def check_sound_size(name: str, n_bytes: int) -> None:
    """Refuse a sound that is too large. Raises UploadRefused."""
    check_size(name, n_bytes, min(settings.UPLOAD_MAX_FILE_BYTES, MAX_FILE_BYTES))


def check_size(name: str, n_bytes: int, limit: int) -> None:
    """Refuse a file over the limit. Raises UploadRefused."""
    if n_bytes > limit:
        raise UploadRefused("too_large", f"{name} has {in_mib(n_bytes)}; at most {in_mib(limit)} are taken.")


def check_room(owner: User, n_bytes: int, *, n_replaced: int = 0) -> None:
    """Refuse bytes for which the owner's quota or the disk has no room; n_replaced of them go. Raises UploadRefused."""
    used = 0 if owner.is_staff else bytes_of_user(owner) - n_replaced
    if not owner.is_staff and used + n_bytes > settings.UPLOAD_QUOTA_BYTES:
        raise UploadRefused(
            "full",
            f"your sounds take {in_mib(used)} of the {in_mib(settings.UPLOAD_QUOTA_BYTES)} that one account may use. "
            "Discard an upload that you do not need, or ask whoever runs the server for more.",
        )
    if shutil.disk_usage(settings.DATA_DIR).free - n_bytes < settings.MIN_FREE_BYTES:
        raise UploadRefused("full", "the server's disk is nearly full. Ask whoever runs it for more room.")


def in_mib(n_bytes: int) -> str:
    """Return a number of bytes in words, such as 1.5 MiB."""
    return f"{n_bytes / 1024**3:,.1f} GiB" if n_bytes >= 1024**3 else f"{n_bytes / 1024**2:,.1f} MiB"
