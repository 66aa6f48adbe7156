"""The table of a fold: which clip was in which split, and what every run says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.ml.checkpoint import dump, parse
from detector.models import Fold
from studyapp.services import media

GROUPS = ("generators", "teams", "tracks", "source_groups")


@dataclass(frozen=True, kw_only=True)
class FoldTable:
    """Clips in order of content hash.

    is_fake: the labels trained on (dealt anew under `permute_labels`). assignment: (n_clips,) codes of
    detector.ml.splits.SPLITS, or UNUSED. fake_scores: (n_runs, n_clips) float32. generators, teams, tracks,
    source_groups: the clips' own columns; empty strings where they are not known.
    """

    shas: Sequence[str]
    stimulus_ids: Sequence[int]
    is_fake: NDArray[np.bool_]
    categories: Sequence[str]
    assignment: NDArray[np.int8]
    fake_scores: NDArray[np.float32]
    generators: Sequence[str]
    teams: Sequence[str]
    tracks: Sequence[str]
    source_groups: Sequence[str]


def table_bytes(table: FoldTable) -> bytes:
    """Return the table as the bytes of a file."""
    arrays = {
        "stimulus_ids": np.asarray(table.stimulus_ids, dtype=np.int64),
        "is_fake": table.is_fake,
        "assignment": table.assignment,
        "fake_scores": table.fake_scores,
    }
    columns = {name: list(getattr(table, name)) for name in ("categories", *GROUPS)}
    return dump(arrays, {"audio_sha256": list(table.shas), **columns})


def read_table(fold: Fold) -> FoldTable:
    """Return the table of a fold. Raises NotFound or BadFile."""
    arrays, facts = parse(media.read(fold.table_name), sha256=fold.table_sha256)
    return FoldTable(
        shas=facts["audio_sha256"],
        stimulus_ids=arrays["stimulus_ids"].tolist(),
        is_fake=arrays["is_fake"],
        categories=facts["categories"],
        assignment=arrays["assignment"],
        fake_scores=arrays["fake_scores"],
        # Tables of before these columns were kept have none of them.
        **{name: facts.get(name, [""] * len(facts["categories"])) for name in GROUPS},
    )
