"""The rows that a bundle restores a study from: which tables and columns they are, and how they are read back.

Every column of every table is either in TAKEN or in LEFT_OUT, which a test holds. A row names other rows by their
numbers in the bundle. A bundle comes from anywhere: each line is read by a model made from the table's columns, which
knows their types, lengths and words, and refuses what it does not know.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from django.db import models
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from studyapp.errors import BundleRefused
from studyapp.models import (
    Block,
    ChosenReason,
    ClientEvent,
    Exclusion,
    FrozenStimulus,
    Machine,
    MachineScore,
    Participant,
    Play,
    Presentation,
    QuestionAnswer,
    Response,
    ScreeningAttempt,
    ScreeningTrial,
    Session,
    SessionAction,
    SetMember,
    Stimulus,
    StimulusSet,
    Study,
    StudyVersion,
    Trial,
)

FORMAT = 1  # raised when an older program could not read a bundle any more
MAX_LINE_BYTES = 4 << 20  # a version's whole configuration is one line
MAX_NUMBER = 10**12  # of a row in a bundle: what the sequences of a database never come near
SAID = 3  # mistakes of a line that are told

# In an order in which every row stands after those that it names.
TAKEN: dict[type[models.Model], tuple[str, ...]] = {
    StimulusSet: ("slug", "title", "description", "caution", "is_stand_in", "provenance", "created_at"),
    Stimulus: (
        *("home_set", "sha256", "name", "label", "category", "generator", "team", "track", "source_group"),
        *("original_split", "label_in_doubt", "container", "subtype", "n_bytes", "n_samples", "n_channels"),
        *("sample_rate_hz", "duration_s", "level_dbfs", "peak_dbfs", "dc_offset", "bandwidth_hz"),
        *("leading_silence_s", "longest_zero_run_s", "loudness_lufs", "clipped_fraction", "created_at"),
    ),
    SetMember: ("stimulus_set", "stimulus", "position"),
    Machine: ("slug", "title", "description", "threshold", "provenance", "created_at"),
    MachineScore: ("machine", "stimulus", "fake_score", "decision", "split"),
    Study: ("slug", "title", "stimulus_set", "config", "state", "opened_as", "created_at", "updated_at"),
    StudyVersion: (
        *("study", "number", "config", "sha256", "code_version", "sample_rate_hz", "n_channels"),
        *("calibration_level_dbfs", "screening", "launched_at"),
    ),
    Block: ("version", "position", "kind", "name"),
    FrozenStimulus: (
        *("version", "stimulus", "label", "category", "copy_sha256", "duration_s", "gain_db", "role", "right_answer"),
    ),
    Participant: ("study", "pseudonym", "created_at"),
    Session: (
        *("version", "participant", "origin", "step", "outcome", "group", "seed", "time_scale", "fake_is_first"),
        *("consent_sha256", "consented_at", "consent_ticks", "client", "started_at", "last_seen_at", "ended_at"),
        "erased_at",
    ),
    ScreeningAttempt: (
        *("session", "test", "number", "n_trials", "pass_mark", "n_correct", "passed", "verdict"),
        *("started_at", "ended_at"),
    ),
    ScreeningTrial: (
        *("attempt", "position", "sound", "right_answer", "answer", "rt_from_offset_ms", "n_plays"),
        *("played_at", "answered_at"),
    ),
    SessionAction: ("session", "key", "action", "at"),
    ClientEvent: ("session", "event", "trial_position", "data", "at"),
    Exclusion: ("session", "reason", "detail", "created_at"),
    QuestionAnswer: ("session", "step", "attempt", "code", "answer", "answered_at"),
    Trial: ("session", "block", "position", "kind", "break_before", "break_ended_at", "skipped", "completed_at"),
    Presentation: ("trial", "interval", "frozen_stimulus", "builtin"),
    Play: ("presentation", "number", "started_at", "ended_at", "heard_ms", "output_latency_ms"),
    Response: (
        *("trial", "choice", "value", "confidence", "rt_from_onset_ms", "rt_from_offset_ms", "choice_position"),
        *("response_source", "reason_order", "reason_rt_ms", "answered_at"),
    ),
    ChosenReason: ("response", "code", "text", "created_at"),
}
# Secrets, accounts and codes never leave an installation; where files are follows from their hashes.
LEFT_OUT: dict[type[models.Model], tuple[str, ...]] = {
    StimulusSet: ("owner",),
    Stimulus: ("audio_path",),
    SetMember: ("detail",),  # what a selection said of its clip, by the numbers of clips that are not in the bundle
    Study: ("owner", "revision", "pilot_link_number"),  # its history of changes begins anew
    StudyVersion: ("launched_by",),
    FrozenStimulus: ("copy_path",),
    Session: ("token", "completion_code", "withdrawal_code"),
    ScreeningTrial: ("token",),
    SessionAction: ("body_sha256",),
    Exclusion: ("actor",),
    Presentation: ("token",),
    Response: ("idempotency_key",),
}
RECRUITER = "recruiter"  # of a participant's row: who sent them, such as prolific; never their id there

_LARGEST: dict[type[Any], tuple[int, int]] = {
    models.PositiveSmallIntegerField: (0, 2**15 - 1),
    models.PositiveIntegerField: (0, 2**31 - 1),
    models.PositiveBigIntegerField: (0, 2**63 - 1),
    models.BigIntegerField: (-(2**63), 2**63 - 1),
}
_TIMES = Field(ge=datetime(1990, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))


def table_name(model: type[models.Model]) -> str:
    """Return the name of a table's file without its ending.

    >>> table_name(FrozenStimulus)
    'frozen_stimulus'
    """
    return str(model._meta.verbose_name).replace(" ", "_")


def read_rows(path: Path, model: type[models.Model], shown: str) -> Iterator[tuple[int, BaseModel]]:
    """Yield each line's number in the file and its checked row, one at a time. `shown` is the file's name in messages.

    Raises BundleRefused with file and line. The rows' numbers must rise, so that none comes twice.
    """
    row_model, last = _row_model(model), 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
            row = _read(line, row_model, f"{shown} line {number}")
            key: int = row.id  # type: ignore[attr-defined]  # every row has one
            if key <= last:
                raise BundleRefused(f"{shown} line {number}: id {key} does not rise; the rows stand in their order")
            last = key
            yield number, row


def _read(line: bytes, row_model: type[BaseModel], place: str) -> BaseModel:
    if len(line) > MAX_LINE_BYTES:
        raise BundleRefused(f"{place}: is longer than {MAX_LINE_BYTES >> 20} MiB; that is no row of a study")
    if not line.endswith(b"\n"):
        raise BundleRefused(f"{place}: the file is cut short; export the study again")
    try:
        row = row_model.model_validate_json(line)
    except ValidationError as error:
        raise BundleRefused(f"{place}: {_in_words(error)}") from None
    for name, value in row:
        if fault := _fault(value):
            raise BundleRefused(f"{place}: {name}: {fault}")
    return row


def _in_words(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    said = [": ".join([*(str(part) for part in each["loc"]), each["msg"]]) for each in found[:SAID]]
    more = f"; and {len(found) - SAID} more" if len(found) > SAID else ""
    return "; ".join(said) + more


def _fault(value: Any) -> str:
    """Return what no database takes of a value, however deep it stands; empty where there is nothing."""
    if isinstance(value, str):
        return "a NUL character" if "\0" in value else ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else "no finite number"
    if isinstance(value, dict):
        return next((fault for each in (*value, *value.values()) if (fault := _fault(each))), "")
    if isinstance(value, list):
        return next((fault for each in value if (fault := _fault(each))), "")
    return ""


@cache
def _row_model(model: type[models.Model]) -> type[BaseModel]:
    """Return what a line of the table's file must be."""
    number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
    columns: dict[str, Any] = {"id": (number, ...)}
    for name in TAKEN[model]:
        columns[name] = (_type(model._meta.get_field(name), number), ...)
    if model is Participant:
        columns[RECRUITER] = (Annotated[str, Field(max_length=40)], ...)
    return create_model(model.__name__, __config__=ConfigDict(extra="forbid", strict=True), **columns)


def _type(field: Any, number: Any) -> Any:
    """Return the type of a column's values."""
    kind: Any
    if isinstance(field, models.ForeignKey):
        kind = number
    elif field.choices:
        words = [word for word, _ in field.choices] + ([""] if field.blank else [])
        kind = Literal[tuple(words)]
    elif isinstance(field, models.SlugField):
        kind = Annotated[str, Field(max_length=field.max_length, pattern=r"^[-a-zA-Z0-9_]+$")]
    elif isinstance(field, models.CharField | models.TextField):
        kind = Annotated[str, Field(max_length=field.max_length)]
    elif isinstance(field, models.BooleanField):
        kind = bool
    elif isinstance(field, models.FloatField):
        kind = float
    elif isinstance(field, models.DateTimeField):
        kind = Annotated[AwareDatetime, _TIMES]
    elif isinstance(field, models.JSONField):
        kind = list[Any] if field.default is list else dict[str, Any]
    else:
        least, most = _LARGEST[type(field)]
        kind = Annotated[int, Field(ge=least, le=most)]
    return kind | None if field.null else kind
