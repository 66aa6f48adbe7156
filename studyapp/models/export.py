from django.conf import settings
from django.db import models

from studyapp.models.choices import choices_of, only
from studyapp.models.job import Job
from studyapp.models.study import Study
from studyapp.vocab import FORMAT_WORDS, ORIGIN_WORDS, ExportFormat, JobState, Origin


class StudyExport(Job):
    """A study's whole bundle as one ZIP file, made by a worker. Progress counts files."""

    task = "studyapp.tasks.export_task"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(
        max_length=10,
        choices=choices_of(ExportFormat, FORMAT_WORDS),
        default=ExportFormat.PSYCH_DS.value,
        help_text="psych_ds: the whole bundle; report: the results; else the tables alone, in a ZIP file or workbook.",
    )
    origin = models.CharField(max_length=10, choices=choices_of(Origin, ORIGIN_WORDS), help_text="Whose answers.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    file_name = models.CharField(max_length=200, blank=True, help_text="Media name of the ZIP file.")
    file_sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the ZIP file, hex.")
    file_n_bytes = models.PositiveBigIntegerField(default=0, help_text="Size of the ZIP file, bytes.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            only("state", JobState, model="studyexport"),
            only("origin", Origin, model="studyexport"),
            only("format", ExportFormat, model="studyexport"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.study_id}"
