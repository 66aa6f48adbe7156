"""Stimulus sets and their sounds."""

from typing import Annotated, Any

from django.http import FileResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from studyapp.api.access import ApiRequest
from studyapp.api.paging import Pages, page_of
from studyapp.api.shapes import MachineOut, ScorePage, SetOut, SetPage, StimulusPage, UploadedOut
from studyapp.selectors import machine_scores
from studyapp.selectors.stimulus_search import SORTS, search_stimuli
from studyapp.selectors.stimulus_sets import get_stimulus, list_sets
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.stimulus_set_create import create_set
from studyapp.services.stimulus_single import import_sound
from studyapp.views.signed_in import set_or_404
from studyapp.vocab import Label

router = Router(tags=["Stimuli"])
AROUND_FILE = 64 * 1024  # bytes of a form beside its file
Sort = Annotated[
    str, Field(pattern=f"^-?({'|'.join(SORTS)})$", description=f"{', '.join(SORTS)}; downwards after a minus.")
]
Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class NewSet(Schema, extra="forbid"):
    title: Words
    slug: Words = ""
    description: Annotated[str, Field(max_length=5000, pattern=r"^[^\x00]*$")] = ""


class StimulusFilter(Schema):
    label: Label | None = None
    category: Words = ""
    generator: Words = ""
    in_doubt: bool | None = None
    sort: Sort = "position"


class SoundFacts(Schema):
    """What the sender says of a sound."""

    label: Label
    category: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    name: Annotated[
        str, Field(max_length=500, pattern=r"^[^\x00]*$", description="Path in the set; by default the file's name.")
    ] = ""
    generator: Words = ""
    team: Words = ""
    track: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""
    source_group: Words = ""
    split: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""


@router.get("/sets", response=SetPage, operation_id="list_sets", summary="The sets that you may see")
def list_all(request: ApiRequest, paging: Pages) -> dict[str, Any]:
    return page_of(list_sets(request.auth), paging)


@router.post("/sets", response={201: SetOut}, operation_id="create_set", summary="Make an empty set of your own")
def create(request: ApiRequest, given: NewSet) -> Status[Any]:
    made = create_set(owner=request.auth, title=given.title, slug=given.slug, description=given.description)
    return Status(201, set_or_404(request.auth, made.slug))


@router.get("/sets/{slug:slug}", response=SetOut, operation_id="get_set", summary="One set")
def get_one(request: ApiRequest, slug: str) -> Any:
    return set_or_404(request.auth, slug)


@router.get(
    "/sets/{slug:slug}/stimuli",
    response=StimulusPage,
    operation_id="list_stimuli",
    summary="The sounds of a set, filtered and sorted",
)
def list_sounds(request: ApiRequest, slug: str, paging: Pages, which: Query[StimulusFilter]) -> dict[str, Any]:
    found = set_or_404(request.auth, slug)
    _audit(request, slug, "see_set", offset=paging.offset)
    return page_of(search_stimuli(found, **which.model_dump()), paging)


@router.post(
    "/sets/{slug:slug}/stimuli",
    response={200: UploadedOut, 201: UploadedOut},
    operation_id="upload_stimulus",
    summary="Send a sound into a set of your own; the importer checks and measures it",
)
def upload(request: ApiRequest, slug: str, facts: Form[SoundFacts], file: File[UploadedFile]) -> Status[Any]:
    found = set_or_404(request.auth, slug, to_change=True)
    given = facts.model_dump()
    given["name"] = given["name"] or file.name or "sound"
    made = import_sound(stimulus_set=found, chunks=file.chunks(), n_bytes=file.size or 0, actor=request.auth, **given)
    return Status(201 if made["stimulus"] and not made["was_there"] else 200, made)


@router.get(
    "/sets/{slug:slug}/stimuli/{int:key}/sound",
    operation_id="download_stimulus",
    summary="The file as it was imported",
    openapi_extra={"responses": {200: {"description": "The file", "content": {"application/octet-stream": {}}}}},
)
def sound(request: ApiRequest, slug: str, key: int) -> FileResponse:
    stimulus = get_stimulus(set_or_404(request.auth, slug), key)
    ending = stimulus.audio_path.rsplit(".", 1)[-1]
    name = f"{stimulus.sha256}.{ending}"
    file = media.open_file(stimulus.audio_path)
    _audit(request, slug, "download_stimulus", stimulus=stimulus.pk, sha256=stimulus.sha256)
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response


@router.get(
    "/sets/{slug:slug}/machines",
    response=list[MachineOut],
    operation_id="list_machines",
    summary="The detectors that judged sounds of a set",
)
def machines(request: ApiRequest, slug: str) -> Any:
    return machine_scores.machines_of(set_or_404(request.auth, slug))


@router.get(
    "/sets/{slug:slug}/scores",
    response=ScorePage,
    operation_id="list_scores",
    summary="What detectors said of the sounds of a set",
)
def scores(request: ApiRequest, slug: str, paging: Pages, machine: Words = "") -> dict[str, Any]:
    found = set_or_404(request.auth, slug)
    _audit(request, slug, "see_scores", machine=machine, offset=paging.offset)
    return page_of(machine_scores.scores_of(found, machine=machine), paging)


def _audit(request: ApiRequest, slug: str, action: str, **detail: Any) -> None:
    record_audit(
        actor=request.auth,
        action=action,
        object_type="stimulus_set",
        object_id=slug,
        detail={"by": "api", **detail},
    )
