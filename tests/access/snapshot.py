"""What every table holds, as a digest: a refusal leaves it as it was."""

import hashlib
from collections.abc import Collection

from django.apps import apps

from studyapp.models import AuditEntry, Block, FrozenStimulus, StoredAnalysis, StudyVersion
from studyapp.vocab import JobState

# The times of somebody's presence, which a refused request may note too.
PRESENCE = {"last_login", "last_used_at"}
# What opening a page may compute and keep: a stored analysis is its memory and nothing else, unless a worker is asked.
MEMORY = {"result", "spread", "fingerprint", "computed_at"}
FROZEN = (StudyVersion, Block, FrozenStimulus)


def everything(*, but: Collection[str] = ()) -> str:
    """Return a digest of every row but the log's; `but` are apps that are left out."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        wanted = {"studyapp", "detector", "axes"} - set(but)
        if model._meta.app_label in wanted and model is not AuditEntry:
            left_out, rows = PRESENCE, model._default_manager.order_by("pk")
            if model is StoredAnalysis:
                left_out, rows = PRESENCE | MEMORY, rows.exclude(state=JobState.DONE.value)
            names = [field.name for field in model._meta.concrete_fields if field.name not in left_out]
            digest.update(repr(list(rows.values_list(*names))).encode())
    return digest.hexdigest()


def frozen_rows() -> dict[tuple[str, int], str]:
    """Return every row that belongs to a launched version, by model and key."""
    return {
        (model.__name__, row[0]): repr(row)
        for model in FROZEN
        for row in model._default_manager.values_list("pk", *(field.name for field in model._meta.concrete_fields))
    }
