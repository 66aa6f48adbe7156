from django.conf import settings
from django.db import models

from studyapp.vocab import ORIGIN_WORDS, ExclusionReason, Origin, Outcome, Step

from .choices import choices_of, only
from .participant import Participant
from .study import StudyVersion


class Session(models.Model):
    """One sitting of a participant. The server holds its whole state; the browser only shows it."""

    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="sessions")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="sessions")
    token = models.CharField(
        max_length=64, unique=True, help_text="Secret that opens the session's page; random, 256 bits."
    )
    origin = models.CharField(
        max_length=10,
        choices=choices_of(Origin, ORIGIN_WORDS),
        help_text="live, or what marks its answers as no data: pilot, preview, bot (a simulated participant).",
    )
    step = models.CharField(max_length=20, choices=choices_of(Step), default=Step.DEVICE.value)
    outcome = models.CharField(
        max_length=20, choices=choices_of(Outcome), blank=True, default="", help_text="How it ended; empty while open."
    )
    group = models.CharField(
        max_length=60, blank=True, help_text="Quota group, from the link's parameter; empty where the study has none."
    )
    seed = models.BigIntegerField(help_text="Seed of everything drawn for this session: order, sides, screening.")
    time_scale = models.FloatField(
        default=1.0, help_text="Factor on the least time before an answer; below 1 for simulated participants only."
    )
    fake_is_first = models.BooleanField(help_text="Whether the answer 'fake' stands first (left); drawn per session.")
    consent_sha256 = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the consent text agreed to, hex."
    )
    consented_at = models.DateTimeField(null=True, blank=True)
    consent_ticks = models.JSONField(default=list, blank=True, help_text="Codes of the boxes that were ticked.")
    completion_code = models.CharField(max_length=200, blank=True, help_text="Minted when the last answer is stored.")
    withdrawal_code = models.CharField(
        max_length=40,
        unique=True,
        null=True,
        blank=True,
        help_text="Lets the participant withdraw later; random, about 99 bits, minted at the end.",
    )
    client = models.JSONField(
        default=dict,
        blank=True,
        help_text="Browser family, output sampling rate and latency; never address or full agent.",
    )
    started_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When the answers were deleted because the participant withdrew."
    )

    class Meta:
        ordering = ["version", "pk"]
        constraints = [
            only("origin", Origin, model="session"),
            only("step", Step, model="session"),
            only("outcome", Outcome, model="session", blank=True),
            models.CheckConstraint(
                condition=models.Q(time_scale=1.0) | models.Q(origin=Origin.BOT.value), name="session_only_bots_hurry"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def is_pilot(self) -> bool:
        return self.origin in (Origin.PILOT, Origin.PREVIEW)


class ScreeningAttempt(models.Model):
    """One go at a headphone screening test."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="screening_attempts")
    test = models.CharField(max_length=20, help_text="channels, antiphase, huggins or beat.")
    number = models.PositiveSmallIntegerField(help_text="1 for the first attempt.")
    n_trials = models.PositiveSmallIntegerField(help_text="Trials of the attempt.")
    pass_mark = models.PositiveSmallIntegerField(help_text="Right answers needed.")
    n_correct = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Right answers; empty while open.")
    passed = models.BooleanField(null=True, blank=True, help_text="Empty while open.")
    verdict = models.CharField(
        max_length=20, blank=True, help_text="Of the channel check: ok, swapped, mono or unclear; else empty."
    )
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["session", "test", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "test", "number"], name="screeningattempt_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.test} attempt {self.number}"


class ScreeningTrial(models.Model):
    """One three-interval sound of a screening attempt, and its answer. Never enters d'."""

    attempt = models.ForeignKey(ScreeningAttempt, on_delete=models.PROTECT, related_name="trials")
    position = models.PositiveSmallIntegerField(help_text="Order within the attempt, from 0.")
    token = models.CharField(max_length=64, unique=True, help_text="Random name of the sound for this trial.")
    sound = models.CharField(max_length=20, help_text="Which sound of the test, such as IOS.")
    right_answer = models.PositiveSmallIntegerField(help_text="The right interval, 1 to 3.")
    answer = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The interval chosen; empty while open.")
    rt_from_offset_ms = models.FloatField(null=True, blank=True, help_text="From the sound's end to the answer, ms.")
    n_plays = models.PositiveSmallIntegerField(default=0, help_text="Times the sound was started.")
    played_at = models.DateTimeField(null=True, blank=True, help_text="When the server granted the play.")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="screeningtrial_position_once")]

    def __str__(self) -> str:
        return f"screening trial {self.position}"


class SessionAction(models.Model):
    """An action that the server took from a client. Its key makes a repeat of the same action a no-op."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="actions")
    key = models.CharField(max_length=64, help_text="Made by the client, once for each action.")
    action = models.CharField(max_length=20, help_text="Name of the action, such as answer.")
    body_sha256 = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of what was sent, hex: a key comes back with the same body only."
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="sessionaction_key_once")]

    def __str__(self) -> str:
        return self.action


class ClientEvent(models.Model):
    """Something the browser reported: page hidden, audio suspended, a failed fetch."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40, help_text="Short name of the event.")
    trial_position = models.PositiveIntegerField(null=True, blank=True, help_text="The trial shown at the time.")
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["session", "pk"]

    def __str__(self) -> str:
        return self.event


class Exclusion(models.Model):
    """A session that analyses leave out, and why. The answers stay."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="exclusions")
    reason = models.CharField(max_length=30, choices=choices_of(ExclusionReason))
    detail = models.TextField(blank=True, help_text="The rule and the figures that led to it.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "reason"], name="exclusion_reason_once")]

    def __str__(self) -> str:
        return self.reason
