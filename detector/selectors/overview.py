"""What the detectors' first page lists, as far as a user may see the sets behind it."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from detector.models import Comparison, EmbeddingRun, Scoring, Selection, Training
from studyapp.errors import NotFound
from studyapp.models import StimulusSet, User
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.vocab import JobState

SHOWN = 20


def embedding_runs(user: User) -> QuerySet[EmbeddingRun]:
    """Return the newest runs, each with n_failed."""
    runs = EmbeddingRun.objects.filter(_visible(user)).select_related("stimulus_set")
    # Django drops the model's own ordering where it groups.
    return runs.annotate(n_failed=Count("failures")).order_by("-created_at", "-pk")[:SHOWN]


def trainings(user: User) -> QuerySet[Training]:
    return Training.objects.filter(_visible(user)).select_related("stimulus_set")[:SHOWN]


def finished_trainings(user: User, keys: Sequence[int] | None = None) -> list[Training]:
    """Return the finished trainings named, in that order, or the newest. Raises NotFound where one is not there."""
    done = Training.objects.filter(_visible(user), state=JobState.DONE.value).select_related("stimulus_set")
    if keys is None:
        return list(done[:SHOWN])
    found = {training.pk: training for training in done.filter(pk__in=keys)}
    if missing := [str(pk) for pk in keys if pk not in found]:
        raise NotFound(f"There is no finished training {', '.join(missing)}.")
    return [found[pk] for pk in keys]


def selections(user: User) -> QuerySet[Selection]:
    found = Selection.objects.filter(_visible(user)).select_related("stimulus_set", "training")
    return found.annotate(n_clips=Count("stimulus_set__members")).order_by("-created_at", "-pk")[:SHOWN]


def has_stand_ins(user: User) -> bool:
    """Whether a set that the user may see holds synthetic stand-ins."""
    return list_sets(user).filter(is_stand_in=True).exists()


def visible_training(user: User, pk: int) -> Training:
    """Return a training. Raises NotFound, also for one on somebody else's set."""
    found = Training.objects.filter(_visible(user), pk=pk).select_related("stimulus_set").first()
    if found is None:
        raise NotFound(f"there is no training {pk}")
    return found


def visible_embedding(user: User, pk: int) -> EmbeddingRun:
    """Return an embedding run. Raises NotFound, also for one on somebody else's set."""
    found = EmbeddingRun.objects.filter(_visible(user), pk=pk).select_related("stimulus_set").first()
    if found is None:
        raise NotFound(f"there is no embedding run {pk}")
    return found


def visible_scoring(user: User, pk: int) -> Scoring:
    """Return a scoring. Raises NotFound, also for one on somebody else's set."""
    found = Scoring.objects.filter(_visible(user), pk=pk).first()
    if found is None:
        raise NotFound(f"there is no scoring {pk}")
    return found


def visible_comparison(user: User, pk: int) -> Comparison:
    """Return a comparison. Raises NotFound, also where one of its trainings is on somebody else's set."""
    found = Comparison.objects.filter(pk=pk).first()
    if found is None or Training.objects.filter(_visible(user), comparisons=found).count() < found.links.count():
        raise NotFound(f"there is no comparison {pk}")
    return found


def scorings(user: User, training: Training) -> QuerySet[Scoring]:
    return Scoring.objects.filter(_visible(user), training=training).select_related("stimulus_set")[:SHOWN]


def _visible(user: User) -> Q:
    if user.is_staff:
        return Q()
    return Q(stimulus_set__in=StimulusSet.objects.filter(pk__in=list_sets(user).values("pk")))
