from django.conf import settings
from django.db import models

from studyapp.models.stimulus import StimulusSet


class ListeningPass(models.Model):
    """One experimenter's way through the clips of a set, one after another. Its clips and their order stay as drawn."""

    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.CASCADE, related_name="listening_passes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="listening_passes")
    is_blind = models.BooleanField(help_text="Whether label, name and generator stay hidden until it is ended.")
    seed = models.BigIntegerField(null=True, blank=True, help_text="Seed of the order; empty for the set's own order.")
    chosen = models.JSONField(default=dict, blank=True, help_text="The filter that the clips were taken by.")
    clips = models.JSONField(help_text="Keys of the stimuli, in the order in which they are heard.")
    place = models.PositiveIntegerField(default=0, help_text="Where the author is, from 0.")
    guesses = models.JSONField(
        default=dict, blank=True, help_text="Key of the stimulus -> real or fake, as guessed in this pass."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When the author ended it; from then on its guesses stay as they are."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "listening passes"

    def __str__(self) -> str:
        return f"listening {self.pk} to {self.stimulus_set_id}"

    @property
    def n_clips(self) -> int:
        return len(self.clips)

    @property
    def hides_facts(self) -> bool:
        """Whether nothing that tells the label may reach the page."""
        return self.is_blind and self.ended_at is None
