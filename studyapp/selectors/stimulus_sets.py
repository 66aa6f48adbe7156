"""Read stimulus sets and what is in them, as far as a user may see them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from studyapp.errors import NotFound
from studyapp.models import RejectedFile, Stimulus, StimulusImport, StimulusSet, User
from studyapp.vocab import Label

MAX_REJECTED_SHOWN = 200


def list_sets(user: User) -> QuerySet[StimulusSet]:
    """Return the sets that the user may see, newest first, each with n_stimuli, n_real and n_fake.

    A user sees their own sets and those without an owner, which commands and workers made; staff see all.
    """
    sets = StimulusSet.objects.all() if user.is_staff else StimulusSet.objects.filter(Q(owner=user) | Q(owner=None))
    return sets.annotate(
        n_stimuli=Count("members"),
        n_real=Count("members", filter=Q(members__stimulus__label=Label.REAL.value)),
        n_fake=Count("members", filter=Q(members__stimulus__label=Label.FAKE.value)),
    ).order_by("-created_at", "-pk")


def get_set(user: User, slug: str) -> StimulusSet:
    """Return the set of that name. Raises NotFound, also for a set of somebody else."""
    try:
        return list_sets(user).get(slug=slug)
    except StimulusSet.DoesNotExist:
        raise NotFound(f"there is no stimulus set {slug}") from None


def get_stimulus(stimulus_set: StimulusSet, key: int) -> Stimulus:
    """Return a stimulus of the set. Raises NotFound."""
    try:
        return Stimulus.objects.get(pk=key, memberships__stimulus_set=stimulus_set)
    except Stimulus.DoesNotExist:
        raise NotFound("there is no such stimulus in this set") from None


def list_stimuli(stimulus_set: StimulusSet, *, label: str = "", category: str = "") -> QuerySet[Stimulus]:
    """Return the set's stimuli in its order, those of a label or a category alone where one is given."""
    stimuli = Stimulus.objects.filter(memberships__stimulus_set=stimulus_set)
    if label:
        stimuli = stimuli.filter(label=label)
    if category:
        stimuli = stimuli.filter(category=category)
    return stimuli.order_by("memberships__position", "pk")


def list_reasons(stimulus_set: StimulusSet, stimuli: Iterable[Stimulus]) -> list[dict[str, Any]]:
    """Return for each of the stimuli why a detector's selection holds it.

    fake_score, bucket in words, rank; of a control also control_of, its error's name, and level_difference_db.
    """
    wanted = list(stimuli)
    members = stimulus_set.members.filter(stimulus__in=wanted)
    details = dict(members.values_list("stimulus_id", "detail"))
    matched = {detail.get("control_of") for detail in details.values()} - {None}
    names = dict(Stimulus.objects.filter(pk__in=matched).values_list("pk", "name")) if matched else {}
    return [
        {
            **details[each.pk],
            "bucket": str(details[each.pk].get("bucket", "")).replace("_", " "),
            "control_of": names.get(details[each.pk].get("control_of"), ""),
        }
        for each in wanted
    ]


def list_imports(stimulus_set: StimulusSet) -> list[StimulusImport]:
    """Return the imports into the set, newest first."""
    return list(stimulus_set.imports.all())


def count_rejected(stimulus_set: StimulusSet) -> list[tuple[str, int]]:
    """Return (reason in words, files) over the latest imports into the set, the most frequent first."""
    rows = _rejected_last(stimulus_set).values("reason")
    counted = rows.annotate(n=Count("pk")).order_by("-n", "reason")
    return [(row["reason"].replace("_", " "), row["n"]) for row in counted]


def list_rejected(stimulus_set: StimulusSet) -> list[RejectedFile]:
    """Return the first files that the latest imports into the set refused, the latest import first."""
    rows = _rejected_last(stimulus_set)
    return list(rows.order_by("-stimulus_import_id", "name", "pk")[:MAX_REJECTED_SHOWN])


def _rejected_last(stimulus_set: StimulusSet) -> QuerySet[RejectedFile]:
    """Return what the latest import of each source refused: an import done again refuses the same files again."""
    latest = stimulus_set.imports.order_by().values("source", "layout").annotate(latest=Max("pk")).values("latest")
    return RejectedFile.objects.filter(stimulus_import__in=latest)
