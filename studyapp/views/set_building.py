"""The pages that build a set of clips from other sets, and that add matched controls."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from studyapp.errors import InvalidAction
from studyapp.forms.set_building import ControlsForm, FilterForm, SourcesForm, TargetForm
from studyapp.models import Stimulus, StimulusSet
from studyapp.selectors.set_balance import balance_of, set_balance
from studyapp.selectors.set_candidates import candidates, choices_in, set_names
from studyapp.selectors.stimulus_sets import home_sets
from studyapp.services.audit import record_audit
from studyapp.services.set_building import BUILT, Built, add_clips, remove_clips
from studyapp.services.set_controls import add_controls, plan_controls
from studyapp.views.signed_in import SignedInRequest, set_or_404

PAGE_SIZE = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def build_set(request: SignedInRequest) -> HttpResponse:
    """Show the clips that the address filters, with their balance; add them, or the ticked ones, to a set."""
    sources = SourcesForm(request.GET if request.GET else None, user=request.user)
    sets = sources.chosen
    chosen = FilterForm(request.GET, sets=sets)
    target = TargetForm(request.POST or None, user=request.user, initial={"into": request.GET.get("into", "")})
    found = candidates(sets, chosen.given) if chosen.is_valid() else Stimulus.objects.none()
    if request.method == "POST" and sets and chosen.is_valid() and target.is_valid():
        try:
            return _added(request, _add(request, sets, chosen, target, found))
        except InvalidAction as error:
            target.add_error(None, str(error))
    context = {"sources": sources, "filter": chosen, "target": target, "sets": sets, **_results(request, sets, found)}
    page = "set_build_results" if request.headers.get("X-Part") == "results" else "set_build"
    for each in sets:
        record_audit(actor=request.user, action="see_set", object_type="stimulus_set", object_id=each.slug)
    return render(request, f"experimenter/{page}.html", context, status=400 if request.method == "POST" else 200)


def _results(request: SignedInRequest, sets: list[StimulusSet], found: QuerySet[Stimulus]) -> dict[str, Any]:
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page)
    names = set_names(sets, shown)
    asked = request.GET.get("into", "").replace("\x00", "")  # PostgreSQL takes no NUL
    into = TargetForm(user=request.user).built.filter(slug=asked).first()
    return {
        "page": page,
        "clips": [(clip, names[clip.pk]) for clip in shown],
        "balance": balance_of(found),
        "into": into,
        "into_balance": set_balance(into) if into else None,
        "ticked": set(_ticked(request)),
    }


def _add(
    request: SignedInRequest, sets: list[StimulusSet], chosen: FilterForm, target: TargetForm, found: QuerySet[Stimulus]
) -> Built:
    by_hand = request.POST.get("which") != "all"
    if by_hand:
        found = found.filter(pk__in=_ticked(request))
    step: dict[str, Any] = {"how": "hand"} if by_hand else {"how": "filter", "filter": chosen.given}
    return add_clips(
        user=request.user,
        into=target.cleaned_data["into"],
        title=target.cleaned_data["title"],
        stimuli=list(found.values_list("pk", flat=True)),
        sources=sets,
        step=step,
    )


def _ticked(request: SignedInRequest) -> list[int]:
    """Return the keys of the ticked clips, without what no column can hold."""
    return [int(key) for key in request.POST.getlist("clip") if key.isascii() and key.isdigit() and len(key) < 19]


def _added(request: SignedInRequest, built: Built) -> HttpResponse:
    same = f" {built.n_same} were left out, because the set holds the same sounds." if built.n_same else ""
    messages.success(request, f"{built.n_added} clips were added to {built.stimulus_set}.{same}")
    return redirect("stimulus_set", built.stimulus_set.slug)


@login_required
@require_POST
def take_out(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take the ticked clips out of a set that was built here."""
    found = set_or_404(request.user, slug, to_change=True)
    try:
        n = remove_clips(user=request.user, stimulus_set=found, stimuli=_ticked(request))
        messages.success(request, f"{n} clips were taken out of {found}.")
    except InvalidAction as error:
        messages.error(request, str(error))
    return redirect("stimulus_set", found.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_controls(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a matched control for each clip of a set, and store the set with them."""
    found = set_or_404(request.user, slug)
    record_audit(actor=request.user, action="see_set", object_type="stimulus_set", object_id=slug)
    pool = home_sets(request.user, found)
    start = {"sets": [each.slug for each in pool] or [found.slug], "kind": "other_label"}
    is_own = found.provenance.get("kind") == BUILT and found.may_change
    into = {"into": found.slug if is_own else f"{found.slug}-with-controls"[:80]}
    form = ControlsForm(request.GET or start, user=request.user, machines=choices_in([found, *pool])["machine"])
    target = TargetForm(request.POST or None, user=request.user, initial=into)
    plan = None
    if form.is_valid():
        given = form.cleaned_data
        plan = plan_controls(stimulus_set=found, pool=list(given["sets"]), kind=given["kind"], machine=given["machine"])
    if request.method == "POST" and plan is not None and target.is_valid():
        try:
            return _added(request, add_controls(user=request.user, plan=plan, into=target.cleaned_data["into"]))
        except InvalidAction as error:
            target.add_error(None, str(error))
    page = Paginator(plan.matches if plan else [], PAGE_SIZE).get_page(request.GET.get("page"))
    clips = Stimulus.objects.in_bulk([key for match in page for key in (match.clip.key, match.control.key)])
    pairs = [(clips[each.clip.key], clips[each.control.key], each) for each in page]
    context = {"set": found, "form": form, "target": target, "plan": plan, "pairs": pairs, "page": page}
    status = 400 if request.method == "POST" else 200
    return render(request, "experimenter/set_controls.html", context, status=status)
