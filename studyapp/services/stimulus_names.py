"""What a table may call a sound of a set."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from studyapp.models import Stimulus


def names_of(stimuli: Iterable[Stimulus], *, ids_win: bool) -> dict[str, int | None]:
    """Return every name that means one stimulus of the set; None where a name means several.

    A whole name and a hash mean their stimulus, whatever stems say. An id that is also the stem of another sound may be
    meant either way, unless the column is named for ids.
    """
    names: dict[str, int | None] = {}
    for stimulus in stimuli:
        path = PurePosixPath(stimulus.name)
        for name in {stimulus.name, path.stem, path.name, stimulus.sha256, str(stimulus.pk)}:
            names[name] = stimulus.pk if names.get(name, stimulus.pk) == stimulus.pk else None
    for stimulus in stimuli:
        names |= {stimulus.sha256: stimulus.pk, stimulus.name: stimulus.pk}
    if ids_win:
        names |= {str(stimulus.pk): stimulus.pk for stimulus in stimuli}
    return names
