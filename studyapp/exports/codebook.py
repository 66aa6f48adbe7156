"""What every exported column means. Descriptions of stored fields are the fields' own help texts."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from studyapp.models import (
    ChosenReason,
    FrozenStimulus,
    Machine,
    MachineScore,
    Participant,
    Play,
    Response,
    Session,
    Stimulus,
    StudyVersion,
)


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A column of the exports: one meaning, whatever file it stands in."""

    name: str
    description: str
    unit: str = ""
    levels: str = ""


def _help(model: type[models.Model], field: str) -> str:
    text = str(getattr(model._meta.get_field(field), "help_text", ""))
    if not text:
        raise LookupError(f"{model.__name__}.{field} has no help_text")
    return text


def _variable(name: str, description: str, unit: str = "", levels: str = "") -> Variable:
    return Variable(name=name, description=description, unit=unit, levels=levels)


_TRUTHS, _YES_NO = "real; fake", "true; false"

VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in [
        _variable("row_id", "Number of the row in its file, from 1."),
        _variable("study_id", "The study's name in its address."),
        _variable("study_version", "Version of the study that the session took: " + _help(StudyVersion, "number")),
        _variable("session_id", "Number of the sitting."),
        _variable("subject_id", "Pseudonym of the participant: " + _help(Participant, "pseudonym")),
        _variable("recruiter", "Who sent the participant; empty when nobody is recorded."),
        _variable("origin", _help(Session, "origin"), levels="live; imported; pilot; preview; bot"),
        _variable("is_pilot", "Whether the session is a pilot or a preview.", levels=_YES_NO),
        _variable("outcome", _help(Session, "outcome")),
        _variable("excluded", "Whether the session is excluded from analyses.", levels=_YES_NO),
        _variable("exclusion_rule", "Reasons of the exclusion, joined by semicolons."),
        _variable("analysed", "Completed and not excluded: enters the analysis by default.", levels=_YES_NO),
        _variable("block", "Part of the protocol."),
        _variable("phase", "Kind of trial; only main trials are exported.", levels="main"),
        _variable("trial_id", "Number of the trial."),
        _variable("trial_order", "Order of the trial within the session, from 0."),
        _variable("stimulus_id", "Number of the sound."),
        _variable("stimulus_sha256", _help(Stimulus, "sha256")),
        _variable("copy_sha256", _help(FrozenStimulus, "copy_sha256")),
        _variable("truth", "What the sound is. " + _help(FrozenStimulus, "label"), levels=_TRUTHS),
        _variable("sound_class", _help(Stimulus, "category") + " " + _help(FrozenStimulus, "category")),
        _variable("generator", _help(Stimulus, "generator")),
        _variable("team", _help(Stimulus, "team")),
        _variable("track", _help(Stimulus, "track")),
        _variable("source_group", _help(Stimulus, "source_group")),
        _variable("original_split", _help(Stimulus, "original_split")),
        _variable("label_in_doubt", _help(Stimulus, "label_in_doubt"), levels=_YES_NO),
        _variable("stimulus_name", _help(Stimulus, "name")),
        _variable("duration_s", "Of a sound: its duration. Of a session: from start to end.", unit="s"),
        _variable("level_dbfs", _help(Stimulus, "level_dbfs"), unit="dB"),
        _variable("choice", _help(Response, "choice"), levels=_TRUTHS),
        _variable("choice_position", _help(Response, "choice_position"), levels="0; 1"),
        _variable("correct", "Whether the choice (or a detector's decision) is the truth.", levels=_YES_NO),
        _variable("confidence", _help(Response, "confidence")),
        _variable("response_source", _help(Response, "response_source"), levels="button; keyboard; bot"),
        _variable("rt_from_onset_ms", _help(Response, "rt_from_onset_ms"), unit="ms"),
        _variable("rt_from_offset_ms", _help(Response, "rt_from_offset_ms"), unit="ms"),
        _variable("n_plays", "Times the sound was started."),
        _variable("heard_full", "Whether a play was reported to have reached its end.", levels=_YES_NO),
        _variable("reasons", "Codes of the reasons, joined by semicolons; NA when asked and not answered."),
        _variable("reason", _help(ChosenReason, "code")),
        _variable("reason_other", "Reason texts, joined by semicolons: " + _help(ChosenReason, "text")),
        _variable("reason_text", _help(ChosenReason, "text")),
        _variable("reason_order", _help(Response, "reason_order")),
        _variable("reason_rt_ms", _help(Response, "reason_rt_ms"), unit="ms"),
        _variable("blur_count", "Times the page went out of sight during the trial."),
        _variable("output_latency_ms", _help(Play, "output_latency_ms"), unit="ms"),
        _variable("sample_rate", "Sampling rate of the browser's output; empty when not reported.", unit="Hz"),
        _variable("presented_at_utc", "When the server granted the first play, ISO 8601, UTC."),
        _variable("answered_at_utc", _help(Response, "answered_at") + " ISO 8601, UTC."),
        _variable("started_at_utc", "When the session started, ISO 8601, UTC."),
        _variable("ended_at_utc", "When the session ended, ISO 8601, UTC; empty while open."),
        _variable("headphone_test", "Headphone test of the last attempt; empty without one."),
        _variable("headphone_score", "Right answers in the last attempt."),
        _variable("headphone_pass", "Whether the last attempt reached the pass mark.", levels=_YES_NO),
        _variable("headphone_attempts", "Attempts at the headphone test."),
        _variable("fake_is_first", _help(Session, "fake_is_first"), levels=_YES_NO),
        _variable("n_trials", "Trials planned."),
        _variable("n_answers", "Trials answered."),
        _variable("detector", "Name of the machine. " + _help(Machine, "title")),
        _variable(
            "detector_version",
            "Code version that trained the machine, and its checkpoints' first hash digits, where known.",
        ),
        _variable("score", _help(MachineScore, "fake_score")),
        _variable("threshold", _help(Machine, "threshold")),
        _variable("predicted", _help(MachineScore, "decision"), levels=_TRUTHS),
        _variable("split", _help(MachineScore, "split"), levels="train; validation; evaluation"),
    ]
}

CODEBOOK_HEADER = ["variable", "description", "unit", "levels", "files"]


def codebook_rows(files: dict[str, list[str]]) -> list[list[Any]]:
    """Return a row for each variable in use: its meaning, and the files that have it."""
    return [
        [
            name,
            variable.description,
            variable.unit,
            variable.levels,
            [file for file, names in files.items() if name in names],
        ]
        for name, variable in VARIABLES.items()
        if any(name in names for names in files.values())
    ]
