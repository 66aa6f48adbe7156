"""Change facts of many clips: choose, say what, look at what it would do, confirm."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from studyapp.errors import ChangeRefused
from studyapp.forms.stimulus_change import StimulusChangeForm
from studyapp.forms.stimulus_filter import StimulusFilterForm, filter_query
from studyapp.models import Stimulus, StimulusSet
from studyapp.selectors.stimulus_changes import look_at_change
from studyapp.selectors.stimulus_filter import StimulusFilter, filter_stimuli
from studyapp.services.stimulus_change import change_stimuli, real_with_generator
from studyapp.views.signed_in import SignedInRequest, set_or_404

MAX_CHOSEN = 900  # boxes of one page; more goes by the filter
REFUSED = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stimuli_change(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask for the new facts, show what they would change, and change them; `step` says which of it."""
    found = set_or_404(request.user, slug, to_change=True)
    chosen = StimulusFilterForm(request.GET).read()
    back = f"{reverse('stimulus_set', args=[slug])}?{filter_query(chosen)}#clips-heading"
    if request.method != "POST":
        return redirect(back)
    is_filter = request.POST.get("which") == "filter"
    keys = [
        int(key)
        for key in request.POST.getlist("clip")[:MAX_CHOSEN]
        if key.isascii() and key.isdigit() and len(key) < 19
    ]
    stimuli = _chosen(found, chosen, None if is_filter else keys)
    if not stimuli.exists():
        messages.error(request, "No clip is chosen. Tick the clips to change first.")
        return redirect(back)
    step = request.POST.get("step", "")
    form = StimulusChangeForm(request.POST if step else None)
    if step == "confirm" and form.is_valid() and _change(request, found, stimuli, form):
        return redirect(back)
    look = look_at_change(request.user, stimuli, form.facts if step and form.is_valid() else {})
    if look.n_real_with_generator and step and not form.errors and "label" in form.facts:
        form.add_error("generator", real_with_generator(look.n_real_with_generator))
    context = {
        "set": found,
        "form": form,
        "look": look,
        "is_look": bool(step) and form.is_valid() and bool(look.keys),
        "which": "filter" if is_filter else "chosen",
        "filter": chosen.words,
        "clips": [] if is_filter else look.keys,
        "back": back,
    }
    return render(request, "experimenter/stimuli_change.html", context, status=REFUSED if form.errors else None)


def _chosen(stimulus_set: StimulusSet, chosen: StimulusFilter, keys: list[int] | None) -> QuerySet[Stimulus]:
    """Return the ticked clips, or all that the filter holds where `keys` is None."""
    if keys is None:
        return filter_stimuli(stimulus_set, chosen)
    return filter_stimuli(stimulus_set, StimulusFilter()).filter(pk__in=keys)


def _change(
    request: SignedInRequest, stimulus_set: StimulusSet, stimuli: QuerySet[Stimulus], form: StimulusChangeForm
) -> bool:
    """Change the clips and say so; False where that was refused, with the reason at the form."""
    expected = request.POST.get("n", "")
    try:
        n = change_stimuli(
            user=request.user,
            stimulus_set=stimulus_set,
            stimuli=stimuli,
            facts=form.facts,
            n_expected=int(expected) if expected.isascii() and expected.isdigit() and len(expected) < 10 else -1,
        )
    except ChangeRefused as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"{n} clip{'' if n == 1 else 's'} changed. Launched versions keep what they had.")
    return True
