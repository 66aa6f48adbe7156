"""The sets that the forms offer."""

from detector.models import Selection
from studyapp.models import StimulusSet, User
from studyapp.reports.numbers import counted
from studyapp.selectors.stimulus_sets import list_sets


def set_choices(user: User) -> list[tuple[str, str]]:
    """Return the sets with clips; selections come last, since nobody wants to train on them first."""
    # list_sets annotates n_stimuli, which the type of its result cannot say.
    sets: list[StimulusSet] = [each for each in list_sets(user) if each.n_stimuli]  # type: ignore[attr-defined]
    selected = set(Selection.objects.values_list("stimulus_set_id", flat=True))
    sets.sort(key=lambda each: each.pk in selected)
    return [
        (each.slug, _set_words(each, each.n_stimuli))  # type: ignore[attr-defined]
        for each in sets
    ]


def _set_words(stimulus_set: StimulusSet, n_clips: int) -> str:
    """Return a set's title with its name, which tells sets of one title apart, and what is in it."""
    n = counted(n_clips, "synthetic stand-in" if stimulus_set.is_stand_in else "clip")
    facts = f"{stimulus_set.slug}, {n}" if stimulus_set.title else n
    return f"{stimulus_set} ({facts})"
