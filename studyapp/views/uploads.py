"""Files from a browser into a set: the page, each file, and what takes them back."""

from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import EarwitnessError, ImportFailed, UploadRefused
from studyapp.models import StimulusSet
from studyapp.selectors.uploads import files_there, waiting_upload
from studyapp.services.corpora import list_corpora
from studyapp.services.stimulus_import import check_takes_imports
from studyapp.services.upload_files import MAX_TABLE_BYTES, receive_file, remove_file
from studyapp.services.uploads import discard_upload, submit_corpus
from studyapp.views.signed_in import SignedInRequest, set_or_404

PART_BYTES = 1 << 18
STATUS = {"bad_kind": 415, "too_large": 413, "full": 409, "bad_file": 400, "incomplete": 400}


@login_required
@require_safe
def add_sounds(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show where sounds are dropped or chosen, and what came already."""
    found = set_or_404(request.user, slug, to_change=True)
    try:
        check_takes_imports(found)
    except ImportFailed as error:
        messages.error(request, str(error))
        return redirect("stimulus_set", slug=slug)
    return render(request, "experimenter/add_sounds.html", add_context(request, found))


def add_context(request: SignedInRequest, found: StimulusSet) -> dict[str, object]:
    """Return what the drop zone needs: the limits, and the files that are there."""
    upload = waiting_upload(found, request.user)
    there = files_there(upload)
    return {
        "set": found,
        "there": [{"name": name, "n_bytes": n_bytes, "kind": kind} for name, n_bytes, kind in there],
        "limits": {
            "max_files": settings.UPLOAD_MAX_FILES,
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "max_file_bytes": settings.UPLOAD_MAX_FILE_BYTES,
            "max_table_bytes": MAX_TABLE_BYTES,
        },
        "corpora": list_corpora() if request.user.is_staff else [],
    }


@login_required
@require_POST
def add_file(request: SignedInRequest, slug: str) -> JsonResponse:
    """Take one file: its bytes are the body, its name stands percent-encoded in X-File-Name."""
    found = set_or_404(request.user, slug, to_change=True)
    try:
        row = receive_file(
            stimulus_set=found,
            owner=request.user,
            name=_name(request),
            n_bytes=_length(request),
            parts=iter(lambda: request.read(PART_BYTES), b""),
        )
    except UploadRefused as error:
        return JsonResponse({"error": str(error), "code": error.code}, status=STATUS[error.code])
    except ImportFailed as error:
        return JsonResponse({"error": str(error), "code": "no_imports"}, status=409)
    except UnreadablePostError:  # the sender went away; nothing of the file is kept
        return JsonResponse({"error": "The file did not come whole; send it again.", "code": "incomplete"}, status=400)
    return JsonResponse({"name": row.name, "n_bytes": row.n_bytes, "kind": row.kind, "n_members": len(row.members)})


def _name(request: SignedInRequest) -> str:
    try:
        return unquote(request.headers.get("X-File-Name", ""), errors="strict")
    except UnicodeDecodeError:
        raise UploadRefused("bad_file", "the file's name is not valid text; rename it.") from None


def _length(request: SignedInRequest) -> int:
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise UploadRefused("incomplete", "the request does not say how long the file is.")
    return int(length)


@login_required
@require_POST
def remove_sent(request: SignedInRequest, slug: str) -> JsonResponse:
    """Take a file out of the waiting upload."""
    upload = waiting_upload(set_or_404(request.user, slug, to_change=True), request.user)
    if upload is None or not remove_file(upload=upload, name=request.POST.get("name", "")):
        return JsonResponse({"error": "This file is not there any more. Load the page again."}, status=404)
    return JsonResponse({"removed": True})


@login_required
@require_POST
def discard_waiting(request: SignedInRequest, slug: str) -> HttpResponse:
    """Delete the files that were sent and not imported yet."""
    upload = waiting_upload(set_or_404(request.user, slug, to_change=True), request.user)
    if upload is not None:
        discard_upload(upload=upload, actor=request.user)
        messages.info(request, "The files that were not imported yet are deleted.")
    return redirect("add_sounds", slug=slug)


@login_required
@require_POST
def add_corpus(request: SignedInRequest, slug: str) -> HttpResponse:
    """Have a corpus of the server imported. Refused to others than staff."""
    found = set_or_404(request.user, slug, to_change=True)
    if not request.user.is_staff:
        raise PermissionDenied("Only staff import corpora from the server.")
    try:
        submit_corpus(stimulus_set=found, folder=request.POST.get("folder", ""), actor=request.user)
    except EarwitnessError as error:
        messages.error(request, str(error))
        return redirect("add_sounds", slug=slug)
    return redirect("stimulus_set", slug=slug)
