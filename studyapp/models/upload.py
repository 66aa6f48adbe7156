from django.conf import settings
from django.db import models

from studyapp.models.choices import only
from studyapp.models.job import Job
from studyapp.models.stimulus import StimulusImport, StimulusSet
from studyapp.vocab import JobState


class StimulusUpload(Job):
    """Files that a browser sends to become stimuli; imported by a worker once they are described. Counts files."""

    task = "studyapp.tasks.import_upload_task"
    ready = models.Q(submitted_at__isnull=False)  # while files still come, it waits for its owner and not for a worker

    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    submitted_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was described and handed to a worker; empty while files still come."
    )
    description = models.JSONField(
        default=dict,
        blank=True,
        help_text="How label, category and the other facts follow from paths or from the manifest's columns.",
    )
    stimulus_import = models.OneToOneField(
        StimulusImport, null=True, blank=True, on_delete=models.SET_NULL, help_text="What came of it."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="stimulusupload")]

    def __str__(self) -> str:
        return f"upload {self.pk} into {self.stimulus_set_id}"


class UploadedFile(models.Model):
    """A file of an upload as it came: bytes under a name of our own, the sender's name only as data."""

    upload = models.ForeignKey(StimulusUpload, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=500, help_text="Path as the browser or the archive gave it.")
    media_name = models.CharField(max_length=200, help_text="Where the bytes are, in the media storage.")
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of the bytes, hex.")
    n_bytes = models.PositiveBigIntegerField(help_text="Size, bytes.")
    kind = models.CharField(
        max_length=10,
        choices=[("sound", "sound"), ("archive", "archive"), ("manifest", "manifest")],
        help_text="sound, archive or manifest.",
    )
    members = models.JSONField(
        default=list, blank=True, help_text="Of an archive: the names of the sounds and tables in it."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["upload", "pk"]
        constraints = [models.UniqueConstraint(fields=["upload", "name"], name="uploadedfile_name_once")]

    def __str__(self) -> str:
        return self.name
