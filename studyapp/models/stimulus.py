from django.conf import settings
from django.db import models

from studyapp.vocab import Label, Rejection

from .choices import choices_of, only


class StimulusSet(models.Model):
    """A named collection of stimuli: an imported corpus, or a selection from one."""

    slug = models.SlugField(max_length=80, unique=True, help_text="The name used in commands and addresses.")
    title = models.CharField(max_length=200, blank=True, help_text="The name shown on pages.")
    description = models.TextField(blank=True, help_text="Where the sounds come from and what they are good for.")
    caution = models.TextField(
        blank=True, help_text="Shown wherever results on this set are shown: what cannot be concluded from it."
    )
    is_stand_in = models.BooleanField(
        default=False, help_text="Synthetic sounds that stand in for real ones; every page says so."
    )
    provenance = models.JSONField(
        default=dict, blank=True, help_text="What made the set: importer and source, or selection rule, run and split."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, help_text="Who made the set."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    may_change = False  # set by the view that asked for the set: whether its user may change it

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title or self.slug


class Stimulus(models.Model):
    """A sound and the facts about it. It belongs to the set it was imported into; other sets hold it as a member."""

    home_set = models.ForeignKey(
        StimulusSet, on_delete=models.PROTECT, related_name="own_stimuli", help_text="The set it was imported into."
    )
    sha256 = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the file as imported, hex.")
    name = models.CharField(max_length=500, help_text="Path of the file relative to the imported folder.")
    label = models.CharField(max_length=4, choices=choices_of(Label), help_text="real (recorded) or fake (generated).")
    category = models.CharField(max_length=100, db_index=True, help_text="Sound class, such as dog_bark.")
    generator = models.CharField(max_length=200, blank=True, help_text="System that made a fake; empty for real ones.")
    team = models.CharField(max_length=200, blank=True, help_text="Who built the generator; empty when not known.")
    track = models.CharField(max_length=40, blank=True, help_text="Challenge track of the generator, such as A or B.")
    source_group = models.CharField(
        max_length=200,
        blank=True,
        help_text="Recording that a real clip was cut from; clips of one group stay together.",
    )
    original_split = models.CharField(max_length=40, blank=True, help_text="Split in the source corpus: dev or eval.")
    label_in_doubt = models.BooleanField(
        default=False, help_text="Somebody doubts the label; analyses can leave it out."
    )

    audio_path = models.CharField(max_length=200, help_text="Name of the stored original, in the media storage.")
    container = models.CharField(max_length=10, help_text="File format: WAV, FLAC, OGG or MP3.")
    subtype = models.CharField(max_length=20, help_text="Sample encoding, such as PCM_16.")
    n_bytes = models.PositiveBigIntegerField(help_text="Size of the file as imported, bytes.")
    n_samples = models.PositiveBigIntegerField(help_text="Samples per channel, counted while decoding.")
    n_channels = models.PositiveSmallIntegerField(help_text="Channels.")
    sample_rate_hz = models.PositiveIntegerField(help_text="Sampling rate, Hz.")
    duration_s = models.FloatField(help_text="Duration, seconds.")
    level_dbfs = models.FloatField(
        help_text="RMS level over the whole clip, dB re full scale (a full-scale square is 0)."
    )
    peak_dbfs = models.FloatField(help_text="Largest absolute sample, dB re full scale.")
    dc_offset = models.FloatField(help_text="Mean sample value, in [-1, 1].")
    bandwidth_hz = models.FloatField(help_text="Frequency below which 99 % of the energy lies, Hz.")
    leading_silence_s = models.FloatField(help_text="Time before the first sample above -60 dBFS, seconds.")
    longest_zero_run_s = models.FloatField(help_text="Longest run of exact zeros, seconds.")
    loudness_lufs = models.FloatField(
        null=True,
        blank=True,
        help_text="Integrated loudness after ITU-R BS.1770, LUFS; empty below 0.4 s or where all is below the gate.",
    )
    clipped_fraction = models.FloatField(help_text="Share of samples at full scale, in [0, 1].")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["home_set", "name"]
        verbose_name_plural = "stimuli"
        constraints = [
            models.UniqueConstraint(fields=["home_set", "sha256"], name="stimulus_content_once_per_set"),
            models.UniqueConstraint(fields=["home_set", "name"], name="stimulus_name_once_per_set"),
            only("label", Label, model="stimulus"),
        ]

    def __str__(self) -> str:
        return self.name


class SetMember(models.Model):
    """A stimulus in a set. Every set lists its stimuli this way, the one they were imported into too."""

    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.CASCADE, related_name="members")
    stimulus = models.ForeignKey(Stimulus, on_delete=models.PROTECT, related_name="memberships")
    position = models.PositiveIntegerField(default=0, help_text="Order within the set.")
    detail = models.JSONField(default=dict, blank=True, help_text="Why it is in the set: score, bucket, rule.")

    class Meta:
        ordering = ["stimulus_set", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["stimulus_set", "stimulus"], name="setmember_once")]

    def __str__(self) -> str:
        return f"{self.stimulus_id} in {self.stimulus_set_id}"


class StimulusImport(models.Model):
    """One run of the importer: what it read and how many files it took and refused."""

    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.CASCADE, related_name="imports")
    layout = models.CharField(max_length=20, help_text="dcase2023, folders or manifest.")
    source = models.CharField(max_length=200, help_text="Name of the imported folder or file, without its full path.")
    n_found = models.PositiveIntegerField(default=0, help_text="Files looked at.")
    n_imported = models.PositiveIntegerField(default=0, help_text="Files that became stimuli.")
    n_rejected = models.PositiveIntegerField(default=0, help_text="Files refused; each is a rejected file.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.source}: {self.n_imported} of {self.n_found}"

    @property
    def n_already_there(self) -> int:
        """Files that the set held already, from an earlier import."""
        return self.n_found - self.n_imported - self.n_rejected


class RejectedFile(models.Model):
    """A file that was not imported, with its reason. Nothing is dropped in silence."""

    stimulus_import = models.ForeignKey(StimulusImport, on_delete=models.CASCADE, related_name="rejected_files")
    name = models.CharField(max_length=500, help_text="Path of the file relative to the imported folder.")
    reason = models.CharField(max_length=30, choices=choices_of(Rejection), help_text="Why it was refused.")
    detail = models.TextField(blank=True, help_text="The reason in words.")

    class Meta:
        ordering = ["stimulus_import", "name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class ClipNote(models.Model):
    """What an experimenter heard in a clip: one note for each of them and clip, changed as they listen again."""

    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    text = models.TextField(blank=True, help_text="Free text.")
    tags = models.JSONField(default=list, blank=True, help_text="Short words, such as echo or splice.")
    guess = models.CharField(
        max_length=4,
        choices=choices_of(Label),
        blank=True,
        help_text="What the author took the clip for, where they listened without seeing its label.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["stimulus", "author"], name="clipnote_once"),
            only("guess", Label, model="clipnote", blank=True),
        ]

    def __str__(self) -> str:
        return self.text[:60]
