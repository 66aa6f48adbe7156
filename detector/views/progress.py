"""How far work is, as JSON for pages that watch it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.views.decorators.http import require_safe

from detector.charts import draw_learning_curves, unfinished_curves
from detector.selectors import overview
from detector.selectors.progress import embedding_progress, scoring_progress
from detector.selectors.unfinished import live_curves, live_progress
from detector.views.access import embedding_or_404, training_or_404
from studyapp.errors import NotFound
from studyapp.views.signed_in import SignedInRequest


@login_required
@require_safe
def training_job(request: SignedInRequest, pk: int) -> JsonResponse:
    return JsonResponse(live_progress(training_or_404(request.user, pk)))


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
    return JsonResponse(embedding_progress(embedding_or_404(request.user, pk)))


@login_required
@require_safe
def scoring_job(request: SignedInRequest, pk: int) -> JsonResponse:
    try:
        return JsonResponse(scoring_progress(overview.visible_scoring(request.user, pk)))
    except NotFound as error:
        raise Http404(str(error)) from None
