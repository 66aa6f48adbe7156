"""What a user may see and do, for the detectors' views."""

from django.http import Http404

from detector.models import Comparison, EmbeddingRun, Scoring, Training
from detector.selectors import overview
from studyapp.errors import NotFound
from studyapp.models import User


def training_or_404(user: User, pk: int) -> Training:
    try:
        return overview.visible_training(user, pk)
    except NotFound as error:
        raise Http404(str(error)) from None


def embedding_or_404(user: User, pk: int) -> EmbeddingRun:
    try:
        return overview.visible_embedding(user, pk)
    except NotFound as error:
        raise Http404(str(error)) from None


def comparison_or_404(user: User, pk: int) -> Comparison:
    try:
        return overview.visible_comparison(user, pk)
    except NotFound as error:
        raise Http404(str(error)) from None


def scoring_or_404(user: User, pk: int) -> Scoring:
    try:
        return overview.visible_scoring(user, pk)
    except NotFound as error:
        raise Http404(str(error)) from None
