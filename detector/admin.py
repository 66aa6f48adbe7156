"""The detector's rows in the admin: to look at, not to change or delete, since each says how numbers came about."""

from django.contrib import admin

from detector.models import (
    Comparison,
    DetectorRun,
    EmbeddingFailure,
    EmbeddingRun,
    EmbeddingShard,
    Report,
    Scoring,
    Selection,
    Training,
    VectorFile,
    Weights,
)
from studyapp.administration.read_only import ReadOnlyAdmin


@admin.register(Weights)
class WeightsAdmin(ReadOnlyAdmin):
    list_display = ("name", "checked_by", "source_sha256", "source_n_bytes", "file_n_bytes", "origin", "added_at")


@admin.register(EmbeddingRun)
class EmbeddingRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "encoder", "stimulus_set", "state", "n_clips", "n_reused", "created_at")
    list_filter = ("encoder", "state")


@admin.register(EmbeddingShard)
class EmbeddingShardAdmin(ReadOnlyAdmin):
    list_display = ("id", "run", "number", "state", "attempts", "n_done", "n_total", "heartbeat_at")
    list_filter = ("state",)


@admin.register(EmbeddingFailure)
class EmbeddingFailureAdmin(ReadOnlyAdmin):
    list_display = ("run", "stimulus", "detail")


@admin.register(VectorFile)
class VectorFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "n_clips", "dim", "created_at")


@admin.register(Training)
class TrainingAdmin(ReadOnlyAdmin):
    list_display = ("id", "encoder", "protocol", "stimulus_set", "state", "n_runs", "seed", "created_at")
    list_filter = ("encoder", "protocol", "state")


@admin.register(DetectorRun)
class DetectorRunAdmin(ReadOnlyAdmin):
    list_display = ("training", "fold", "number", "chosen_epoch", "checkpoint_sha256")


@admin.register(Selection)
class SelectionAdmin(ReadOnlyAdmin):
    list_display = ("stimulus_set", "training", "rule", "run_choice", "split", "created_at")


@admin.register(Scoring)
class ScoringAdmin(ReadOnlyAdmin):
    list_display = ("id", "training", "stimulus_set", "run_choice", "state", "created_at")


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "training", "state", "attempts", "n_done", "n_total", "code_version", "created_at")
    list_filter = ("state",)


@admin.register(Comparison)
class ComparisonAdmin(ReadOnlyAdmin):
    list_display = ("id", "key", "state", "attempts", "n_done", "n_total", "code_version", "created_at")
    list_filter = ("state",)
