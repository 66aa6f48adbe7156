"""Where each clip comes from: the generator of a fake, the recording of a real sound. Rows: exports load no pandas."""

from studyapp.models import Stimulus, Study

SOURCE_COLUMNS = ["clip", "generator", "split", "recording"]


def clip_sources(study: Study) -> list[tuple[int, str, str, str]]:
    """Return SOURCE_COLUMNS of each clip of any version: its key, generator, split, recording; "" where not known.

    `split` is the split of the corpus that a clip came from, `recording` the one that a real clip was cut from.
    One query.
    """
    return list(
        Stimulus.objects.filter(frozen_as__version__study=study)
        .order_by("pk")
        .values_list("pk", "generator", "original_split", "source_group")
        .distinct()
    )
