from django.conf import settings
from django.db import models

from studyapp.models.choices import choices_of, only
from studyapp.models.job import Job
from studyapp.models.study import Study, StudyVersion
from studyapp.vocab import JobState, StudyState


class StudyLaunch(Job):
    """A launch that somebody asked for, with the study as it was then. Counts the copies that participants hear."""

    task = "studyapp.tasks.launch_task"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="launches")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    as_pilot = models.BooleanField(default=False, help_text="Whether it opens the study as a pilot; else live.")
    config = models.JSONField(help_text="The configuration when it was asked for: later edits are not in the version.")
    sounds_sha256 = models.CharField(
        max_length=64, help_text="SHA-256 of the sounds and their facts when it was asked for, hex."
    )
    state_before = models.CharField(
        max_length=10,
        choices=choices_of(StudyState),
        help_text="The study's state when it was asked for: one that was closed or paused since stays so.",
    )
    version = models.ForeignKey(
        StudyVersion,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="launches",
        help_text="What came of it: a new version, or the latest one where nothing had changed.",
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "study launches"
        constraints = [only("state", JobState, model="studylaunch")]

    def __str__(self) -> str:
        return f"launch {self.pk} of {self.study_id}"
