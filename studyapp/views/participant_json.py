"""The participant's state and actions, as JSON. See docs/participant_protocol.md."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from studyapp.design.actions import ACTIONS, MAX_BODY_BYTES, read_action
from studyapp.errors import InvalidAction, NotFound, SessionConflict
from studyapp.models import Session
from studyapp.selectors.session_state import find_session, session_state
from studyapp.services.preview import forget_if_shown
from studyapp.services.session_act import perform_action
from studyapp.services.session_timeout import end_if_timed_out
from studyapp.views.participant import privately


def _json(content: dict[str, Any], status: int = 200) -> JsonResponse:
    response = JsonResponse(content, status=status)
    privately(response)
    return response


def _error(code: str, message: str, status: int, **more: Any) -> JsonResponse:
    return _json({"error": {"code": code, "message": message}, **more}, status)


@login_not_required
@require_safe
def state(request: HttpRequest, token: str) -> JsonResponse:
    try:
        return _last_word(end_if_timed_out(find_session(token)))
    except NotFound:
        return _error("not_found", "there is no such session", 404)


@login_not_required
@csrf_exempt
@require_POST
def act(request: HttpRequest, token: str, action: str) -> JsonResponse:
    """Take an action. A body that another site's form could send is refused: only application/json is read."""
    if action not in ACTIONS:
        return _error("not_found", "there is no such action", 404)
    try:
        session = perform_action(token=token, name=action, action=read_action(action, _body(request)))
    except NotFound:
        return _error("not_found", "there is no such session", 404)
    except InvalidAction as error:
        return _error("invalid", str(error), 422)
    except SessionConflict as conflict:
        return _error(conflict.code, str(conflict), 409, state=session_state(find_session(token)))
    return _last_word(session)


def _last_word(session: Session) -> JsonResponse:
    """Answer with the state. Of a preview that is at its end nothing is kept once the end was told."""
    response = _json(session_state(session))
    forget_if_shown(session)
    return response


def _body(request: HttpRequest) -> bytes:
    """Return the body. Raises InvalidAction for another type, or before reading one that is too long."""
    if request.content_type != "application/json":
        raise InvalidAction("the body must be application/json")
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and len(length) < 12 and int(length) > MAX_BODY_BYTES:
        raise InvalidAction(f"the body has more than {MAX_BODY_BYTES} bytes")
    return request.read(MAX_BODY_BYTES + 1)
