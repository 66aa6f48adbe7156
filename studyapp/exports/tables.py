"""The tables of an export: for each, its columns and a stream of rows. Pseudonymous: no token, no recruiter's id."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db.models import QuerySet

from studyapp.design.answers import BEEPS, asks_reason
from studyapp.exports.answers import ANSWER_HEADER, answer_rows
from studyapp.exports.cells import ASKED_UNANSWERED
from studyapp.exports.records import (
    ATTEMPT_HEADER,
    EVENT_HEADER,
    SCREENING_TRIAL_HEADER,
    attempt_rows,
    event_rows,
    screening_trial_rows,
)
from studyapp.models import FrozenStimulus, MachineScore, Session, Study
from studyapp.selectors.analysis import sessions_of
from studyapp.selectors.judgement_sessions import SessionFacts, session_facts
from studyapp.selectors.judgement_stream import Judgement, iter_judgements, judgements_of
from studyapp.vocab import Origin


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table to be written: the word that names its file, its columns, its rows."""

    description: str
    header: list[str]
    rows: Iterable[list[Any]]


def tables(study: Study, origin: Origin) -> list[Table]:
    """Return every table of the study's export. Rows are read when they are written."""
    return [
        trials_table(study, origin),
        _table("reasons", _REASON_COLUMNS, _reasons_of(iter_judgements(study=study, origin=origin))),
        _table("sessions", _SESSION_COLUMNS, _session_sources(study, origin)),
        Table(description="answers", header=ANSWER_HEADER, rows=answer_rows(study, origin)),
        _table("stimuli", _STIMULUS_COLUMNS, _stimulus_sources(study)),
        _table("predictions", _PREDICTION_COLUMNS, _prediction_sources(study)),
        Table(description="events", header=EVENT_HEADER, rows=event_rows(study, origin)),
        Table(description="screening", header=ATTEMPT_HEADER, rows=attempt_rows(study, origin)),
        Table(description="screeningtrials", header=SCREENING_TRIAL_HEADER, rows=screening_trial_rows(study, origin)),
    ]


def trials_table(study: Study, origin: Origin) -> Table:
    """Return the long table of judgements: one row for each answered trial; `phase` says what it was for."""
    return _table("trials", _TRIAL_COLUMNS, iter_judgements(study=study, origin=origin))


def session_tables(chosen: Iterable[tuple[Study, QuerySet[Session]]]) -> list[Table]:
    """Return trials, reasons and sessions of some sessions of each study, the studies one after the other."""
    kept = list(chosen)

    def judged() -> Iterator[Judgement]:
        for study, sessions in kept:
            yield from judgements_of(study=study, sessions=sessions)

    facts = (each for study, some in kept for each in session_facts(study=study, sessions=some).values())
    return [
        _table("trials", _TRIAL_COLUMNS, judged()),
        _table("reasons", _REASON_COLUMNS, _reasons_of(judged())),
        _table("sessions", _SESSION_COLUMNS, facts),
    ]


def judgement_cells(judgement: Judgement) -> dict[str, Any]:
    """Return the columns of the long table for one judgement, row_id left out."""
    return {name: get(judgement) for name, get in _TRIAL_COLUMNS.items()}


def _table(description: str, columns: dict[str, Callable[[Any], Any]], sources: Iterable[Any]) -> Table:
    return Table(description=description, header=["row_id", *columns], rows=_rows(columns, sources))


def _rows(columns: dict[str, Callable[[Any], Any]], sources: Iterable[Any]) -> Iterator[list[Any]]:
    for number, source in zip(count(1), sources, strict=False):
        yield [number, *(get(source) for get in columns.values())]


def _session_sources(study: Study, origin: Origin) -> Iterator[SessionFacts]:
    yield from session_facts(study=study, sessions=sessions_of(study=study, origin=origin)).values()


def _reasons_of(judgements: Iterable[Judgement]) -> Iterator[tuple[Judgement, str, str]]:
    for judgement in judgements:
        for code, text in judgement.reasons:
            yield judgement, code, text


def _stimulus_sources(study: Study) -> Iterator[FrozenStimulus]:
    frozen = FrozenStimulus.objects.filter(version__study=study).select_related("stimulus", "version")
    yield from frozen.order_by("version__number", "pk").iterator(2000)


