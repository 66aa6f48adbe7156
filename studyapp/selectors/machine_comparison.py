"""What machines said of a study's clips."""

from dataclasses import dataclass

import pandas as pd

from studyapp.models import FrozenStimulus, Machine, MachineScore, Stimulus, Study

DECISION_COLUMNS = ["clip", "decision", "fake_score", "split"]
FACT_COLUMNS = ["clip", "name", "generator", "source_group"]


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


def clip_facts(study: Study) -> pd.DataFrame:
    """Return name, generator and source group of each clip (stimulus key) of the launched versions. One query."""
    clips = FrozenStimulus.objects.filter(version__study=study).values("stimulus_id")
    rows = Stimulus.objects.filter(pk__in=clips).order_by("pk").values_list("pk", *FACT_COLUMNS[1:])
    return pd.DataFrame(rows, columns=FACT_COLUMNS)


def clips_in_set(study: Study) -> list[int]:
    """Return the keys of the stimuli that the study's set holds now. One query."""
    return list(study.stimulus_set.members.order_by("position", "pk").values_list("stimulus_id", flat=True))
