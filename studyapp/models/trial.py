from django.db import models

from studyapp.vocab import TrialKind

from .choices import choices_of
from .session import Session
from .study import Block, FrozenStimulus


class Trial(models.Model):
    """One planned presentation in a session. A stimulus may come again in another trial."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="trials")
    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="trials")
    position = models.PositiveIntegerField(help_text="Order within the session, from 0.")
    kind = models.CharField(max_length=10, choices=choices_of(TrialKind), default=TrialKind.MAIN.value)
    break_before = models.BooleanField(default=False, help_text="Whether the participant may rest before it.")
    break_ended_at = models.DateTimeField(null=True, blank=True, help_text="When the participant went on.")
    skipped = models.CharField(
        max_length=10,
        blank=True,
        help_text="Why it has no answer: fetch or decode, where the sound could not be played.",
    )
    completed_at = models.DateTimeField(null=True, blank=True, help_text="When its last answer was stored.")

    class Meta:
        ordering = ["session", "position"]
        constraints = [models.UniqueConstraint(fields=["session", "position"], name="trial_position_once")]

    def __str__(self) -> str:
        return f"trial {self.position}"


class Presentation(models.Model):
    """A stimulus in an interval of a trial: one interval for yes/no and rating, two for forced choice."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="presentations")
    interval = models.PositiveSmallIntegerField(default=0, help_text="0, or 0 and 1 in a forced choice.")
    frozen_stimulus = models.ForeignKey(
        FrozenStimulus, on_delete=models.PROTECT, related_name="presentations", null=True, blank=True
    )
    builtin = models.CharField(
        max_length=20, blank=True, help_text="A sound of the program's own, such as beeps:3; then there is no stimulus."
    )
    token = models.CharField(
        max_length=64, unique=True, help_text="Random name of the sound, new for each presentation."
    )

    class Meta:
        ordering = ["trial", "interval"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "interval"], name="presentation_interval_once"),
            models.CheckConstraint(
                condition=models.Q(frozen_stimulus__isnull=False, builtin="")
                | (models.Q(frozen_stimulus__isnull=True) & ~models.Q(builtin="")),
                name="presentation_of_one_sound",
            ),
        ]

    def __str__(self) -> str:
        return f"presentation {self.interval}"


class Play(models.Model):
    """One start of a sound, as the server granted it."""

    presentation = models.ForeignKey(Presentation, on_delete=models.PROTECT, related_name="plays")
    number = models.PositiveSmallIntegerField(help_text="1 for the first play.")
    started_at = models.DateTimeField(help_text="When the server granted it.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When the browser reported the end of the sound.")
    heard_ms = models.FloatField(null=True, blank=True, help_text="How much was played by the audio clock, ms.")
    output_latency_ms = models.FloatField(
        null=True, blank=True, help_text="Output latency that the browser reports, ms."
    )

    class Meta:
        ordering = ["presentation", "number"]
        constraints = [models.UniqueConstraint(fields=["presentation", "number"], name="play_number_once")]

    def __str__(self) -> str:
        return f"play {self.number}"
