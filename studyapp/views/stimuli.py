"""The experimenter's pages of stimulus sets."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.errors import AudioError, NotFound
from studyapp.reports.stimulus_charts import draw_categories, draw_distribution
from studyapp.selectors import stimulus_sets as sets
from studyapp.selectors.stimulus_audit import audit_set
from studyapp.services import media
from studyapp.services.stimulus_preview import ensure_preview
from studyapp.views.ranged import ranged_response
from studyapp.views.signed_in import SignedInRequest
from studyapp.vocab import Label

PAGE_SIZE = 50


@login_required
@require_safe
def stimulus_sets(request: SignedInRequest) -> HttpResponse:
    """List the sets that the user may see."""
    return render(request, "experimenter/stimulus_sets.html", {"sets": sets.list_sets(request.user)})


@login_required
@require_safe
def stimulus_set(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a set: counts, audit, imports, and a page of its stimuli."""
    try:
        found = sets.get_set(request.user, slug)
    except NotFound as error:
        raise Http404(str(error)) from None
    audit = audit_set(found)
    label = request.GET.get("label", "")
    category = request.GET.get("category", "")
    stimuli = sets.list_stimuli(found, label=label, category=category)
    page = Paginator(stimuli, PAGE_SIZE).get_page(request.GET.get("page"))
    is_selection = found.provenance.get("kind") == "selection"
    shown = list(page)
    why = sets.list_reasons(found, shown) if is_selection else [{}] * len(shown)
    context = {
        "set": found,
        "is_selection": is_selection,
        "has_controls": is_selection and bool(found.provenance.get("rule", {}).get("n_controls")),
        "clips": list(zip(shown, why, strict=True)),
        "audit": audit,
        "facts": [
            (each, {"labels": draw_distribution(each), "categories": draw_categories(each)})
            for each in audit.distributions
        ],
        "imports": sets.list_imports(found),
        "reasons": sets.count_rejected(found),
        "rejected": sets.list_rejected(found),
        "page": page,
        "labels": [each.value for each in Label],
        "label": label,
        "category": category,
    }
    return render(request, "experimenter/stimulus_set.html", context)


@login_required
@require_safe
def stimulus_sound(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Serve a stimulus's sound to its experimenter."""
    try:
        stimulus = sets.get_stimulus(sets.get_set(request.user, slug), key)
        content = media.read(ensure_preview(stimulus))
    except (NotFound, AudioError) as error:
        raise Http404(str(error)) from None
    return ranged_response(content, "audio/wav", request)
