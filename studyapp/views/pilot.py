"""The page "Pilot and launch": launch, open and close a study, look at its steps, hand out its links."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import EarwitnessError
from studyapp.forms.bots import BotForm
from studyapp.models import Study
from studyapp.reports.pilot_page import pilot_page, reasons_of
from studyapp.services.preview import start_preview
from studyapp.services.study_state import close_study, pause_study, renew_pilot_link, reopen_study
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right


@login_required
@require_safe
def study_pilot(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    return render_pilot(request, study, BotForm(reasons=reasons_of(study)))


def render_pilot(request: SignedInRequest, study: Study, form: BotForm, *, status: int = 200) -> HttpResponse:
    """Show the page, with the form for bots as it was filled in."""
    context = pilot_page(study, request.user, request.build_absolute_uri) | {"form": form}
    return render(request, "experimenter/pilot.html", context, status=status)


@login_required
@require_POST
def study_pause(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    done = "The study is paused. Sessions that are open can be finished."
    return _do(request, study, done, lambda: pause_study(study=study, user=request.user))


@login_required
@require_POST
def study_close(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    done = "The study is closed. Sessions that are open can be finished."
    return _do(request, study, done, lambda: close_study(study=study, user=request.user))


@login_required
@require_POST
def study_reopen(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    is_pilot = study.opened_as == "pilot"
    done = "The pilot is open again." if is_pilot else "The study is live again."
    return _do(request, study, done, lambda: reopen_study(study=study, user=request.user))


@login_required
@require_POST
def pilot_link_renew(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.EDIT)
    done = "There is a new pilot link; the one before admits nobody any more."
    return _do(request, study, done, lambda: renew_pilot_link(study=study, user=request.user))


@login_required
@require_POST
def pilot_preview(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin a preview at the place that the form names. What hands out a session must not be a link to follow."""
    study = study_or_404(request.user, slug, Right.EDIT)
    try:
        session = start_preview(
            study=study, place=request.POST.get("place", ""), user_agent=request.headers.get("User-Agent", "")
        )
    except EarwitnessError as error:
        messages.error(request, str(error))
        return redirect("study_pilot", slug=slug)
    return redirect("participant_run", token=session.token)


def _do(request: SignedInRequest, study: Study, done: str, act: Callable[[], object]) -> HttpResponse:
    """Run a service and say on the page how it went."""
    try:
        act()
    except EarwitnessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("study_pilot", slug=study.slug)
