"""The analysis plan of a study: the draft's, and what each version froze."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.design.config_reading import read_config
from studyapp.errors import ConfigError
from studyapp.reports.plan_document import plan_html, plan_markdown, plan_sections
from studyapp.selectors.analysis_plan import frozen_plans
from studyapp.selectors.study_config import frozen_config
from studyapp.services.audit import record_audit
from studyapp.views.signed_in import SignedInRequest, study_or_404
from studyapp.vocab import Right

TYPES = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


@login_required
@require_safe
def study_plan(request: SignedInRequest, slug: str) -> HttpResponse:
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    plans = frozen_plans(study)
    latest = next((each for each in plans if each.plan is not None), None)
    try:
        draft = read_config(study.config)
    except ConfigError:
        draft = None  # the page of the design says what is wrong
    config = frozen_config(latest.version) if latest else draft
    context = {
        "study": study,
        "tab": "plan",
        "plans": plans,
        "latest": latest,
        "sections": plan_sections(config) if config else [],
        "is_changed": bool(latest and draft and draft.analysis != latest.plan),
    }
    return render(request, "experimenter/study_plan.html", context)


@login_required
@require_safe
def study_plan_file(request: SignedInRequest, slug: str, number: int, ending: str) -> HttpResponse:
    """Send a version's plan as a document."""
    study = study_or_404(request.user, slug, Right.SEE_RESULTS)
    frozen = next((each for each in frozen_plans(study) if each.version.number == number), None)
    if frozen is None or frozen.plan is None or ending not in TYPES:
        raise Http404(f"there is no plan of version {number} of {slug}")
    record_audit(
        actor=request.user,
        action="export_plan",
        object_type="study",
        object_id=slug,
        detail={"version": number, "sha256": frozen.sha256},
    )
    write = plan_html if ending == "html" else plan_markdown
    response = HttpResponse(write(study, frozen, frozen_config(frozen.version)), content_type=TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{slug}-plan-version-{number}.{ending}"'
    return response
