"""Find stimuli of a set by fixed filters, in a fixed list of orders."""

from django.db.models import QuerySet

from studyapp.models import Stimulus, StimulusSet

SORTS = {
    "position": ("memberships__position", "pk"),
    "name": ("name", "pk"),
    "label": ("label", "name", "pk"),
    "category": ("category", "name", "pk"),
    "generator": ("generator", "name", "pk"),
    "duration_s": ("duration_s", "pk"),
    "level_dbfs": ("level_dbfs", "pk"),
    "bandwidth_hz": ("bandwidth_hz", "pk"),
    "sample_rate_hz": ("sample_rate_hz", "pk"),
}


def search_stimuli(
    stimulus_set: StimulusSet,
    *,
    label: str | None = None,
    category: str = "",
    generator: str = "",
    in_doubt: bool | None = None,
    sort: str = "position",
) -> QuerySet[Stimulus]:
    """Return the set's stimuli that fit what is given, sorted by a key of SORTS, downwards after a minus."""
    found = Stimulus.objects.filter(memberships__stimulus_set=stimulus_set)
    if label:
        found = found.filter(label=label)
    if category:
        found = found.filter(category=category)
    if generator:
        found = found.filter(generator=generator)
    if in_doubt is not None:
        found = found.filter(label_in_doubt=in_doubt)
    turned = "-" if sort.startswith("-") else ""
    return found.order_by(*(f"{turned}{field}" for field in SORTS[sort.removeprefix("-")]))
