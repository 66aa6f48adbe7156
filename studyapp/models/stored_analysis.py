from django.db import models

from studyapp.models.choices import choices_of, only
from studyapp.models.job import Job
from studyapp.models.study import Study
from studyapp.vocab import ORIGIN_WORDS, JobState, Origin


class StoredAnalysis(Job):
    """An analysis, of many answers computed by a worker: one row for each choice of answers that a page offers."""

    task = "studyapp.tasks.analysis_task"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="stored_analyses")
    origin = models.CharField(max_length=10, choices=choices_of(Origin, ORIGIN_WORDS), help_text="Whose answers.")
    include_incomplete = models.BooleanField(help_text="Whether sessions that were not completed are in.")
    leave_out_in_doubt = models.BooleanField(help_text="Whether clips whose label is in doubt are left out.")
    include_excluded = models.BooleanField(default=False, help_text="Whether excluded sessions are in.")
    leave_out_flagged = models.BooleanField(default=False, help_text="Whether flagged sessions are left out.")
    wanted = models.CharField(max_length=64, help_text="SHA-256 of what the data were when it was last asked for, hex.")
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of what the data were when the result was computed; empty before."
    )
    result = models.TextField(blank=True, help_text="The analysis as JSON, as analyze_study prints it.")
    spread = models.JSONField(
        default=dict, blank=True, help_text="Variance components of the same answers, or the problem with them."
    )
    computed_at = models.DateTimeField(null=True, blank=True, help_text="When the result was computed.")

    class Meta:
        ordering = ["study", "pk"]
        verbose_name_plural = "stored analyses"
        constraints = [
            only("state", JobState, model="storedanalysis"),
            only("origin", Origin, model="storedanalysis"),
            models.UniqueConstraint(
                fields=[
                    "study",
                    "origin",
                    "include_incomplete",
                    "leave_out_in_doubt",
                    "include_excluded",
                    "leave_out_flagged",
                ],
                name="storedanalysis_once",
            ),
        ]

    def __str__(self) -> str:
        return f"analysis {self.pk} of {self.study_id}"
