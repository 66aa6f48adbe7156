"""Studies: their configuration and their life."""

import json
from typing import Annotated, Any

from django.urls import reverse
from ninja import Router, Status
from pydantic import Field

from studyapp.api.access import ApiRequest
from studyapp.api.paging import Pages, page_of
from studyapp.api.problems import Refused, listed
from studyapp.api.shapes import CheckOut, ConfigOut, ProblemsOut, StudyDetailOut, StudyPage
from studyapp.design.config_yaml import MAX_YAML_BYTES, read_yaml
from studyapp.errors import ConfigError
from studyapp.models import Study
from studyapp.selectors.study_list import find_studies, visible_studies
from studyapp.services.launch_check import check_launch
from studyapp.services.study_create import change_study, create_study, find_problems
from studyapp.services.study_state import close_study, pause_study, reopen_study
from studyapp.views.signed_in import study_or_404
from studyapp.vocab import Right, StudyState

router = Router(tags=["Studies"])
_ANY_OBJECT = {"schema": {"type": "object"}}
CONFIG_BODY = {
    "requestBody": {
        "required": True,
        "description": "The study's configuration, as JSON or as the YAML file that create_study takes.",
        "content": {"application/json": _ANY_OBJECT, "application/yaml": {"schema": {"type": "string"}}},
    }
}


@router.get("/studies", response=StudyPage, operation_id="list_studies", summary="The studies that you take part in")
def list_all(
    request: ApiRequest,
    paging: Pages,
    state: StudyState | None = None,
    q: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = "",
) -> dict[str, Any]:
    found = find_studies(visible_studies(request.auth), state=state or "", words=q)
    page = page_of(found.order_by("-created_at", "-pk"), paging)
    return page | {"items": [_facts(each) for each in page["items"]]}


@router.post(
    "/studies",
    response={201: StudyDetailOut},
    operation_id="create_study",
    summary="Make a draft from a configuration",
    openapi_extra=CONFIG_BODY,
)
def create(request: ApiRequest) -> Status[Any]:
    made = create_study(config=_config(request, None), owner=request.auth)
    return Status(201, _detail(request, made.slug))


@router.post(
    "/studies/problems",
    response=ProblemsOut,
    operation_id="find_problems",
    summary="What is wrong with a configuration; nothing is stored",
    openapi_extra=CONFIG_BODY,
)
def problems(request: ApiRequest, study: Annotated[str, Field(max_length=80)] = "") -> dict[str, Any]:
    changed = study_or_404(request.auth, study, Right.EDIT) if study else None
    try:
        found = find_problems(config=_config(request, changed), user=request.auth, changed=changed)
    except ConfigError as error:
        return {"problems": listed(error)}
    return {"problems": listed(ConfigError(found))}


@router.get("/studies/{slug:slug}", response=StudyDetailOut, operation_id="get_study", summary="One study")
def get_one(request: ApiRequest, slug: str) -> dict[str, Any]:
    return _detail(request, slug)


@router.get(
    "/studies/{slug:slug}/config", response=ConfigOut, operation_id="get_config", summary="The configuration as given"
)
def get_config(request: ApiRequest, slug: str) -> Any:
    return study_or_404(request.auth, slug, Right.EDIT)


@router.put(
    "/studies/{slug:slug}/config",
    response=ConfigOut,
    operation_id="replace_config",
    summary="Replace the configuration, unless somebody changed it since the revision that you read",
    openapi_extra=CONFIG_BODY,
)
def replace(request: ApiRequest, slug: str, revision: Annotated[int, Field(ge=0, le=2_000_000_000)]) -> Any:
    study = study_or_404(request.auth, slug, Right.EDIT)
    return change_study(study=study, config=_config(request, study), user=request.auth, base=revision)


@router.get(
    "/studies/{slug:slug}/check",
    response=CheckOut,
    operation_id="check_study",
    summary="What stands in the way of a launch, and what is unwise",
)
def check(request: ApiRequest, slug: str) -> dict[str, Any]:
    found = check_launch(study=study_or_404(request.auth, slug, Right.EDIT))
    return {"problems": [str(each) for each in found.problems], "warnings": [str(each) for each in found.warnings]}


@router.post(
    "/studies/{slug:slug}/close",
    response=StudyDetailOut,
    operation_id="close_study",
    summary="Admit nobody more; open sessions go on",
)
def close(request: ApiRequest, slug: str) -> dict[str, Any]:
    close_study(study=study_or_404(request.auth, slug, Right.EDIT), user=request.auth)
    return _detail(request, slug)


@router.post(
    "/studies/{slug:slug}/pause",
    response=StudyDetailOut,
    operation_id="pause_study",
    summary="Admit nobody for a while; open sessions go on",
)
def pause(request: ApiRequest, slug: str) -> dict[str, Any]:
    pause_study(study=study_or_404(request.auth, slug, Right.EDIT), user=request.auth)
    return _detail(request, slug)


@router.post(
    "/studies/{slug:slug}/reopen",
    response=StudyDetailOut,
    operation_id="reopen_study",
    summary="Admit participants to the latest version again",
)
def reopen(request: ApiRequest, slug: str) -> dict[str, Any]:
    reopen_study(study=study_or_404(request.auth, slug, Right.EDIT), user=request.auth)
    return _detail(request, slug)


def _facts(study: Study) -> dict[str, Any]:
    return {
        "slug": study.slug,
        "title": study.title,
        "state": study.state,
        "stimulus_set": study.stimulus_set.slug,
        "revision": study.revision,
        "created_at": study.created_at,
        "updated_at": study.updated_at,
    }


def _detail(request: ApiRequest, slug: str) -> dict[str, Any]:
    study = study_or_404(request.auth, slug, Right.SEE_PROGRESS)
    return _facts(study) | {
        "rights": sorted(right.value for right in study.rights),
        "link": request.build_absolute_uri(reverse("participant_landing", args=[study.slug])),
        "versions": list(study.versions.order_by("number").values("number", "sha256", "launched_at")),
    }


def _config(request: ApiRequest, changed: Study | None) -> dict[str, Any]:
    """Return the configuration in the body, meant for the study where one is named.

    Raises ConfigError (of YAML: with every problem and its line), or Refused for what is neither JSON nor YAML.
    """
    if len(request.body) > MAX_YAML_BYTES:
        raise Refused(413, f"A configuration has at most {MAX_YAML_BYTES // 1024} KiB.")
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(400, "The configuration is not UTF-8 text.") from None
    if request.content_type in ("application/yaml", "application/x-yaml", "text/yaml"):
        source = read_yaml(text)
        wrong = find_problems(config=source.config, user=request.auth, changed=changed)
        if wrong or source.problems:
            raise source.error(wrong)
        return source.config
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(400, "The configuration is no JSON. For YAML, send Content-Type: application/yaml.") from None
    if not isinstance(found, dict):
        raise ConfigError([("", "must be an object with at least the keys slug, title and stimulus_set")])
    return found
