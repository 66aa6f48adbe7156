"""Every answer of a study's sessions with all that exports say of it, as a stream: of many, few are held in memory.

Loads no numpy and no pandas, which take more memory than a million answers that are streamed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from studyapp.design.answers import is_right
from studyapp.models import ChosenReason, FrozenStimulus, Play, Presentation, Session, Study
from studyapp.selectors.analysis import sessions_of
from studyapp.selectors.judgement_sessions import SessionFacts, session_facts
from studyapp.vocab import Label, Origin

CHUNK = 2000  # rows fetched from the database at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """An answer to a trial with everything that an export says of it.

    `frozen` is the sound of the first interval, None for a built-in one, which `builtin` names; `second` is that of the
    second interval of a forced choice.
    """

    trial_id: int
    trial_order: int
    block: str
    kind: str
    builtin: str
    session: SessionFacts
    frozen: FrozenStimulus | None
    second: FrozenStimulus | None
    choice: str
    value: int | None
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
    def is_correct(self) -> bool | None:
        """Whether the answer is right; None where the task knows no right answer."""
        return is_right(choice=self.choice, value=self.value, truth=self.truth)

    @property
    def is_analysed(self) -> bool:
        """Whether the answer, if it is to a main trial, enters the analysis that the study's plan asks for."""
        in_doubt = self.frozen is not None and self.frozen.stimulus.label_in_doubt
        return self.session.is_analysed and not (in_doubt and self.session.leaves_out_in_doubt)

    @property
    def truth(self) -> str:
        """What would be right, as studyapp.design.answers.is_right takes it."""
        if self.frozen is None:
            return self.builtin.rsplit(":", 1)[-1]
        if self.second is not None:
            return "1" if self.frozen.label == Label.FAKE else "2"
        return self.frozen.right_answer or self.frozen.label


def iter_judgements(*, study: Study, origin: Origin) -> Iterator[Judgement]:
    """Yield every answer of the study's sessions of that origin; see judgements_of."""
    return judgements_of(study=study, sessions=sessions_of(study=study, origin=origin))


def judgements_of(*, study: Study, sessions: QuerySet[Session]) -> Iterator[Judgement]:
    """Yield every answer of the study's sessions, whatever its trial was for, analysed or not, in the order of trials.

    A constant number of queries, read in chunks: facts of sessions and stimuli are held in memory, answers are not.
    """
    facts = session_facts(study=study, sessions=sessions)
    frozen = {
        item.pk: item
        for item in FrozenStimulus.objects.filter(version__study=study).select_related("stimulus").order_by("pk")
    }
    plays = _Follower(_play_rows(sessions))
    reasons = _Follower(_reason_rows(sessions))
    seconds = _Follower(_second_rows(sessions))
    for row in answered_trials(sessions).order_by("trial_id").values_list(*_ANSWER_FIELDS).iterator(CHUNK):
        trial_id, session_id, frozen_id, *answer = row
        others = seconds.take(trial_id)
        yield Judgement(
            trial_id=trial_id,
            session=facts[session_id],
            frozen=frozen[frozen_id] if frozen_id else None,
            second=frozen[others[0][0]] if others else None,
            plays=plays.take(trial_id),
            reasons=reasons.take(trial_id),
            **dict(zip(_ANSWER_NAMES, answer, strict=True)),
        )


_ANSWER_NAMES = [
    "builtin",
    "trial_order",
    "block",
    "kind",
    "choice",
    "value",
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
    "builtin",
    "trial__position",
    "trial__block__name",
    "trial__kind",
    *(f"trial__response__{name}" for name in _ANSWER_NAMES[4:]),
]


def answered_trials(sessions: QuerySet[Session]) -> QuerySet[Presentation]:
    """Return the first interval of every answered trial of the sessions."""
    return Presentation.objects.filter(
        interval=0, trial__response__isnull=False, trial__session__in=sessions
    ).order_by()


def _second_rows(sessions: QuerySet[Session]) -> Iterable[tuple[Any, ...]]:
    second = Presentation.objects.filter(interval=1, trial__response__isnull=False, trial__session__in=sessions)
    return second.order_by("trial_id").values_list("trial_id", "frozen_stimulus_id").iterator(CHUNK)


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
