"""The stored report of a training, with what other work has to say of it."""

import json
from typing import Any

from detector.ml.checkpoint import BadFile, digest
from detector.models import InferenceTiming, Report, Training
from studyapp.services import media
from studyapp.vocab import JobState

RANDOM_WEIGHTS = "/random-weights"  # the end of the name of an encoder whose weights were drawn, not learned


def report_row(training: Training) -> Report | None:
    """Return the training's report as a row, whatever its state; None where none was ever asked for."""
    return Report.objects.filter(training=training).first()


def stored_report(training: Training) -> dict[str, Any] | None:
    """Return the report (docs/report_json.md), or None until there is one.

    While it is computed anew the last one is returned. Raises NotFound or BadFile where the stored file is bad.
    """
    row = report_row(training)
    if row is None or not row.content_name:
        return None
    return {
        **read_content(row),
        "negative_controls": negative_controls(training),
        "timing": latest_timing(training),
    }


def read_content(row: Report) -> dict[str, Any]:
    """Return what the worker stored. Raises NotFound or BadFile."""
    content = media.read(row.content_name)
    if digest(content) != row.content_sha256:
        raise BadFile(f"The stored report of training {row.training_id} has changed. Compute it anew.")
    stored: dict[str, Any] = json.loads(content)
    return stored


def negative_controls(training: Training) -> list[dict[str, Any]]:
    """Return the finished trainings on the same set by the same protocol that can have learned little, with results."""
    others = Training.objects.filter(
        stimulus_set=training.stimulus_set_id, protocol=training.protocol, state=JobState.DONE.value
    ).exclude(pk=training.pk)
    return [
        {"kind": kind, "training": other.pk, "encoder": other.encoder, "overall": _means(other)}
        for other in others.select_related("report").order_by("pk")
        if (kind := control_kind(other))
    ]


def control_kind(training: Training) -> str:
    """Return permuted_labels or random_weights; empty for a training that is no negative control."""
    if training.config.get("permute_labels"):
        return "permuted_labels"
    return "random_weights" if training.encoder.endswith(RANDOM_WEIGHTS) else ""


def _means(training: Training) -> dict[str, float | None] | None:
    row = getattr(training, "report", None)
    if row is None or not row.content_name:
        return None
    return {measure: value["mean"] for measure, value in read_content(row)["overall"].items()}


def latest_timing(training: Training) -> dict[str, Any] | None:
    """Return the newest timing of the training's encoder, or None."""
    row = InferenceTiming.objects.filter(fingerprint=training.fingerprint).first()
    return None if row is None else timing_json(row)


def timing_json(row: InferenceTiming) -> dict[str, Any]:
    """Return a timing as the report shows it."""
    about = {"encoder": row.encoder, "device": row.device, "machine": row.machine}
    return {**about, "created_at": row.created_at.isoformat(), **row.results}
