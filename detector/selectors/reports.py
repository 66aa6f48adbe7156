"""The stored report of a training, with what other work has to say of it."""

from typing import Any

from django.db.models import Q

from detector.models import InferenceTiming, Report, Training
from detector.selectors.runs import RANDOM_WEIGHTS, control_kind
from detector.selectors.stored_json import read_json
from studyapp.vocab import JobState

MAX_CONTROLS = 10  # each is a file to read whenever a report is looked at


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
    return read_json(row.content_name, row.content_sha256, what=f"report of training {row.training_id}")


def negative_controls(training: Training) -> list[dict[str, Any]]:
    """Return the finished trainings on the same set by the same protocol that can have learned little, with results.

    The newest MAX_CONTROLS of them, the oldest first.
    """
    is_control = Q(config__permute_labels=True) | Q(encoder__endswith=RANDOM_WEIGHTS)
    others = Training.objects.filter(
        is_control, stimulus_set=training.stimulus_set_id, protocol=training.protocol, state=JobState.DONE.value
    ).exclude(pk=training.pk)
    newest = list(others.select_related("report").order_by("-pk")[:MAX_CONTROLS])
    return [
        {"kind": control_kind(other), "training": other.pk, "encoder": other.encoder, "overall": _means(other)}
        for other in reversed(newest)
    ]


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
