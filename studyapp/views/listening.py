"""Pages on which an experimenter listens through a set, clip by clip."""

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studyapp.errors import AudioError, ChangeRefused, NotFound
from studyapp.forms.listening import ListeningForm, read_changes
from studyapp.forms.stimulus_filter import StimulusFilterForm, filter_query
from studyapp.models import ListeningPass, Stimulus
from studyapp.selectors import listening as passes
from studyapp.selectors.stimulus_filter import StimulusFilter, filter_stimuli
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.listening import MAX_SEED, end_pass, note_clip, start_pass
from studyapp.services.stimulus_preview import ensure_preview
from studyapp.sound.picture import KINDS, RECIPE_VERSION, level_colours
from studyapp.sound.presentation import CommonScale
from studyapp.sound.spectrogram import FLOOR_DB, LOWEST_LOG_HZ, TOP_DB
from studyapp.views.ranged import ranged_response
from studyapp.views.signed_in import SignedInRequest, set_or_404
from studyapp.views.stimulus_table import picture_response

REFUSED = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listening(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the user's passes through the set and how a new one begins; begin one."""
    found = set_or_404(request.user, slug)
    chosen = StimulusFilterForm(request.GET).read()
    start = {"is_blind": not chosen.tells_the_label, "order": "shuffled"}
    form = ListeningForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        try:
            made = start_pass(
                user=request.user,
                stimulus_set=found,
                chosen=chosen,
                is_blind=form.cleaned_data["is_blind"],
                seed=_seed(form),
            )
            return redirect("listening_pass", slug=slug, key=made.pk)
        except ChangeRefused as error:
            form.add_error(None, str(error))
    context = {
        "set": found,
        "form": form,
        "filter": chosen.words,
        "n": filter_stimuli(found, chosen).count(),
        "back": f"{reverse('stimulus_set', args=[slug])}?{filter_query(chosen)}#clips-heading",
        "passes": [
            (each, StimulusFilter(**each.chosen).words, each.place + 1)
            for each in passes.list_passes(request.user, found)
        ],
    }
    return render(request, "experimenter/listening.html", context, status=REFUSED if form.errors else None)


@login_required
@require_safe
def listening_pass(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Show the page on which a pass is heard; its clips come by listening_clip."""
    found = _pass_or_404(request, slug, key)
    context = {
        "set": found.stimulus_set,
        "pass": found,
        "tags": passes.palette(found),
        "settings": {
            "clips": reverse("listening_clip", args=[slug, key, 0]).removesuffix("0"),
            "first": found.place + 1,
            "recipe": f"{RECIPE_VERSION}-common" if found.is_blind else RECIPE_VERSION,
            "wave_share": KINDS["linear"].wave_share,
            "lowest_log_hz": LOWEST_LOG_HZ,
            "floor_db": FLOOR_DB,
            "top_db": TOP_DB,
            "stops": level_colours(),
        },
    }
    return render(request, "experimenter/listening_pass.html", context)


@login_required
@require_POST
def listening_clip(request: SignedInRequest, slug: str, key: int, place: int) -> JsonResponse:
    """Store what is said of a clip, and that the author is at it; answer with what the page shows of it."""
    found = _pass_or_404(request, slug, key)
    try:
        note_clip(listening=found, place=place, changes=read_changes(request.body))
        found.refresh_from_db()
        return JsonResponse(passes.clip_state(found, place))
    except NotFound as error:
        return JsonResponse({"error": str(error)}, status=404)
    except (ChangeRefused, ValueError) as error:
        return JsonResponse({"error": str(error)}, status=REFUSED)


@login_required
@require_safe
def listening_sound(request: SignedInRequest, slug: str, key: int, place: int) -> HttpResponse:
    """Serve the sound of a pass's clip, by its place alone."""
    try:
        stimulus, common = _clip_or_404(request, slug, key, place)
        content = media.read(ensure_preview(stimulus, common))
    except (NotFound, AudioError):
        raise Http404("the sound of this clip cannot be read") from None  # an error of its own would name the file
    return ranged_response(content, "audio/wav", request)


@login_required
@require_safe
def listening_picture(request: SignedInRequest, slug: str, key: int, place: int, kind: str) -> HttpResponse:
    """Serve the large picture of a pass's clip, by its place alone."""
    stimulus, common = _clip_or_404(request, slug, key, place)
    return picture_response(stimulus, kind, common)


@login_required
@require_POST
def listening_end(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """End a pass and show what came of it."""
    end_pass(listening=_pass_or_404(request, slug, key))
    return redirect("listening_result", slug=slug, key=key)


@login_required
@require_safe
def listening_result(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Show the guesses of an ended pass, right and wrong by label."""
    found = _pass_or_404(request, slug, key)
    if found.ended_at is None:
        messages.info(request, "The result is shown when the pass has ended: labels would spoil what is still unheard.")
        return redirect("listening_pass", slug=slug, key=key)
    record_audit(
        actor=request.user,
        action="see_listening_result",
        object_type="stimulus_set",
        object_id=slug,
        detail={"pass": found.pk},
    )
    context = {"set": found.stimulus_set, "pass": found, "guesses": passes.summarise_guesses(found)}
    return render(request, "experimenter/listening_result.html", context)


def _seed(form: ListeningForm) -> int | None:
    """Return the seed of the order: none for the set's own, drawn where none is given."""
    if form.cleaned_data["order"] == "set":
        return None
    given: int | None = form.cleaned_data["seed"]
    return secrets.randbelow(MAX_SEED + 1) if given is None else given


def _pass_or_404(request: SignedInRequest, slug: str, key: int) -> ListeningPass:
    try:
        return passes.get_pass(request.user, set_or_404(request.user, slug), key)
    except NotFound as error:
        raise Http404(str(error)) from None


def _clip_or_404(request: SignedInRequest, slug: str, key: int, place: int) -> tuple[Stimulus, CommonScale | None]:
    found = _pass_or_404(request, slug, key)
    try:
        return passes.get_clip(found, place), passes.common_scale(found)
    except NotFound as error:
        raise Http404(str(error)) from None