def _prediction_sources(study: Study) -> Iterator[tuple[MachineScore, str]]:
    """Yield each machine's word on each clip, with the label of the clip's latest version."""
    labels = dict(
        FrozenStimulus.objects.filter(version__study=study)
        .order_by("version__number", "pk")
        .values_list("stimulus_id", "label")
    )
    scores = MachineScore.objects.filter(stimulus__in=labels).select_related("machine")
    for score in scores.order_by("machine", "stimulus").iterator(2000):
        yield score, labels[score.stimulus_id]


def _asked(judgement: Judgement) -> bool:
    is_pair = judgement.second is not None
    task = BEEPS if judgement.builtin else "two_interval" if is_pair else "yes_no"
    return asks_reason(judgement.session.reason_rule, task=task, choice=judgement.choice)


def _reasons(judgement: Judgement) -> Any:
    codes = [code for code, _ in judgement.reasons]
    return codes or (ASKED_UNANSWERED if _asked(judgement) else None)


def _of_session(get: Callable[[SessionFacts], Any]) -> Callable[[Judgement], Any]:
    return lambda judgement: get(judgement.session)


def _of_sound(get: Callable[[FrozenStimulus], Any]) -> Callable[[Judgement], Any]:
    """Read a fact of the first interval's sound; empty for a built-in one."""
    return lambda judgement: get(judgement.frozen) if judgement.frozen else None


