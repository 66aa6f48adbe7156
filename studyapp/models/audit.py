from typing import Any

from django.conf import settings
from django.db import models

from studyapp.errors import FrozenError


class AuditEntry(models.Model):
    """Who did what to which object, and when. Rows are only ever added."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        help_text="Who acted; empty for commands and workers.",
    )
    action = models.CharField(max_length=40, help_text="A verb and a noun, such as launch_study or export_study.")
    object_type = models.CharField(max_length=40, help_text="The model's name, such as study.")
    object_id = models.CharField(max_length=64, help_text="The object's key or slug.")
    detail = models.JSONField(default=dict, blank=True, help_text="What else matters, such as counts and hashes.")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FrozenError("an audit entry never changes")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise FrozenError("an audit entry is never deleted")
