"""Import an upload on a worker: unpack, describe, import each sound, delete what was sent."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from studyapp.models import StimulusImport, StimulusUpload
from studyapp.services.audit import record_audit
from studyapp.services.corpora import corpus_folder
from studyapp.services.jobs import Claim, do_claimed
from studyapp.services.stimulus_files import Listing, RefusedFile
from studyapp.services.stimulus_import import begin_import, import_listing
from studyapp.services.stimulus_layouts import list_files
from studyapp.services.upload_contents import contents_of, placed, read_sent_table, source_of
from studyapp.services.upload_description import describe
from studyapp.services.uploads import forget_files, unpacked_root
from studyapp.vocab import Rejection


def import_upload(*, upload_id: int) -> bool:
    """Import a submitted upload; False when another worker has it or it was cancelled on the way.

    What was imported before it was cancelled or failed stays, and is not imported twice.
    """
    return do_claimed(job=StimulusUpload, pk=upload_id, do=lambda held: _do(upload_id, held))


def _do(upload_id: int, held: Claim) -> None:
    upload = StimulusUpload.objects.select_related("stimulus_set", "owner").get(pk=upload_id)
    with _scratch(upload) as folder:
        listing = _listing(upload, folder)
        held.update(n_done=0, n_total=len(listing.found) + len(listing.refused))
        record = begin_import(upload.stimulus_set, listing)
        held.update(stimulus_import=record)
        import_listing(listing=listing, record=record, progress=lambda n_done, _: held.beat(n_done=n_done))
    with transaction.atomic():
        held.finish()
        _audit(upload, record)
    forget_files(upload)


@contextmanager
def _scratch(upload: StimulusUpload) -> Iterator[Path]:
    """Give a folder to unpack into; what an earlier attempt left there goes first."""
    root = unpacked_root()
    root.mkdir(parents=True, exist_ok=True)
    for old in root.glob(f"{upload.pk}-*"):
        shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{upload.pk}-", dir=root) as folder:
        yield Path(folder)


def _listing(upload: StimulusUpload, folder: Path) -> Listing:
    if upload.description.get("how") == "corpus":
        return list_files(corpus_folder(str(upload.description.get("folder"))), "auto")
    contents = contents_of(upload)
    files, damaged = placed(contents, folder)
    table = None
    if upload.description.get("how") == "manifest":
        table = read_sent_table(contents, str(upload.description.get("table")))
    listing = describe(files, upload.description, table, source_of(upload))
    refused = [
        RefusedFile(name=each.name, reason=Rejection.UNREADABLE, detail=damaged[each.path])
        for each in listing.found
        if each.path in damaged
    ]
    return Listing(
        layout=listing.layout,
        source=listing.source,
        found=[each for each in listing.found if each.path not in damaged],
        refused=[*listing.refused, *refused, *contents.clashes],
    )


def _audit(upload: StimulusUpload, record: StimulusImport) -> None:
    counts = {"found": record.n_found, "imported": record.n_imported, "rejected": record.n_rejected}
    record_audit(
        actor=upload.owner,
        action="import_upload",
        object_type="stimulus_set",
        object_id=upload.stimulus_set.slug,
        detail={"upload": upload.pk, "import": record.pk, **counts},
    )
