from django.db import models

from studyapp.vocab import Label

from .choices import choices_of
from .session import Session
from .trial import Trial


class Response(models.Model):
    """The answer to a trial; a trial has at most one."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="response")
    choice = models.CharField(
        max_length=4,
        choices=choices_of(Label),
        blank=True,
        help_text="What the participant called it (a rating of 4 to 6: fake); empty where the task asks for neither.",
    )
    value = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="The rating, the interval called fake (1 or 2) or the beeps counted; empty for real or fake.",
    )
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="From 1 (guessed) to 4 (certain); empty when it was not asked for."
    )
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
        return self.choice or str(self.value)


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


class QuestionAnswer(models.Model):
    """An answer to a question beside the trials."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="question_answers")
    step = models.CharField(max_length=20, help_text="eligibility, instructions or questions.")
    attempt = models.PositiveSmallIntegerField(default=1, help_text="1 for the first try.")
    code = models.CharField(max_length=40, help_text="Code of the question in the study's configuration.")
    answer = models.TextField(help_text="The option's code, the number or the words.")
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "step", "attempt", "code"], name="questionanswer_once")
        ]

    def __str__(self) -> str:
        return self.code
