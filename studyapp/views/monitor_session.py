"""One session of a study: what happened in it, and what an editor does about it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import InvalidAction
from studyapp.models import RecruiterVisit, Session, Study
from studyapp.selectors.monitor_sessions import session_rows, timeline
from studyapp.services.audit import record_audit
from studyapp.services.session_manage import END_AS, end_stuck_session, exclude_by_hand, take_back_exclusion
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right


@login_required
@require_safe
def study_session(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.SEE_PROGRESS)
    session = _session(study, key)
    shows_results = study.may_see_results
    if shows_results:
        record_audit(actor=request.user, action="see_session", object_type="session", object_id=str(session.pk))
    context = {
        "study": study,
        "tab": "monitor",
        "session": session,
        "row": session_rows([session])[0],
        "events": timeline(session, shows_results=shows_results),
        "exclusions": session.exclusions.select_related("actor"),
        "visit": RecruiterVisit.objects.select_related("identity").filter(session=session).first()
        if shows_results
        else None,
        "end_as": END_AS,
    }
    return render(request, "experimenter/monitor_session.html", context)


@login_required
@require_POST
def exclude(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    def act(session: Session, detail: str) -> None:
        exclude_by_hand(session=session, detail=detail, actor=request.user)

    return _do(request, slug, key, act, "The session is left out of analyses. Its answers stay.")


@login_required
@require_POST
def include(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    def act(session: Session, detail: str) -> None:
        take_back_exclusion(
            session=session, reason=request.POST.get("exclusion", ""), detail=detail, actor=request.user
        )

    return _do(request, slug, key, act, "The exclusion is taken back.")


@login_required
@require_POST
def end(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    def act(session: Session, detail: str) -> None:
        end_stuck_session(session=session, outcome=request.POST.get("outcome", ""), detail=detail, actor=request.user)

    return _do(request, slug, key, act, "The session is ended. Its answers stay.")


def _do(request: SignedInRequest, slug: str, key: int, act: Callable[[Session, str], None], done: str) -> HttpResponse:
    session = _session(study_or_404(request.user, slug, Right.EDIT), key)
    try:
        if request.POST.get("sure") != "yes":
            raise InvalidAction("Tick the box to confirm.")
        act(session, request.POST.get("detail", ""))
    except InvalidAction as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("study_session", slug=slug, key=key)


def _session(study: Study, key: int) -> Session:
    found = Session.objects.filter(version__study=study, pk=key).select_related("participant", "version").first()
    if found is None:
        raise Http404("there is no such session")
    return found
