"""Read stimulus sets and what is in them, as far as a user may see them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.fields.json import KT

from studyapp.errors import NotFound
from studyapp.models import FrozenStimulus, RejectedFile, SetMember, Stimulus, StimulusImport, StimulusSet, User
from studyapp.selectors.rights import studies_joined_without, studies_with
from studyapp.vocab import Label, Right

MAX_REJECTED_SHOWN = 200
MAX_WORDS = 8  # of a search


def list_sets(user: User) -> QuerySet[StimulusSet]:
    """Return the sets that the user may see, newest first, each with n_stimuli, n_real and n_fake.

    A user sees their own sets, those without an owner, which commands and workers made, and those of studies whose
    results they may see; staff see all. Who only assists in a study must not learn which of its sounds are fake: a set
    without an owner that holds any of them, or a copy of one, does not exist for them.
    """
    return (
        _visible(user)
        .annotate(
            n_stimuli=Count("members"),
            n_real=Count("members", filter=Q(members__stimulus__label=Label.REAL.value)),
            n_fake=Count("members", filter=Q(members__stimulus__label=Label.FAKE.value)),
        )
        .order_by("-created_at", "-pk")
    )


def find_sets(sets: QuerySet[StimulusSet], *, words: str) -> QuerySet[StimulusSet]:
    """Return those whose title or name holds each of the words."""
    for word in words.split()[:MAX_WORDS]:
        sets = sets.filter(Q(title__icontains=word) | Q(slug__icontains=word))
    return sets


def _visible(user: User) -> QuerySet[StimulusSet]:
    if user.is_staff:
        return StimulusSet.objects.all()
    shared = studies_with(user, Right.SEE_RESULTS).values("stimulus_set")
    anybodys = Q(owner=None) & ~Q(pk__in=_blinded_sets(user))
    return StimulusSet.objects.filter(Q(owner=user) | anybodys | Q(pk__in=shared))


def _blinded_sets(user: User) -> QuerySet[SetMember, int]:
    """Return the keys of the sets with a sound of a study in which the user may not see results.

    A study's sounds are those of its set and of its practice set, and those that its versions froze. The same bytes
    imported into another set are the same sound: there, too, its label would be read.
    """
    studies = studies_joined_without(user, Right.SEE_RESULTS)
    practice = studies.annotate(practice=KT("config__practice__stimulus_set")).values("practice")
    sets = StimulusSet.objects.filter(Q(pk__in=studies.values("stimulus_set")) | Q(slug__in=practice))
    members = SetMember.objects.filter(stimulus_set__in=sets.values("pk")).values("stimulus")
    frozen = FrozenStimulus.objects.filter(version__study__in=studies.values("pk")).values("stimulus")
    sounds = Stimulus.objects.filter(Q(pk__in=members) | Q(pk__in=frozen)).values("sha256")
    return SetMember.objects.filter(stimulus__sha256__in=sounds).values_list("stimulus_set", flat=True)


def may_change_set(user: User, stimulus_set: StimulusSet) -> bool:
    """Whether the user may change the set and its stimuli: its owner and staff; one without an owner, staff alone."""
    return user.is_staff or (stimulus_set.owner_id is not None and stimulus_set.owner_id == user.pk)


def get_set(user: User, slug: str) -> StimulusSet:
    """Return the set of that name. Raises NotFound, also for a set of somebody else."""
    try:
        return list_sets(user).get(slug=slug)
    except StimulusSet.DoesNotExist:
        raise NotFound(f"there is no stimulus set {slug}") from None


def home_sets(user: User, stimulus_set: StimulusSet) -> list[StimulusSet]:
    """Return the sets that the set's clips were imported into, as far as the user may see them."""
    homes = Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).values("home_set")
    return list(_visible(user).filter(pk__in=homes).order_by("slug"))


def get_stimulus(stimulus_set: StimulusSet, key: int) -> Stimulus:
    """Return a stimulus of the set. Raises NotFound."""
    try:
        return Stimulus.objects.get(pk=key, memberships__stimulus_set=stimulus_set)
    except Stimulus.DoesNotExist:
        raise NotFound("there is no such stimulus in this set") from None


def count_labels(stimulus_set: StimulusSet) -> dict[Label, int]:
    """Return how many stimuli of each label the set holds. One query."""
    rows = stimulus_set.members.order_by().values_list("stimulus__label").annotate(n=Count("pk"))
    counts = dict(rows)
    return {label: counts.get(label.value, 0) for label in Label}


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
