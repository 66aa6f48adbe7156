"""How far work is, as JSON for pages that watch it."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from detector.charts import draw_learning_curves, unfinished_curves
from detector.selectors.progress import comparison_progress, embedding_progress, scoring_progress
from detector.selectors.unfinished import live_curves, live_progress
from detector.services.embedding import bring_back_shards
from detector.views.access import comparison_or_404, embedding_or_404, scoring_or_404, training_or_404
from studyapp.services.jobs import bring_back_if_silent
from studyapp.views.signed_in import SignedInRequest


@login_required
@require_safe
def training_job(request: SignedInRequest, pk: int) -> JsonResponse:
    found = training_or_404(request.user, pk)
    bring_back_if_silent(found)
    return JsonResponse(live_progress(found))


@login_required
@require_safe
def training_curves(request: SignedInRequest, pk: int) -> JsonResponse:
    """Return the chart of the fold that is being trained, empty before the first saved checkpoint."""
    training = training_or_404(request.user, pk)
    curves = unfinished_curves(live_curves(training))
    return JsonResponse(draw_learning_curves(curves, n_epochs=int(training.config["n_epochs"])))


@login_required
@require_safe
def embedding_job(request: SignedInRequest, pk: int) -> JsonResponse:
    found = embedding_or_404(request.user, pk)
    bring_back_shards(run=found)
    return JsonResponse(embedding_progress(found))


@login_required
@require_safe
def scoring_job(request: SignedInRequest, pk: int) -> JsonResponse:
    found = scoring_or_404(request.user, pk)
    bring_back_if_silent(found)
    return JsonResponse(scoring_progress(found))


@login_required
@require_safe
def comparison_job(request: SignedInRequest, pk: int) -> JsonResponse:
    found = comparison_or_404(request.user, pk)
    bring_back_if_silent(found)
    return JsonResponse(comparison_progress(found))
