from django.conf import settings
from django.db import models

from studyapp.models.choices import only
from studyapp.models.job import Job
from studyapp.models.study import Study
from studyapp.vocab import JobState


class BotRun(Job):
    """Simulated participants that a page asked for; a worker lets them walk the study. Counts participants."""

    task = "studyapp.tasks.bot_run_task"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="bot_runs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    n = models.PositiveIntegerField(help_text="Participants to simulate.")
    seed = models.BigIntegerField(help_text="Seed of their answers.")
    d_prime = models.FloatField(help_text="Sensitivity d' of the observer model.")
    criterion_c = models.FloatField(help_text="Criterion c of the observer model; above 0 leans to real.")
    listener_sd = models.FloatField(default=0.0, help_text="Standard deviation of d' between listeners.")
    clip_sd = models.FloatField(default=0.0, help_text="Standard deviation between clips, in d' units.")
    drop_out = models.FloatField(default=0.0, help_text="Share that leaves early, in [0, 1].")
    reason_weights = models.JSONField(default=dict, blank=True, help_text="Reason code -> weight; empty for even.")
    result = models.JSONField(default=dict, blank=True, help_text="Counts and the first errors, once it is done.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="botrun")]

    def __str__(self) -> str:
        return f"{self.n} simulated participants of {self.study_id}"
