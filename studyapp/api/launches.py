"""Launches: ask for one, watch it, cancel it. A worker does it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from ninja import Router, Status

from studyapp.api.access import ApiRequest
from studyapp.api.shapes import LaunchOut
from studyapp.errors import InvalidAction
from studyapp.models import StudyLaunch
from studyapp.selectors.jobs import may_cancel
from studyapp.selectors.launches import get_launch
from studyapp.services.jobs import bring_back_if_silent
from studyapp.services.launch import cancel_launch, plan_launch
from studyapp.views.signed_in import study_or_404
from studyapp.vocab import Right

router = Router(tags=["Studies"])


@router.post(
    "/studies/{slug:slug}/launch",
    response={202: LaunchOut},
    operation_id="launch_study",
    summary="Have a worker freeze a version of the study as it is now, and open it",
)
def launch(request: ApiRequest, slug: str, as_pilot: bool = False) -> Status[Any]:
    study = study_or_404(request.auth, slug, Right.EDIT)
    return Status(202, plan_launch(study=study, user=request.auth, as_pilot=as_pilot))


@router.get(
    "/studies/{slug:slug}/launches/{int:key}",
    response=LaunchOut,
    operation_id="get_launch",
    summary="How far a launch is, or what came of it",
)
def get_one(request: ApiRequest, slug: str, key: int) -> StudyLaunch:
    found = get_launch(study_or_404(request.auth, slug, Right.EDIT), key)
    bring_back_if_silent(found)
    return found


@router.post(
    "/studies/{slug:slug}/launches/{int:key}/cancel",
    response=LaunchOut,
    operation_id="cancel_launch",
    summary="Cancel a launch that you asked for; nothing of it is opened",
)
def cancel(request: ApiRequest, slug: str, key: int) -> StudyLaunch:
    found = get_launch(study_or_404(request.auth, slug, Right.EDIT), key)
    if not may_cancel(request.auth, found):
        raise PermissionDenied("Somebody else asked for this launch; it is theirs, and staff's, to cancel.")
    if not cancel_launch(launch=found, user=request.auth):
        raise InvalidAction(f"launch {key} is {found.state}; only one that waits or is at work can be cancelled")
    found.refresh_from_db()
    return found
