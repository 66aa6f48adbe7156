"""Record what machines said of stimuli. The detector and imported score files both write through here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from studyapp.errors import InvalidAction
from studyapp.models import Machine, MachineScore
from studyapp.vocab import Label

BATCH = 500  # rows per transaction: a worker must not hold SQLite's one write lock for long


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One machine's word on one stimulus: a score in [0, 1] (higher is more fake), or only a decision."""

    stimulus_id: int
    fake_score: float | None = None
    decision: Label | None = None
    split: str = ""


def ensure_machine(
    *,
    slug: str,
    title: str,
    description: str = "",
    threshold: float = 0.5,
    provenance: dict[str, Any] | None = None,
) -> Machine:
    """Return the machine of that slug, made or brought up to date."""
    machine, _ = Machine.objects.update_or_create(
        slug=slug,
        defaults={
            "title": title,
            "description": description,
            "threshold": threshold,
            "provenance": provenance or {},
        },
    )
    return machine


def record_scores(*, machine: Machine, rows: Iterable[ScoreRow]) -> int:
    """Store the rows, replacing what the machine said of the same stimuli before; return how many were stored.

    Raises InvalidAction when a row has neither score nor decision, or a score outside [0, 1].
    """
    scores = [_score(machine, row) for row in rows]
    for start in range(0, len(scores), BATCH):
        with transaction.atomic():
            MachineScore.objects.bulk_create(
                scores[start : start + BATCH],
                update_conflicts=True,
                unique_fields=["machine", "stimulus"],
                update_fields=["fake_score", "decision", "split"],
            )
    return len(scores)


def _score(machine: Machine, row: ScoreRow) -> MachineScore:
    decision = row.decision
    if row.fake_score is not None and not 0.0 <= row.fake_score <= 1.0:
        raise InvalidAction(f"stimulus {row.stimulus_id}: score {row.fake_score!r} is not in [0, 1]")
    if decision is None:
        if row.fake_score is None:
            raise InvalidAction(f"stimulus {row.stimulus_id}: neither a score nor a decision")
        decision = Label.FAKE if row.fake_score >= machine.threshold else Label.REAL
    return MachineScore(
        machine=machine,
        stimulus_id=row.stimulus_id,
        fake_score=row.fake_score,
        decision=decision.value,
        split=row.split,
    )
