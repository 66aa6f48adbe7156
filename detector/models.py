from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models

from studyapp.models.choices import choices_of, only
from studyapp.models.job import Job
from studyapp.models.stimulus import Stimulus, StimulusSet
from studyapp.vocab import JobState


class Weights(models.Model):
    """An encoder's published checkpoint as this installation holds it: converted once, read from there ever after."""

    name = models.CharField(max_length=100, unique=True, help_text="Name of the source, such as vggish.")
    source_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the published file, hex.")
    source_md5 = models.CharField(max_length=32, help_text="MD5 of the published file, hex.")
    source_n_bytes = models.PositiveBigIntegerField(help_text="Size of the published file, bytes.")
    checked_by = models.CharField(
        max_length=40, help_text="What the file was known by: its SHA-256, or only a prefix of it or an MD5, and size."
    )
    origin = models.CharField(max_length=500, help_text="The address or the name of the file it came from.")
    file_name = models.CharField(max_length=200, help_text="Name of the converted file in the media storage.")
    file_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the converted file, hex.")
    file_n_bytes = models.PositiveBigIntegerField(help_text="Size of the converted file, bytes.")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "weights"

    def __str__(self) -> str:
        return self.name


class EmbeddingRun(models.Model):
    """A request that every clip of a set have vectors by one recipe."""

    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.CASCADE, related_name="embedding_runs")
    encoder = models.CharField(max_length=100, help_text="Name of the recipe, such as aisfx.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the recipe, hex.")
    recipe = models.JSONField(help_text="Weights hash, preprocessing parameters and version of the recipe's code.")
    device = models.CharField(max_length=10, default="auto", help_text="auto, cpu or cuda.")
    code_version = models.CharField(max_length=40, help_text="Version of Earwitness.")
    state = models.CharField(max_length=10, choices=choices_of(JobState), default=JobState.QUEUED.value)
    n_clips = models.PositiveIntegerField(help_text="Different sounds in the set.")
    n_reused = models.PositiveIntegerField(help_text="Of these, sounds whose vectors were there already.")
    error = models.TextField(blank=True, help_text="What went wrong, in words.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="embeddingrun")]

    def __str__(self) -> str:
        return f"{self.encoder} on {self.stimulus_set_id}"


class EmbeddingShard(Job):
    """A part of an embedding run that is done, and published, as one."""

    task = "detector.tasks.embed_shard_task"

    run = models.ForeignKey(EmbeddingRun, on_delete=models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField(help_text="Place within the run, from 0.")
    stimulus_ids = models.JSONField(help_text="One stimulus for each sound of the shard, in order of content hash.")

    class Meta:
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="embeddingshard_number_once"),
            only("state", JobState, model="embeddingshard"),
        ]

    def __str__(self) -> str:
        return f"shard {self.number} of run {self.run_id}"


class EmbeddingFailure(models.Model):
    """A clip that an encoder could not use, with the reason."""

    run = models.ForeignKey(EmbeddingRun, on_delete=models.CASCADE, related_name="failures")
    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="embedding_failures")
    detail = models.TextField(help_text="The reason in words.")

    class Meta:
        ordering = ["run", "stimulus"]
        constraints = [models.UniqueConstraint(fields=["run", "stimulus"], name="embeddingfailure_once")]

    def __str__(self) -> str:
        return self.detail[:60]


class VectorFile(models.Model):
    """A file of vectors in the media storage: frames and mean of up to a shard's clips."""

    name = models.CharField(max_length=200, unique=True, help_text="Name in the media storage, made from the content.")
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of the file, hex.")
    fingerprint = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the recipe, hex.")
    n_clips = models.PositiveIntegerField(help_text="Clips in the file.")
    dim = models.PositiveIntegerField(help_text="Length of a vector.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class ClipEmbedding(models.Model):
    """Where the vectors of a sound stand. Addressed by content and recipe: any set with the same sound finds them."""

    audio_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the sound's file, hex.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the recipe, hex.")
    file = models.ForeignKey(VectorFile, on_delete=models.PROTECT, related_name="clips")
    row = models.PositiveIntegerField(help_text="Row of the clip within the file.")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["fingerprint", "audio_sha256"], name="clipembedding_once")]

    def __str__(self) -> str:
        return f"{self.audio_sha256[:12]} at {self.row}"


