"""The experimenter's pages of stimulus sets."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.errors import AudioError, NotFound
from studyapp.reports.stimulus_charts import draw_categories, draw_distribution
from studyapp.selectors import stimulus_sets as sets
from studyapp.selectors.set_facts import set_facts
from studyapp.selectors.stimulus_audit import audit_set
from studyapp.selectors.uploads import upload_lines
from studyapp.services import media
from studyapp.services.audit import record_audit
from studyapp.services.stimulus_preview import ensure_preview
from studyapp.views.listing import Column, list_rows
from studyapp.views.ranged import ranged_response
from studyapp.views.signed_in import SignedInRequest, set_or_404
from studyapp.views.stimulus_table import table_context

COLUMNS = (
    Column(key="title", label="Set", order=("title", "slug")),
    Column(key="real", label="Real", order=("n_real",), is_number=True),
    Column(key="fake", label="Fake", order=("n_fake",), is_number=True),
    Column(key="all", label="All", order=("n_stimuli",), is_number=True),
    Column(key="made", label="Made", order=("created_at",)),
)


@login_required
@require_safe
def stimulus_sets(request: SignedInRequest) -> HttpResponse:
    """List the sets that the user may see: by words where asked, sorted, page by page."""
    words = request.GET.get("q", "").replace("\x00", "")
    found = sets.list_sets(request.user)
    context = {
        "listing": list_rows(request, sets.find_sets(found, words=words), COLUMNS, start="-made"),
        "has_sets": bool(words) and found.exists(),
        "q": words,
    }
    return render(request, "experimenter/stimulus_sets.html", context)


@login_required
@require_safe
def stimulus_set(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a set: counts, audit, imports, and a page of its stimuli."""
    found = set_or_404(request.user, slug)
    record_audit(actor=request.user, action="see_set", object_type="stimulus_set", object_id=slug)
    # Uploads before all else: a page that says that one is imported must also have its sounds.
    uploads = upload_lines(found, request.user)
    audit = audit_set(found)
    context = {
        "set": found,
        **uploads,
        "audit": audit,
        "about": set_facts(found),
        "facts": [
            (each, {"labels": draw_distribution(each), "categories": draw_categories(each)})
            for each in audit.distributions
        ],
        "imports": sets.list_imports(found),
        "reasons": sets.count_rejected(found),
        "rejected": sets.list_rejected(found),
        **table_context(request, found, audit.categories),
    }
    return render(request, "experimenter/stimulus_set.html", context)


@login_required
@require_safe
def stimulus_sound(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Serve a stimulus's sound to its experimenter."""
    try:
        stimulus = sets.get_stimulus(set_or_404(request.user, slug), key)
        content = media.read(ensure_preview(stimulus))
    except (NotFound, AudioError) as error:
        raise Http404(str(error)) from None
    return ranged_response(content, "audio/wav", request)
