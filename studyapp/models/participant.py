from django.db import models

from .study import Study


class Participant(models.Model):
    """A pseudonymous person in one study."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    pseudonym = models.CharField(max_length=16, help_text="Random, letters and digits only; the id in every export.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["study", "pk"]
        constraints = [models.UniqueConstraint(fields=["study", "pseudonym"], name="participant_pseudonym_once")]

    def __str__(self) -> str:
        return self.pseudonym


class RecruiterIdentity(models.Model):
    """Who a participant is to a recruiter. Apart from the answers, so that it can be deleted and they remain."""

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="recruiter_identity")
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.CASCADE, related_name="recruiter_identities"
    )
    recruiter = models.CharField(max_length=40, help_text="prolific, sona, mturk, link or import.")
    external_id = models.CharField(max_length=200, help_text="The recruiter's id of the person.")
    parameters = models.JSONField(default=dict, blank=True, help_text="What else came with the link.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "recruiter identities"
        constraints = [
            models.UniqueConstraint(fields=["study", "recruiter", "external_id"], name="recruiteridentity_once")
        ]

    def __str__(self) -> str:
        return f"{self.recruiter} identity of {self.participant_id}"


class RecruiterVisit(models.Model):
    """How a participant came to a session: what stood in the link. Deleted with the identity."""

    identity = models.ForeignKey(RecruiterIdentity, on_delete=models.CASCADE, related_name="visits")
    session = models.OneToOneField("Session", on_delete=models.CASCADE, related_name="recruiter_visit")
    submission_id = models.CharField(
        max_length=200, blank=True, help_text="The recruiter's id of this sitting, such as Prolific's SESSION_ID."
    )
    parameters = models.JSONField(default=dict, blank=True, help_text="What came with the link.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["identity", "pk"]

    def __str__(self) -> str:
        return f"visit {self.pk}"
