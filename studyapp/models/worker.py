from django.db import models


class Worker(models.Model):
    """A worker process as it last said of itself. Deleted a day after it fell silent."""

    name = models.CharField(max_length=200, unique=True, help_text="Host, process and a random part.")
    queues = models.JSONField(help_text="Names of the queues that it takes work from.")
    version = models.CharField(max_length=40, help_text="Version of Earwitness.")
    started_at = models.DateTimeField(help_text="When the process started.")
    seen_at = models.DateTimeField(db_index=True, help_text="When it last said that it is there.")

    class Meta:
        ordering = ["-seen_at", "-pk"]

    def __str__(self) -> str:
        return self.name
