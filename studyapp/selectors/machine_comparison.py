"""What machines said of a study's clips."""

from dataclasses import dataclass

import pandas as pd

from studyapp.models import FrozenStimulus, Machine, MachineScore, Study

DECISION_COLUMNS = ["clip", "decision", "fake_score", "split"]


@dataclass(frozen=True, kw_only=True)
class MachineDecisions:
    """A machine and its decisions: a frame of clip (stimulus key), decision, fake_score (or None) and split."""

    machine: Machine
    decisions: pd.DataFrame


def machine_decisions(study: Study) -> list[MachineDecisions]:
    """Return every machine that judged a clip of the study's launched versions, by title. Two queries."""
    clips = FrozenStimulus.objects.filter(version__study=study).values("stimulus_id")
    scores = MachineScore.objects.filter(stimulus__in=clips)
    rows: dict[int, list[tuple[int, str, float | None, str]]] = {}
    fields = ("machine_id", "stimulus_id", "decision", "fake_score", "split")
    for machine_id, *row in scores.order_by("machine_id", "stimulus_id").values_list(*fields):
        rows.setdefault(machine_id, []).append((row[0], row[1], row[2], row[3]))
    machines = Machine.objects.filter(pk__in=rows).order_by("title", "pk")
    return [
        MachineDecisions(machine=machine, decisions=pd.DataFrame(rows[machine.pk], columns=DECISION_COLUMNS))
        for machine in machines
    ]
