"""What every exported column means. Descriptions of stored fields are the fields' own help texts."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from studyapp.models import (
    ChosenReason,
    ClientEvent,
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
        _variable("group", _help(Session, "group")),
        _variable("is_pilot", "Whether the session is a pilot or a preview.", levels=_YES_NO),
        _variable("outcome", _help(Session, "outcome")),
        _variable("excluded", "Whether the session is excluded from analyses.", levels=_YES_NO),
        _variable("exclusion_rule", "Reasons of the exclusion, joined by semicolons."),
        _variable("flagged", "Whether the session failed a check whose action is flag, and stayed in.", levels=_YES_NO),
        _variable(
            "flag_rule",
            "The checks that it is flagged for, joined by semicolons.",
            levels="failed_channels; failed_headphone; failed_attention",
        ),
        _variable(
            "analysed",
            "Enters the analysis by the plan: in a session that was completed (or has an answer and did not withdraw, "
            "where the plan takes in incomplete ones), is not excluded, and is not flagged where the plan leaves out "
            "flagged ones; and, of an answer, to a sound that the plan does not leave out for its label.",
            levels=_YES_NO,
        ),
        _variable("block", "Part of the protocol."),
        _variable("phase", "Kind of trial; only main ones are judgements.", levels="main; repeat; catch; practice"),
        _variable("builtin_sound", _help(Presentation, "builtin")),
        _variable("trial_id", "Number of the trial."),
        _variable("trial_order", "Order of the trial within the session, from 0."),
        _variable("stimulus_id", "Number of the sound."),
        _variable("second_stimulus_id", "Number of the sound in the second interval of a forced choice."),
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
        _variable(
            "duration_s",
            "Of a sound: its duration. Of a session: from start to end; imported ones: empty.",
            unit="s",
        ),
        _variable("level_dbfs", _help(Stimulus, "level_dbfs"), unit="dB"),
        _variable("loudness_lufs", _help(Stimulus, "loudness_lufs"), unit="LUFS"),
        _variable("gain_db", _help(FrozenStimulus, "gain_db"), unit="dB"),
        _variable("choice", _help(Response, "choice"), levels=_TRUTHS),
        _variable("value", _help(Response, "value")),
        _variable(
            "choice_position", _help(Response, "choice_position") + " Empty for imported judgements.", levels="0; 1"
        ),
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
        _variable("answered_at_utc", _help(Response, "answered_at") + " ISO 8601, UTC; empty for imported judgements."),
        _variable("started_at_utc", "When the session started, ISO 8601, UTC; empty for imported ones."),
        _variable("ended_at_utc", "When the session ended, ISO 8601, UTC; empty while open and for imported ones."),
        _variable("headphone_test", "Headphone test of the last attempt; empty without one."),
        _variable("headphone_score", "Right answers in the last attempt."),
        _variable("headphone_pass", "Whether the last attempt reached the pass mark.", levels=_YES_NO),
        _variable("headphone_attempts", "Attempts at the headphone test."),
        _variable(
            "channel_verdict", "What the last check of left and right found.", levels="ok; swapped; mono; unclear"
        ),
        _variable("n_skipped", "Trials left without an answer because their sound could not be played."),
        _variable("consent_ticks", _help(Session, "consent_ticks")),
        _variable("device_kind", "Kind of device, as the page told it.", levels="desktop; tablet; phone"),
        _variable("step", _help(QuestionAnswer, "step"), levels="eligibility; instructions; questions"),
        _variable("attempt", _help(QuestionAnswer, "attempt")),
        _variable("question", _help(QuestionAnswer, "code")),
        _variable(
            "answer",
            _help(QuestionAnswer, "answer") + " Ages in bands; suppressed what few participants gave.",
        ),
        _variable("fake_is_first", _help(Session, "fake_is_first") + " Empty for imported sessions.", levels=_YES_NO),
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
        _variable("event", _help(ClientEvent, "event")),
        _variable("event_detail", "What the browser said of it: figures and codes; free words are left out."),
        _variable("event_at_utc", "When the server got the report, ISO 8601, UTC."),
        _variable("screening_test", _help(ScreeningAttempt, "test"), levels="channels; antiphase; huggins; beat"),
        _variable("screening_attempt", _help(ScreeningAttempt, "number")),
        _variable("n_screening_trials", _help(ScreeningAttempt, "n_trials")),
        _variable("pass_mark", _help(ScreeningAttempt, "pass_mark")),
        _variable("n_correct", _help(ScreeningAttempt, "n_correct")),
        _variable("passed", "Whether the attempt reached the pass mark. " + _help(ScreeningAttempt, "passed")),
        _variable("screening_verdict", _help(ScreeningAttempt, "verdict"), levels="ok; swapped; mono; unclear"),
        _variable("screening_started_at_utc", "When the attempt started, ISO 8601, UTC."),
        _variable("screening_ended_at_utc", "When the attempt ended, ISO 8601, UTC; empty while open."),
        _variable("screening_trial", _help(ScreeningTrial, "position")),
        _variable("screening_sound", _help(ScreeningTrial, "sound")),
        _variable("right_interval", _help(ScreeningTrial, "right_answer"), levels="1; 2; 3"),
        _variable("chosen_interval", _help(ScreeningTrial, "answer"), levels="1; 2; 3"),
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
