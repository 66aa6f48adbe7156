"""Analyses are stored, and shown until their data have changed; those of many answers are computed by a worker."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from studyapp.models import StoredAnalysis, Study
from studyapp.models.job import OPEN
from studyapp.selectors.analysis_data import FEW_ANSWERS, data_fingerprint, has_more_answers, is_of_this_code
from studyapp.selectors.analysis_plan import Rules
from studyapp.selectors.answer_tables import answer_tables
from studyapp.selectors.judgements import judgement_frame
from studyapp.services.analysis import analyze_judgements, rules_of
from studyapp.services.jobs import QUEUED_ANEW, Claim, bring_back_if_silent, cancel, do_claimed, enqueue
from studyapp.stats.crossed_components import Components, ContrastComponents, estimate_contrast
from studyapp.vocab import JobState, Label, Origin

REST_S = 60  # a study that goes on changes all the time; its analysis is not begun anew more often by itself
AS_A_WHOLE = Rules(include_incomplete=False, leave_out_in_doubt=False)  # whose spread the power page asks for


@dataclass(frozen=True, kw_only=True)
class Results:
    """An analysis, None before the first was computed; the row that a worker fills, None where none is needed."""

    analysis: dict[str, Any] | None
    row: StoredAnalysis | None = None
    is_stale: bool = False  # the data have changed since


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Variance components of a study's answers, or why there are none; and the row, as in Results."""

    components: ContrastComponents | None
    problem: str = ""
    row: StoredAnalysis | None = None


def results(
    *,
    study: Study,
    origin: Origin,
    include_incomplete: bool | None = None,
    leave_out_in_doubt: bool | None = None,
    include_excluded: bool | None = None,
    leave_out_flagged: bool | None = None,
) -> Results:
    """Return the analysis (see studyapp.services.analysis.analyze) as it is stored.

    Where it is missing or the data have changed, that of few answers is computed and stored at once, and for one of
    many a worker is asked.
    """
    rules = rules_of(
        study=study,
        origin=origin,
        include_incomplete=include_incomplete,
        leave_out_in_doubt=leave_out_in_doubt,
        include_excluded=include_excluded,
        leave_out_flagged=leave_out_flagged,
    )
    if not has_more_answers(study=study, origin=origin, than=FEW_ANSWERS):
        return Results(analysis=_at_once(study, origin, rules))
    row, is_stale = _look_after(study, origin, rules)
    is_shown = row.result and is_of_this_code(row.fingerprint)
    return Results(analysis=json.loads(row.result) if is_shown else None, row=row, is_stale=is_stale)


def fresh_analysis(
    *,
    study: Study,
    origin: Origin,
    include_incomplete: bool | None,
    leave_out_in_doubt: bool | None,
    include_excluded: bool = False,
    leave_out_flagged: bool | None = None,
) -> dict[str, Any]:
    """Return the analysis of the data as they are: the stored one where it is of these, else computed and stored."""
    rules = rules_of(
        study=study,
        origin=origin,
        include_incomplete=include_incomplete,
        leave_out_in_doubt=leave_out_in_doubt,
        include_excluded=include_excluded,
        leave_out_flagged=leave_out_flagged,
    )
    return _at_once(study, origin, rules)


def spread_of(*, study: Study, origin: Origin) -> Spread:
    """Return the variance components of the completed sessions' answers, as `results` returns an analysis."""
    if not has_more_answers(study=study, origin=origin, than=FEW_ANSWERS):
        return Spread(**_read_spread(_spread(_read(study, origin, AS_A_WHOLE))))
    row, _ = _look_after(study, origin, AS_A_WHOLE)
    return Spread(**_read_spread(row.spread), row=row)


def compute_stored(*, analysis_id: int) -> bool:
    """Do a queued analysis; False when another worker has it or it was cancelled or deleted on the way."""
    return do_claimed(job=StoredAnalysis, pk=analysis_id, do=lambda held: _do(analysis_id, held))


def compute_again(*, row: StoredAnalysis) -> bool:
    """Queue an analysis that has ended, however it did; whether it had."""
    rules = _rules_of_row(row)
    return _queue(row, data_fingerprint(study=row.study, origin=Origin(row.origin), rules=rules))


def cancel_analysis(*, row: StoredAnalysis) -> bool:
    """Cancel an analysis; False where it had ended. What was computed before stays."""
    return cancel(StoredAnalysis.objects.filter(pk=row.pk))


