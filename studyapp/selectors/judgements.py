"""The judgements of main trials by origin, for analysis: one frame. Exports read a stream, see judgement_stream."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Case, Count, F, Field, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from studyapp.models import FrozenStimulus, Presentation, Session, Study
from studyapp.selectors.analysis import analysed_sessions
from studyapp.selectors.judgement_stream import CHUNK, answered_trials
from studyapp.vocab import Label, Origin, TrialKind

TIMES = ["rt_from_onset_ms", "rt_from_offset_ms"]
NO_TIME = -1e12  # stands for a missing time on the way from the database: numbers are read faster than None
FRAME_COLUMNS = ["judgement", "version", "listener", "clip", "truth", "category", "said_fake", "is_correct", *TIMES]


def judgement_frame(
    *,
    study: Study,
    origin: Origin,
    include_incomplete: bool = False,
    leave_out_in_doubt: bool = False,
    include_excluded: bool = False,
    leave_out_flagged: bool = False,
) -> pd.DataFrame:
    """Return the analysed judgements of real or fake, one row each, with FRAME_COLUMNS.

    `judgement` is the key of the answer, `version` the number of the study's version, `listener` the pseudonym, `clip`
    the key of the stimulus; listener, truth and category are categorical; times are NaN where they are missing. Empty
    when nothing was judged. Three queries.
    """
    sessions = analysed_sessions(
        study=study,
        origin=origin,
        include_incomplete=include_incomplete,
        include_excluded=include_excluded,
        leave_out_flagged=leave_out_flagged,
    )
    # Of no kind of field in particular: else each number would go through a converter of its own.
    said_fake = Case(When(trial__response__choice=Label.FAKE.value, then=1), default=0, output_field=Field())
    rows = (
        judged(sessions, leave_out_in_doubt=leave_out_in_doubt)
        .annotate(said_fake=said_fake, **{name: _time(name) for name in TIMES})
        .values_list("trial__response__pk", "trial__session_id", "frozen_stimulus_id", "said_fake", *TIMES)
    )
    # Of a million answers only numbers are read; what a session or a sound is called is looked up once for each.
    # A key is a whole number as a float too: floats hold them up to 2^53.
    read = np.fromiter(chain.from_iterable(rows.iterator(CHUNK)), np.float64).reshape(-1, 6)
    # In the order of their keys, not in the database's own: the last digits of a fit hang on the order of its answers.
    read = read[read[:, 0].argsort()]
    numbers, times = read[:, :4].astype(np.int64), read[:, 4:]
    of_session = sessions.order_by("pk").values_list("pk", "version__number", "participant__pseudonym")
    of_sound = FrozenStimulus.objects.filter(version__study=study).order_by("pk")
    heard_by = _looked_up(of_session, ["pk", "version", "listener"], numbers[:, 1])
    heard = _looked_up(
        of_sound.values_list("pk", "stimulus_id", "label", "category"),
        ["pk", "clip", "truth", "category"],
        numbers[:, 2],
    )
    frame = pd.concat([heard_by, heard], axis=1).assign(judgement=numbers[:, 0], said_fake=numbers[:, 3] == 1)
    frame[TIMES] = np.where(times == NO_TIME, np.nan, times)
    frame["is_correct"] = frame["said_fake"] == (frame["truth"] == Label.FAKE.value)
    return frame[FRAME_COLUMNS]


def judged(sessions: QuerySet[Session], *, leave_out_in_doubt: bool) -> QuerySet[Presentation]:
    """Return the main trials of the sessions in which something was called real or fake."""
    answered = answered_trials(sessions).filter(trial__kind=TrialKind.MAIN.value, frozen_stimulus__isnull=False)
    if leave_out_in_doubt:
        answered = answered.filter(frozen_stimulus__stimulus__label_in_doubt=False)
    return answered.exclude(trial__response__choice="")


def right_by_truth(sessions: QuerySet[Session], *, leave_out_in_doubt: bool) -> dict[str, tuple[int, int]]:
    """Return truth -> right judgements and all judgements of the sessions. One query."""
    is_right = Q(trial__response__choice=F("frozen_stimulus__label"))
    rows = judged(sessions, leave_out_in_doubt=leave_out_in_doubt).values_list("frozen_stimulus__label")
    counts = rows.annotate(n_correct=Count("pk", filter=is_right), n=Count("pk"))
    return {truth: (n_correct, n) for truth, n_correct, n in counts}


def _time(name: str) -> Coalesce:
    return Coalesce(f"trial__response__{name}", Value(NO_TIME), output_field=Field())


def _looked_up(rows: Iterable[tuple[Any, ...]], names: list[str], keys: NDArray[np.int64]) -> pd.DataFrame:
    """Return for each key the row that begins with it, without the key itself; texts are categorical."""
    table = pd.DataFrame(rows, columns=names)
    texts = [name for name in names[1:] if not pd.api.types.is_numeric_dtype(table[name])]
    found = table.astype(dict.fromkeys(texts, "category"))
    return found.iloc[found["pk"].searchsorted(keys), 1:].reset_index(drop=True)
