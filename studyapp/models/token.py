from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """Lets a script act as its user through the API. Only its hash is kept: it is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What it is for, in its user's words.")
    token_sha256 = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, hex.")
    may_write = models.BooleanField(default=False, help_text="Whether it may change anything; else it only reads.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: good until it is revoked.")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name