class Training(Job):
    """One training: one encoder, one protocol, one seed; folds times runs networks. Progress counts epochs."""

    task = "detector.tasks.train_task"

    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.PROTECT, related_name="trainings")
    encoder = models.CharField(max_length=100, help_text="Name of the recipe, such as aisfx.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the recipe, hex.")
    protocol = models.CharField(max_length=40, help_text="How clips are divided, such as paper.")
    seed = models.PositiveBigIntegerField(default=42, help_text="Seeds initial values, draws and dropout of every run.")
    n_runs = models.PositiveIntegerField(default=10, help_text="Independent networks in each fold.")
    config = models.JSONField(help_text="Every number of the recipe.")
    device = models.CharField(max_length=10, default="auto", help_text="auto, cpu or cuda.")
    code_version = models.CharField(max_length=40, help_text="Version of Earwitness.")
    n_clips = models.PositiveIntegerField(default=0, help_text="Different sounds trained, validated and evaluated on.")
    clips_sha256 = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over the sounds and labels trained on, hex; set when it begins."
    )
    unfinished_name = models.CharField(max_length=200, blank=True, help_text="Saved state of an unfinished training.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="training")]

    def __str__(self) -> str:
        return f"training {self.pk}"


class Fold(models.Model):
    """One division of the clips, and what the networks of that fold said of each clip."""

    training = models.ForeignKey(Training, on_delete=models.CASCADE, related_name="folds")
    number = models.PositiveIntegerField(help_text="From 0.")
    name = models.CharField(max_length=200, blank=True, help_text="What the fold holds out; empty under paper.")
    n_train = models.PositiveIntegerField()
    n_validation = models.PositiveIntegerField()
    n_evaluation = models.PositiveIntegerField()
    facts = models.JSONField(default=dict, help_text="Groups in two splits, clips left out and why.")
    table_name = models.CharField(
        max_length=200, help_text="Media name of the table: clips, splits, scores of each run."
    )
    table_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the table, hex.")

    class Meta:
        ordering = ["training", "number"]
        constraints = [models.UniqueConstraint(fields=["training", "number"], name="fold_number_once")]

    def __str__(self) -> str:
        return f"fold {self.number} of training {self.training_id}"


class DetectorRun(models.Model):
    """One trained network."""

    training = models.ForeignKey(Training, on_delete=models.CASCADE, related_name="runs")
    fold = models.ForeignKey(Fold, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField(help_text="Run within the fold, from 1.")
    seed = models.PositiveBigIntegerField(help_text="Seed of the training; with the number it gives the run's streams.")
    chosen_epoch = models.PositiveIntegerField(help_text="Epoch of the checkpoint that was kept.")
    validation = models.JSONField(help_text="Metrics of the kept checkpoint on the validation split.")
    evaluation = models.JSONField(help_text="Metrics of the kept checkpoint on the evaluation split.")
    curves = models.JSONField(help_text="Loss and accuracy of each epoch.")
    seconds_per_epoch = models.FloatField(help_text="Training time of an epoch of all runs together, seconds.")
    checkpoint_name = models.CharField(max_length=200, help_text="Name of the weights in the media storage.")
    checkpoint_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the weights file, hex.")

    class Meta:
        ordering = ["training", "fold__number", "number"]
        constraints = [models.UniqueConstraint(fields=["fold", "number"], name="detectorrun_number_once")]

    def __str__(self) -> str:
        return f"run {self.number} of training {self.training_id}"


class Scoring(Job):
    """A request from the page that a detector score a set. Commands score without one."""

    task = "detector.tasks.score_task"

    training = models.ForeignKey(Training, on_delete=models.CASCADE, related_name="scorings")
    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.CASCADE, related_name="scorings")
    run_choice = models.CharField(max_length=10, help_text="best, or the number of the run.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="scoring")]

    def __str__(self) -> str:
        return f"training {self.training_id} on {self.stimulus_set_id}"


class Report(Job):
    """All that can be said of a finished training, computed by a worker. Progress counts parts."""

    task = "detector.tasks.report_task"

    training = models.OneToOneField(Training, on_delete=models.CASCADE, related_name="report")
    options = models.JSONField(default=dict, help_text="Resamples, seed and the like.")
    content_name = models.CharField(max_length=200, blank=True, help_text="Media name of the report, as JSON.")
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the report, hex.")
    code_version = models.CharField(max_length=40, help_text="Version of Earwitness.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="report")]

    def __str__(self) -> str:
        return f"report of training {self.training_id}"


def delete_comparisons(collector: Any, _field: Any, links: Iterable["ComparedTraining"], using: str) -> None:
    """Delete whole comparisons where one of their trainings is deleted: what is left of one would be of another set.

    An `on_delete`, since the database knows only how to delete the link.
    """
    keys = {link.comparison_id for link in links}
    collector.collect(Comparison.objects.using(using).filter(pk__in=keys), fail_on_restricted=False)


class Comparison(Job):
    """Finished trainings compared on the clips that they share, computed by a worker. Progress counts differences."""

    task = "detector.tasks.compare_task"

    trainings = models.ManyToManyField(Training, through="ComparedTraining", related_name="comparisons")
    key = models.CharField(max_length=500, unique=True, help_text="Numbers of the trainings, ascending, with commas.")
    options = models.JSONField(default=dict, help_text="Resamples and level of the intervals.")
    content_name = models.CharField(max_length=200, blank=True, help_text="Media name of the comparison, as JSON.")
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the comparison, hex.")
    code_version = models.CharField(max_length=40, help_text="Version of Earwitness.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [only("state", JobState, model="comparison")]

    def __str__(self) -> str:
        return f"comparison of trainings {self.key}"


class ComparedTraining(models.Model):
    """That a training belongs to a comparison."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="links")
    training = models.ForeignKey(Training, on_delete=delete_comparisons, related_name="comparison_links")

    class Meta:
        ordering = ["comparison", "training"]
        constraints = [models.UniqueConstraint(fields=["comparison", "training"], name="comparedtraining_once")]

    def __str__(self) -> str:
        return f"training {self.training_id} in comparison {self.comparison_id}"


class InferenceTiming(models.Model):
    """How long an encoder and a detector take for a clip, on one machine."""

    encoder = models.CharField(max_length=100, help_text="Name of the recipe.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the recipe, hex.")
    device = models.CharField(max_length=10, help_text="cpu or cuda.")
    machine = models.CharField(max_length=200, help_text="Processor or GPU, cores, in words.")
    results = models.JSONField(help_text="Seconds and percent of real time, end to end and network only, and of what.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.encoder} on {self.device}"


class Selection(models.Model):
    """A stimulus set chosen by a rule from a detector's scores, with all that the choice was made from."""

    stimulus_set = models.OneToOneField(StimulusSet, on_delete=models.CASCADE, related_name="selection")
    training = models.ForeignKey(Training, on_delete=models.PROTECT, related_name="selections")
    rule = models.CharField(max_length=40, help_text="Name of the rule, such as misclassified.")
    run_choice = models.CharField(max_length=10, help_text="best, or the number of the run.")
    split = models.CharField(max_length=10, help_text="Clips that were eligible: evaluation or held-out.")
    provenance = models.JSONField(help_text="Rule, parameters, runs, checkpoints, and each clip's score and bucket.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.rule} from training {self.training_id}"
