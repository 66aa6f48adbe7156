"""Words beside the results: the reasons that participants wrote, and the methods for a paper."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.reports.methods_text import methods_document
from studyapp.selectors.reasons import reason_menu, reason_texts
from studyapp.services.analysis import rules_of
from studyapp.services.audit import record_audit
from studyapp.services.stored_analyses import results
from studyapp.views.analysis import asked_origin, asked_switches
from studyapp.views.listing import Column, list_rows
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right, category_words

COLUMNS = (
    Column(key="text", label="What was written", order=("text",)),
    Column(key="reason", label="Reason", order=("code",)),
    Column(key="category", label="Category", order=("category",)),
    Column(key="truth", label="Clip", order=("truth",)),
    Column(key="listener", label="Listener", order=("listener",)),
)

KEPT = (
    "origin",
    "incomplete",
    "without_doubt",
    "excluded",
    "without_flagged",
    "sort",
)  # what a search keeps of the address


@login_required
@require_safe
def study_reason_texts(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what participants wrote with their reasons; `q` looks for words in it."""
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    origin = asked_origin(request, study)
    record_audit(
        actor=request.user,
        action="see_reason_texts",
        object_type="study",
        object_id=study.slug,
        detail={"origin": origin.value},
    )
    rules = rules_of(study=study, origin=origin, **asked_switches(request))
    words = request.GET.get("q", "").replace("\x00", "").strip()
    listing = list_rows(
        request, reason_texts(study=study, origin=origin, rules=rules, words=words), COLUMNS, start="text"
    )
    labels = reason_menu(study=study, codes_in_use=[]).labels
    rows = [
        {
            "text": row.text,
            "reason": labels.get(row.code, row.code),
            "category": category_words(row.category),
            "truth": row.truth,
            "listener": row.listener,
        }
        for row in listing.page
    ]
    context = {
        "study": study,
        "tab": "results",
        "origin": origin,
        "listing": listing,
        "rows": rows,
        "q": words,
        "kept": [(key, request.GET[key]) for key in KEPT if key in request.GET],
    }
    return render(request, "experimenter/reason_texts.html", context)


@login_required
@require_safe
def study_methods(request: SignedInRequest, slug: str) -> HttpResponse:
    """Send the methods of all results as one text; while they are being computed, go to their page."""
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    origin = asked_origin(request, study)
    found = results(study=study, origin=origin, **asked_switches(request))
    if found.analysis is None:
        return redirect(f"{reverse('study_analysis', args=[slug])}?{request.GET.urlencode()}")
    record_audit(
        actor=request.user,
        action="export_methods",
        object_type="study",
        object_id=study.slug,
        detail={"origin": origin.value},
    )
    response = HttpResponse(methods_document(found.analysis), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-methods.md"'
    response["Cache-Control"] = "private, no-store"
    return response
