from typing import Any

from django.conf import settings
from django.db import models

from studyapp.errors import FrozenError
from studyapp.vocab import Label, Right, StudyState, TrialKind

from .choices import choices_of, only
from .stimulus import Stimulus, StimulusSet


class Study(models.Model):
    """A listening study: a draft configuration, and the versions that were launched from it."""

    slug = models.SlugField(max_length=80, unique=True, help_text="The name in the study's address.")
    title = models.CharField(max_length=200, help_text="The title that participants see.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        help_text="Who configures the study.",
    )
    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.PROTECT, related_name="studies")
    config = models.JSONField(help_text="The configuration as given; what it leaves out takes the paper's defaults.")
    state = models.CharField(max_length=10, choices=choices_of(StudyState), default=StudyState.DRAFT.value)
    revision = models.PositiveIntegerField(
        default=0, help_text="Number of the latest stored revision: who saves over an older one is told."
    )
    opened_as = models.CharField(
        max_length=10,
        choices=choices_of(StudyState),
        blank=True,
        help_text="pilot or live: what it last admitted people as, and goes back to when it is opened again.",
    )
    pilot_link_number = models.PositiveIntegerField(
        default=1, help_text="Counts the pilot links that were made; only the latest one admits anybody."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Set by the view that asked for the study: what its user may do in it.
    rights: frozenset[Right] = frozenset()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "studies"
        constraints = [only("state", StudyState, model="study")]

    def __str__(self) -> str:
        return self.title

    @property
    def may_see_results(self) -> bool:
        return Right.SEE_RESULTS in self.rights

    @property
    def may_edit(self) -> bool:
        return Right.EDIT in self.rights

    @property
    def may_manage(self) -> bool:
        return Right.MANAGE in self.rights


class StudyRevision(models.Model):
    """The configuration as it was stored at one time: what undo and the difference between two of them need."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(help_text="Counts up from 1.")
    config = models.JSONField(help_text="The configuration as given.")
    changed = models.JSONField(default=list, blank=True, help_text="Paths of the settings that it changed.")
    restores = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of an undo or redo: number of the revision that it brings back."
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["study", "-number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="studyrevision_number_once")]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.study_id}"


class FrozenModel(models.Model):
    """A row of a launched version: it is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FrozenError(f"{self._meta.verbose_name} {self.pk} belongs to a launched version, which never changes")
        super().save(*args, **kwargs)


class StudyVersion(FrozenModel):
    """What participants get: frozen at launch, hashed, never changed. A change makes a new version."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="1 for the first launch.")
    config = models.JSONField(help_text="The whole configuration, every default written out.")
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of configuration, stimuli and code version, hex.")
    code_version = models.CharField(max_length=40, help_text="Version of Earwitness that launched it.")
    sample_rate_hz = models.PositiveIntegerField(help_text="Sampling rate of every presentation copy, Hz.")
    n_channels = models.PositiveSmallIntegerField(help_text="Channels of every presentation copy.")
    calibration_level_dbfs = models.FloatField(help_text="75th percentile of the clips' RMS levels, dBFS.")
    screening = models.JSONField(
        default=dict, blank=True, help_text="Screening sounds of this version: storage names and hashes, by test."
    )
    launched_at = models.DateTimeField(auto_now_add=True)
    launched_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["study", "number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="studyversion_number_once")]

    def __str__(self) -> str:
        return f"{self.study.slug} version {self.number}"


class Block(FrozenModel):
    """A part of the protocol: trials of one kind, presented together."""

    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="blocks")
    position = models.PositiveIntegerField(help_text="Order of the blocks, from 0.")
    kind = models.CharField(max_length=10, choices=choices_of(TrialKind), default=TrialKind.MAIN.value)
    name = models.CharField(max_length=80, help_text="Short name, such as main.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="block_position_once")]

    def __str__(self) -> str:
        return self.name


class FrozenStimulus(FrozenModel):
    """A stimulus as a version presents it: the facts at launch, and the copy that is served."""

    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="frozen_stimuli")
    stimulus = models.ForeignKey(Stimulus, on_delete=models.PROTECT, related_name="frozen_as")
    label = models.CharField(max_length=4, choices=choices_of(Label), help_text="The label at launch.")
    category = models.CharField(max_length=100, help_text="The category at launch.")
    copy_path = models.CharField(max_length=200, help_text="Name of the presentation copy, in the media storage.")
    copy_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the presentation copy, hex.")
    duration_s = models.FloatField(help_text="Duration of the copy, seconds.")
    gain_db = models.FloatField(
        default=0.0, help_text="Gain applied to make the copy, dB; 0 unless the study aligns levels."
    )
    role = models.CharField(
        max_length=10, choices=choices_of(TrialKind), default=TrialKind.MAIN.value, help_text="main, practice or catch."
    )
    right_answer = models.CharField(
        max_length=4, choices=choices_of(Label), blank=True, help_text="Of a catch trial: the answer nobody misses."
    )

    class Meta:
        ordering = ["version", "pk"]
        verbose_name_plural = "frozen stimuli"
        constraints = [
            models.UniqueConstraint(fields=["version", "stimulus"], name="frozenstimulus_once"),
            only("label", Label, model="frozenstimulus"),
        ]

    def __str__(self) -> str:
        return f"{self.stimulus_id} in version {self.version_id}"
