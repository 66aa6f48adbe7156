"""Say who made the fakes of a set, which machines judged its clips, and how the set was built."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q

from studyapp.models import MachineScore, Stimulus, StimulusSet
from studyapp.selectors.set_balance import Balance, set_balance
from studyapp.vocab import Label


@dataclass(frozen=True, kw_only=True)
class MachineRow:
    """A machine and how many of the set's clips it judged, and judged right."""

    slug: str
    title: str
    n: int
    n_right: int


@dataclass(frozen=True, kw_only=True)
class SetFacts:
    """Facts for the set's page. generators: generator, team, n."""

    balance: Balance
    generators: list[dict[str, Any]]
    machines: list[MachineRow]
    steps: list[str]


def set_facts(stimulus_set: StimulusSet) -> SetFacts:
    """Return the facts. Three queries."""
    members = stimulus_set.members.values("stimulus_id")
    fakes = Stimulus.objects.filter(pk__in=members, label=Label.FAKE.value)
    generators = fakes.order_by("generator", "team").values("generator", "team").annotate(n=Count("pk"))
    judged = (
        MachineScore.objects.filter(stimulus__in=members)
        .order_by("machine__title", "machine__slug")
        .values("machine__slug", "machine__title")
        .annotate(n=Count("pk"), n_right=Count("pk", filter=Q(decision=F("stimulus__label"))))
    )
    return SetFacts(
        balance=set_balance(stimulus_set),
        generators=[dict(row) for row in generators],
        machines=[
            MachineRow(slug=row["machine__slug"], title=row["machine__title"], n=row["n"], n_right=row["n_right"])
            for row in judged
        ],
        steps=[step_words(step) for step in stimulus_set.provenance.get("steps", [])],
    )


def step_words(step: dict[str, Any]) -> str:
    """Return in a sentence what a step of building a set did."""
    when = f"{step['at'][:16].replace('T', ' ')} UTC"
    if step["how"] == "removed":
        return f"{when}: {step['n_removed']} clips taken out."
    said = f"{when}: {step['n_added']} clips {_how(step)}"
    if step.get("n_same"):
        said += f"; {step['n_same']} left out, because the set holds the same sounds"
    return said + "."


def _how(step: dict[str, Any]) -> str:
    sets = ", ".join(step.get("sets", []))
    if step["how"] == "filter":
        given = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in step["filter"].items())
        return f"from {sets} by filter ({given or 'everything'})"
    if step["how"] == "hand":
        return f"from {sets}, chosen by hand"
    what = "of the other label" if step["kind"] == "other_label" else f"that {step['machine']} got right"
    return (
        f"of {step['of']} and, for {step['n_matched']} of {step['n_wanted']} of them, a matched control {what} "
        f"from {sets}"
    )
