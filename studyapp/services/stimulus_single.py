"""Import one sound that was sent, through the importer."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studyapp.errors import ImportFailed
from studyapp.models import StimulusSet, User
from studyapp.services.audit import record_audit
from studyapp.services.stimulus_files import MAX_NAME_LENGTH, FoundFile, Listing
from studyapp.services.stimulus_import import begin_import, import_listing
from studyapp.services.upload_room import check_room, check_sound_size
from studyapp.vocab import Label


def import_sound(
    *,
    stimulus_set: StimulusSet,
    chunks: Iterable[bytes],
    n_bytes: int,
    actor: User,
    name: str,
    label: Label,
    category: str,
    generator: str = "",
    team: str = "",
    track: str = "",
    source_group: str = "",
    split: str = "",
) -> dict[str, Any]:
    """Import the sound; return its `stimulus`, whether it `was_there`, or why `rejected`.

    Raises ImportFailed for a name that is no path, and UploadRefused for n_bytes that there is no room for.
    """
    name = _plain(name)
    check_sound_size(name, n_bytes)
    check_room(actor, n_bytes)
    with tempfile.TemporaryDirectory(prefix="earwitness-sound-") as folder:
        # The sender's name is data: on this machine the file has one of our own.
        path = Path(folder) / f"sound{Path(name).suffix.lower()[:8]}"
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        found = FoundFile(
            path=path,
            name=name,
            label=label,
            category=category,
            generator=generator,
            team=team,
            track=track,
            source_group=source_group,
            original_split=split,
        )
        listing = Listing(layout="manifest", source="api", found=[found], refused=[])
        record = import_listing(listing=listing, record=begin_import(stimulus_set, listing))
    refused = record.rejected_files.first()
    record_audit(
        actor=actor,
        action="upload_stimulus",
        object_type="stimulus_set",
        object_id=stimulus_set.slug,
        detail={"name": name, "refused": refused.reason if refused else ""},
    )
    stimulus = None if refused else stimulus_set.own_stimuli.get(name=name)
    return {"stimulus": stimulus, "was_there": not refused and not record.n_imported, "rejected": refused}


def _plain(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if any(part in ("", ".", "..") for part in parts) or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise ImportFailed(f"the name {name[:100]!r} is no path within a set; give one such as rain/12.wav")
    return "/".join(parts)
