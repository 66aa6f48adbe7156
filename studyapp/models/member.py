from django.conf import settings
from django.db import models

from studyapp.models.choices import choices_of, only
from studyapp.models.study import Study
from studyapp.vocab import StudyRole


class StudyMember(models.Model):
    """Somebody who helps to run a study, beside its owner."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        max_length=10,
        choices=choices_of(StudyRole),
        help_text="editor: changes and launches; viewer: sees results; assistant: sees progress, no results.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["study", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="studymember_once"),
            only("role", StudyRole, model="studymember"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.study_id}"


class Invitation(models.Model):
    """A link that makes an account, and a role in a study where one is named. It is good once."""

    token_sha256 = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the link's token, hex.")
    note = models.CharField(max_length=200, blank=True, help_text="Whom it is for, in the inviter's words.")
    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(
        max_length=10, choices=choices_of(StudyRole), blank=True, help_text="Empty without a study."
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="invitations_made"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="After it the link opens nothing.")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations_taken"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("role", StudyRole, model="invitation", blank=True)]

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"
