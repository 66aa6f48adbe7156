from django.db import models

from studyapp.vocab import Label

from .choices import choices_of
from .trial import Trial


class Response(models.Model):
    """The answer to a trial; a trial has at most one."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="response")
    choice = models.CharField(max_length=4, choices=choices_of(Label), help_text="What the participant called it.")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty when it was not asked for.")
    rt_from_onset_ms = models.FloatField(
        null=True, blank=True, help_text="From the sound's start, by the audio clock, ms."
    )
    rt_from_offset_ms = models.FloatField(
        null=True, blank=True, help_text="From the sound's end, by the audio clock, ms."
    )
    choice_position = models.PositiveSmallIntegerField(
        help_text="0 when the chosen answer stood first (left), 1 when second."
    )
    response_source = models.CharField(max_length=10, blank=True, help_text="button, keyboard or bot.")
    idempotency_key = models.CharField(
        max_length=64, help_text="Made by the client; a repeat of the same key is no new answer."
    )
    reason_order = models.JSONField(default=list, blank=True, help_text="Codes of the reasons in the order shown.")
    reason_rt_ms = models.FloatField(null=True, blank=True, help_text="From the menu's appearance to the reason, ms.")
    answered_at = models.DateTimeField(auto_now_add=True, help_text="When the server stored it.")

    class Meta:
        ordering = ["trial"]

    def __str__(self) -> str:
        return self.choice


class ChosenReason(models.Model):
    """Why the participant answered so: one item of the reason menu."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="chosen_reasons")
    code = models.CharField(max_length=40, help_text="Code of the reason in the study's menu.")
    text = models.TextField(blank=True, help_text="What the participant wrote, where the menu asks for it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["response", "pk"]
        constraints = [models.UniqueConstraint(fields=["response", "code"], name="chosenreason_code_once")]

    def __str__(self) -> str:
        return self.code
