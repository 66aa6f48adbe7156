"""Judgements: one row per answer to a main trial, by origin, for analysis (a frame) and for exports (a stream)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

import pandas as pd
from django.db.models import QuerySet

from studyapp.models import ChosenReason, FrozenStimulus, Play, Presentation, Session, Study
from studyapp.selectors.analysis import analysed_sessions, sessions_of
from studyapp.selectors.judgement_sessions import SessionFacts, session_facts
from studyapp.vocab import Label, Origin, TrialKind

CHUNK = 2000  # rows fetched from the database at a time

FRAME_COLUMNS = ["version", "listener", "clip", "truth", "category", "said_fake", "is_correct"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """An answer to a main trial with everything that an export says of it."""

    trial_id: int
    trial_order: int
    block: str
    session: SessionFacts
    frozen: FrozenStimulus
    choice: str
    choice_position: int
    confidence: int | None
    response_source: str
    rt_from_onset_ms: float | None
    rt_from_offset_ms: float | None
    reason_order: list[str]
    reason_rt_ms: float | None
    answered_at: datetime
    plays: list[tuple[datetime, datetime | None, float | None]] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_correct(self) -> bool:
        return self.choice == self.frozen.label


def judgement_frame(*, study: Study, origin: Origin, include_incomplete: bool = False) -> pd.DataFrame:
    """Return the analysed judgements, one row each, with FRAME_COLUMNS.

    `version` is the number of the study's version, `listener` the pseudonym, `clip` the key of the stimulus. Empty when
    nothing was judged. One query.
    """
    sessions = analysed_sessions(study=study, origin=origin, include_incomplete=include_incomplete)
    rows = _answered(sessions).values_list(
        "trial__session__version__number",
        "trial__session__participant__pseudonym",
        "frozen_stimulus__stimulus_id",
        "frozen_stimulus__label",
        "frozen_stimulus__category",
        "trial__response__choice",
    )
    frame = pd.DataFrame(rows.iterator(CHUNK), columns=["version", "listener", "clip", "truth", "category", "choice"])
    frame["said_fake"] = frame["choice"] == Label.FAKE.value
    frame["is_correct"] = frame["choice"] == frame["truth"]
    return frame[FRAME_COLUMNS]


def iter_judgements(*, study: Study, origin: Origin) -> Iterator[Judgement]:
    """Yield every judgement of the origin, analysed or not, in the order of the trials.

    A constant number of queries, read in chunks: facts of sessions and stimuli are held in memory, answers are not.
    """
    sessions = sessions_of(study=study, origin=origin)
    facts = session_facts(study=study, sessions=sessions)
    frozen = {
        item.pk: item
        for item in FrozenStimulus.objects.filter(version__study=study).select_related("stimulus").order_by("pk")
    }
    plays = _Follower(_play_rows(sessions))
    reasons = _Follower(_reason_rows(sessions))
    for row in _answered(sessions).order_by("trial_id").values_list(*_ANSWER_FIELDS).iterator(CHUNK):
        trial_id, session_id, frozen_id, *answer = row
        yield Judgement(
            trial_id=trial_id,
            session=facts[session_id],
            frozen=frozen[frozen_id],
            plays=plays.take(trial_id),
            reasons=reasons.take(trial_id),
            **dict(zip(_ANSWER_NAMES, answer, strict=True)),
        )


_ANSWER_NAMES = [
    "trial_order",
    "block",
    "choice",
    "choice_position",
    "confidence",
    "response_source",
    "rt_from_onset_ms",
    "rt_from_offset_ms",
    "reason_order",
    "reason_rt_ms",
    "answered_at",
]
_ANSWER_FIELDS = [
    "trial_id",
    "trial__session_id",
    "frozen_stimulus_id",
    "trial__position",
    "trial__block__name",
    *(f"trial__response__{name}" for name in _ANSWER_NAMES[2:]),
]


def _answered(sessions: QuerySet[Session]) -> QuerySet[Presentation]:
    """Return the first interval of every answered main trial of the sessions."""
    return Presentation.objects.filter(
        interval=0,
        trial__kind=TrialKind.MAIN.value,
        trial__response__isnull=False,
        trial__session__in=sessions,
    ).order_by()


def _play_rows(sessions: QuerySet[Session]) -> Iterable[tuple[Any, ...]]:
    return (
        Play.objects.filter(presentation__interval=0, presentation__trial__session__in=sessions)
        .order_by("presentation__trial_id", "number")
        .values_list("presentation__trial_id", "started_at", "ended_at", "output_latency_ms")
        .iterator(CHUNK)
    )


def _reason_rows(sessions: QuerySet[Session]) -> Iterable[tuple[Any, ...]]:
    return (
        ChosenReason.objects.filter(response__trial__session__in=sessions)
        .order_by("response__trial_id", "pk")
        .values_list("response__trial_id", "code", "text")
        .iterator(CHUNK)
    )


class _Follower:
    """Rows sorted by trial, handed out trial by trial beside another stream sorted the same way."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=lambda row: row[0])
        self._trial_id = -1
        self._rows: list[tuple[Any, ...]] = []

    def take(self, trial_id: int) -> list[Any]:
        """Return the rows of the trial, skipping those of trials before it (not answered, hence not asked for)."""
        while self._trial_id < trial_id:
            found = next(self._groups, None)
            if found is None:
                return []
            self._trial_id, rows = found
            self._rows = [row[1:] for row in rows]
        return self._rows if self._trial_id == trial_id else []