_WHO: dict[str, Callable[[SessionFacts], Any]] = {
    "study_id": lambda session: session.study_slug,
    "study_version": lambda session: session.version_number,
    "session_id": lambda session: session.session_id,
    "subject_id": lambda session: session.pseudonym,
    "recruiter": lambda session: session.recruiter,
    "origin": lambda session: session.origin,
    "group": lambda session: session.group,
    "is_pilot": lambda session: session.is_pilot,
    "outcome": lambda session: session.outcome,
    "excluded": lambda session: bool(session.excluded_by),
    "exclusion_rule": lambda session: session.excluded_by,
    "flagged": lambda session: bool(session.flagged_for),
    "flag_rule": lambda session: session.flagged_for,
    "analysed": lambda session: session.is_analysed,
}
_EQUIPMENT: dict[str, Callable[[SessionFacts], Any]] = {
    "sample_rate": lambda session: session.sample_rate_hz,
    "headphone_test": lambda session: session.headphone_test,
    "headphone_score": lambda session: session.headphone_score,
    "headphone_pass": lambda session: session.headphone_pass,
}
_TRIAL_COLUMNS: dict[str, Callable[[Judgement], Any]] = {
    **{name: _of_session(get) for name, get in _WHO.items()},
    "analysed": lambda judgement: judgement.is_analysed,
    "block": lambda judgement: judgement.block,
    "phase": lambda judgement: judgement.kind,
    "builtin_sound": lambda judgement: judgement.builtin,
    "trial_id": lambda judgement: judgement.trial_id,
    "trial_order": lambda judgement: judgement.trial_order,
    "stimulus_id": _of_sound(lambda frozen: frozen.stimulus_id),
    "stimulus_sha256": _of_sound(lambda frozen: frozen.stimulus.sha256),
    "second_stimulus_id": lambda judgement: judgement.second.stimulus_id if judgement.second else None,
    "truth": _of_sound(lambda frozen: frozen.label),
    "sound_class": _of_sound(lambda frozen: frozen.category),
    "generator": _of_sound(lambda frozen: frozen.stimulus.generator),
    "choice": lambda judgement: judgement.choice,
    "value": lambda judgement: judgement.value,
    # Judgements gathered elsewhere do not say where the answers stood, nor when they were given.
    "choice_position": lambda judgement: None if judgement.session.is_imported else judgement.choice_position,
    "correct": lambda judgement: judgement.is_correct,
    "confidence": lambda judgement: judgement.confidence,
    "response_source": lambda judgement: judgement.response_source,
    "rt_from_onset_ms": lambda judgement: judgement.rt_from_onset_ms,
    "rt_from_offset_ms": lambda judgement: judgement.rt_from_offset_ms,
    "n_plays": lambda judgement: len(judgement.plays),
    "heard_full": lambda judgement: any(ended is not None for _, ended, _ in judgement.plays),
    "reasons": _reasons,
    "reason_other": lambda judgement: [text for _, text in judgement.reasons if text],
    "reason_order": lambda judgement: judgement.reason_order,
    "reason_rt_ms": lambda judgement: judgement.reason_rt_ms,
    "blur_count": lambda judgement: judgement.session.blurs.get(judgement.trial_order, 0),
    "output_latency_ms": lambda judgement: judgement.plays[-1][2] if judgement.plays else None,
    "presented_at_utc": lambda judgement: judgement.plays[0][0] if judgement.plays else None,
    "answered_at_utc": lambda judgement: None if judgement.session.is_imported else judgement.answered_at,
    **{name: _of_session(get) for name, get in _EQUIPMENT.items()},
}
_REASON_COLUMNS: dict[str, Callable[[tuple[Judgement, str, str]], Any]] = {
    "study_id": lambda given: given[0].session.study_slug,
    "session_id": lambda given: given[0].session.session_id,
    "subject_id": lambda given: given[0].session.pseudonym,
    "analysed": lambda given: given[0].is_analysed,
    "trial_id": lambda given: given[0].trial_id,
    "phase": lambda given: given[0].kind,
    "stimulus_id": lambda given: _of_sound(lambda frozen: frozen.stimulus_id)(given[0]),
    "truth": lambda given: _of_sound(lambda frozen: frozen.label)(given[0]),
    "sound_class": lambda given: _of_sound(lambda frozen: frozen.category)(given[0]),
    "choice": lambda given: given[0].choice,
    "reason": lambda given: given[1],
    "reason_text": lambda given: given[2],
}
_SESSION_COLUMNS: dict[str, Callable[[SessionFacts], Any]] = {
    **_WHO,
    "started_at_utc": lambda session: session.started_at,
    "ended_at_utc": lambda session: session.ended_at,
    "duration_s": lambda session: session.duration_s,
    "n_trials": lambda session: session.n_trials,
    "n_answers": lambda session: session.n_answers,
    "fake_is_first": lambda session: None if session.is_imported else session.fake_is_first,
    **_EQUIPMENT,
    "headphone_attempts": lambda session: session.headphone_attempts,
    "channel_verdict": lambda session: session.channel_verdict,
    "n_skipped": lambda session: session.n_skipped,
    "consent_ticks": lambda session: session.consent_ticks,
    "device_kind": lambda session: session.device_kind,
}
_STIMULUS_COLUMNS: dict[str, Callable[[FrozenStimulus], Any]] = {
    "study_version": lambda frozen: frozen.version.number,
    "stimulus_id": lambda frozen: frozen.stimulus_id,
    "stimulus_sha256": lambda frozen: frozen.stimulus.sha256,
    "copy_sha256": lambda frozen: frozen.copy_sha256,
    "stimulus_name": lambda frozen: frozen.stimulus.name,
    "truth": lambda frozen: frozen.label,
    "sound_class": lambda frozen: frozen.category,
    "generator": lambda frozen: frozen.stimulus.generator,
    "team": lambda frozen: frozen.stimulus.team,
    "track": lambda frozen: frozen.stimulus.track,
    "source_group": lambda frozen: frozen.stimulus.source_group,
    "original_split": lambda frozen: frozen.stimulus.original_split,
    "label_in_doubt": lambda frozen: frozen.stimulus.label_in_doubt,
    "duration_s": lambda frozen: frozen.duration_s,
    "level_dbfs": lambda frozen: frozen.stimulus.level_dbfs,
    "loudness_lufs": lambda frozen: frozen.stimulus.loudness_lufs,
    "gain_db": lambda frozen: frozen.gain_db,
}
_PREDICTION_COLUMNS: dict[str, Callable[[tuple[MachineScore, str]], Any]] = {
    "stimulus_id": lambda said: said[0].stimulus_id,
    "detector": lambda said: said[0].machine.slug,
    "detector_version": lambda said: said[0].machine.provenance.get("version"),
    "score": lambda said: said[0].fake_score,
    "threshold": lambda said: said[0].machine.threshold if said[0].fake_score is not None else None,
    "predicted": lambda said: said[0].decision,
    "correct": lambda said: said[0].decision == said[1],
    "split": lambda said: said[0].split,
}
