"""Find stimulus sets by the names that commands and forms use."""

from studyapp.errors import NotFound
from studyapp.models import StimulusSet


def set_by_slug(slug: str) -> StimulusSet:
    """Return a set. Raises NotFound, naming what exists."""
    found = StimulusSet.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(StimulusSet.objects.values_list("slug", flat=True)[:20])
        hint = f"There are: {known}." if known else "Import one with `manage.py import_stimuli PATH --set NAME`."
        raise NotFound(f"There is no stimulus set named {slug!r}. {hint}")
    return found
