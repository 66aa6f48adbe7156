"""What detectors said of the sounds of a set."""

from typing import Any

from django.db.models import Count, F, QuerySet

from studyapp.models import Machine, MachineScore, StimulusSet


def machines_of(stimulus_set: StimulusSet) -> QuerySet[Machine]:
    """Return the machines that judged sounds of the set, each with n_scores."""
    judged = Machine.objects.filter(scores__stimulus__memberships__stimulus_set=stimulus_set)
    return judged.annotate(n_scores=Count("scores")).order_by("title", "pk")


def scores_of(stimulus_set: StimulusSet, *, machine: str = "") -> QuerySet[MachineScore, Any]:
    """Return the scores as mappings, those of one machine where its name is given."""
    found = MachineScore.objects.filter(stimulus__memberships__stimulus_set=stimulus_set)
    if machine:
        found = found.filter(machine__slug=machine)
    return found.order_by("machine__slug", "stimulus__memberships__position", "pk").values(
        "fake_score",
        "decision",
        "split",
        "stimulus_id",
        machine_slug=F("machine__slug"),
        stimulus_sha256=F("stimulus__sha256"),
        stimulus_name=F("stimulus__name"),
    )
