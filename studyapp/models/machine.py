from django.db import models

from studyapp.vocab import Label, Split

from .choices import choices_of, only
from .stimulus import Stimulus


class Machine(models.Model):
    """A detector as the study side sees it: a name, and what it said of each stimulus."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200, help_text="The name shown on pages, such as MS-CLAP, paper.")
    description = models.TextField(blank=True, help_text="What it is and where its scores come from.")
    threshold = models.FloatField(default=0.5, help_text="Scores at or above it mean fake.")
    provenance = models.JSONField(
        default=dict, blank=True, help_text="Training, run, checkpoint and code, or the file."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class MachineScore(models.Model):
    """What a machine said of a stimulus: a fake_score, or only a decision."""

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="scores")
    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="machine_scores")
    fake_score = models.FloatField(
        null=True, blank=True, help_text="In [0, 1]; higher is more fake. Empty when unknown."
    )
    decision = models.CharField(max_length=4, choices=choices_of(Label), help_text="What the machine called it.")
    split = models.CharField(
        max_length=10,
        choices=choices_of(Split),
        blank=True,
        help_text="What the clip was for when the machine was trained.",
    )

    class Meta:
        ordering = ["machine", "stimulus"]
        constraints = [
            models.UniqueConstraint(fields=["machine", "stimulus"], name="machinescore_once"),
            only("decision", Label, model="machinescore"),
            models.CheckConstraint(
                condition=models.Q(fake_score__isnull=True) | models.Q(fake_score__gte=0, fake_score__lte=1),
                name="machinescore_in_unit_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} on {self.stimulus_id}"