def _at_once(study: Study, origin: Origin, rules: Rules) -> dict[str, Any]:
    """Return the analysis of the data as they are, from its row if that is of these, else computed and stored now."""
    now = data_fingerprint(study=study, origin=origin, rules=rules)
    ended = {"wanted": now, "state": JobState.DONE.value, "n_total": 1}
    row, _ = StoredAnalysis.objects.get_or_create(study=study, origin=origin.value, **asdict(rules), defaults=ended)
    if row.fingerprint == now:
        return dict(json.loads(row.result))
    judgements = _read(study, origin, rules)
    computed = _computed(_analyze(study, origin, rules, judgements), judgements, now)
    # Of a row that a withdrawal deleted meanwhile nothing is kept.
    StoredAnalysis.objects.filter(pk=row.pk).update(**computed)
    return dict(json.loads(computed["result"]))  # as the next reader gets it


def _computed(found: dict[str, Any], judgements: pd.DataFrame, fingerprint: str) -> dict[str, Any]:
    """Return what a row says of an analysis; the fingerprint was taken before its answers were read."""
    return {
        "result": json.dumps(found, ensure_ascii=False, allow_nan=False),
        "spread": _spread(judgements),
        "fingerprint": fingerprint,
        "computed_at": timezone.now(),
    }


def _look_after(study: Study, origin: Origin, rules: Rules) -> tuple[StoredAnalysis, bool]:
    """Return the row and whether its result is of data that have changed; ask for a new one where it is time."""
    now = data_fingerprint(study=study, origin=origin, rules=rules)
    row, is_new = StoredAnalysis.objects.get_or_create(
        study=study, origin=origin.value, **asdict(rules), defaults={"wanted": now, "n_total": 1}
    )
    if is_new:
        enqueue(StoredAnalysis, [row.pk])
    elif row.state in OPEN:
        bring_back_if_silent(row)
    elif row.fingerprint != now and _is_due(row, now) and _queue(row, now):
        row.refresh_from_db(fields=[field.name for field in row._meta.fields if field.name != "result"])
    return row, row.fingerprint != now


def _is_due(row: StoredAnalysis, now: str) -> bool:
    """Whether it is begun anew by itself. One that failed or was cancelled is not, until the data are others."""
    if row.state != JobState.DONE.value and row.wanted == now:
        return False
    return row.finished_at is None or row.finished_at < timezone.now() - timedelta(seconds=REST_S)


def _queue(row: StoredAnalysis, wanted: str) -> bool:
    """Queue an ended row; False where somebody was faster, so that two pages start one job."""
    ended = StoredAnalysis.objects.filter(pk=row.pk).exclude(state__in=OPEN)
    is_queued = ended.update(**QUEUED_ANEW, wanted=wanted) == 1
    if is_queued:
        enqueue(StoredAnalysis, [row.pk])
    return is_queued


def _do(analysis_id: int, held: Claim) -> None:
    row = StoredAnalysis.objects.select_related("study__stimulus_set").defer("result").get(pk=analysis_id)
    origin, rules = Origin(row.origin), _rules_of_row(row)
    # Taken first: what changes while the answers are read makes the result stale, and never new numbers look old.
    fingerprint = data_fingerprint(study=row.study, origin=origin, rules=rules)
    judgements = _read(row.study, origin, rules)
    held.beat(now=True)
    computed = _computed(_analyze(row.study, origin, rules, judgements), judgements, fingerprint)
    with transaction.atomic():
        held.finish()
        StoredAnalysis.objects.filter(pk=analysis_id).update(**computed)


def _rules_of_row(row: StoredAnalysis) -> Rules:
    return Rules(
        include_incomplete=row.include_incomplete,
        leave_out_in_doubt=row.leave_out_in_doubt,
        include_excluded=row.include_excluded,
        leave_out_flagged=row.leave_out_flagged,
    )


def _read(study: Study, origin: Origin, rules: Rules) -> pd.DataFrame:
    return judgement_frame(study=study, origin=origin, **asdict(rules))


def _analyze(study: Study, origin: Origin, rules: Rules, judgements: pd.DataFrame) -> dict[str, Any]:
    return analyze_judgements(study=study, origin=origin, rules=rules, judgements=judgements)


def _spread(judgements: pd.DataFrame) -> dict[str, Any]:
    tables = answer_tables(judgements)
    try:
        return {"components": asdict(estimate_contrast(tables[Label.FAKE], tables[Label.REAL]))}
    except ValueError as error:
        return {"problem": str(error)}


def _read_spread(stored: dict[str, Any]) -> dict[str, Any]:
    found = stored.get("components")
    if found is None:
        return {"components": None, "problem": stored.get("problem", "")}
    classes = {name: Components(**found[name]) for name in ("fake", "real")}
    return {"components": ContrastComponents(**classes, difference=found["difference"])}
