"""The analysis of a study: one object with stable keys, documented in docs/analysis_json.md."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from studyapp.models import Study
from studyapp.selectors.analysis import (
    count_failed_headphone,
    default_origin,
    origins_with_sessions,
    session_flow,
)
from studyapp.selectors.judgements import judgement_frame
from studyapp.services.analysis_classes import category_results, class_result
from studyapp.services.analysis_discrimination import discrimination
from studyapp.services.analysis_machines import machine_results
from studyapp.services.analysis_reasons import reason_results
from studyapp.vocab import Label, Origin

FORMAT = 1  # raised when a key is renamed or changes its meaning
CONFIDENCE = 0.95

STAND_IN = "The sounds are synthetic stand-ins for real recordings: nothing here says anything about real sounds."
SEVERAL_VERSIONS = "Answers to versions {numbers} of the study are pooled; the versions may differ in sounds or texts."
INCOMPLETE = "Sessions that were not completed are included."
FAILED_HEADPHONE = "{sessions} in the analysis did not pass the headphone test; such sessions are kept here."
NOT_LIVE = {
    Origin.BOT: "{sessions} by simulated participants; these are no listeners. The numbers test the program.",
    Origin.PILOT: "{sessions} of a pilot, kept apart from the study's data.",
    Origin.PREVIEW: "{sessions} of an experimenter's preview, kept apart from the study's data.",
    Origin.IMPORTED: "{sessions} gathered elsewhere and imported.",
}


def analyze(*, study: Study, origin: Origin | None = None, include_incomplete: bool = False) -> dict[str, Any]:
    """Return the analysis of the answers of one origin; by default the first origin that has answers.

    Proportions are fractions, nothing is rounded, and what is not defined is None. Raises nothing on a study without
    answers: counts are 0 and statistics None.
    """
    origin = origin or default_origin(study)
    judgements = judgement_frame(study=study, origin=origin, include_incomplete=include_incomplete)
    flow = session_flow(study=study, origin=origin, include_incomplete=include_incomplete)
    machines = machine_results(study=study, judgements=judgements)
    return {
        "format": FORMAT,
        "study": _study_facts(study),
        "origin": origin.value,
        "is_data": origin in (Origin.LIVE, Origin.IMPORTED),
        "origins": {found.value: n for found, n in origins_with_sessions(study).items()},
        "includes_incomplete": include_incomplete,
        "confidence": CONFIDENCE,
        "cautions": _cautions(study, origin, flow.started, include_incomplete=include_incomplete),
        "flow": asdict(flow),
        "counts": _counts(judgements),
        "classes": {label.value: class_result(judgements, label) for label in (Label.FAKE, Label.REAL)},
        "discrimination": discrimination(judgements),
        "reasons": reason_results(
            study=study, origin=origin, judgements=judgements, include_incomplete=include_incomplete
        ),
        "categories": category_results(judgements),
        "machines": machines,
    }


def _study_facts(study: Study) -> dict[str, Any]:
    stimulus_set = study.stimulus_set
    return {
        "slug": study.slug,
        "title": study.title,
        "state": study.state,
        "versions": [
            {"number": number, "sha256": sha256}
            for number, sha256 in study.versions.order_by("number").values_list("number", "sha256")
        ],
        "stimulus_set": {
            "slug": stimulus_set.slug,
            "title": stimulus_set.title,
            "caution": stimulus_set.caution,
            "is_stand_in": stimulus_set.is_stand_in,
        },
    }


def _counts(judgements: pd.DataFrame) -> dict[str, int]:
    return {
        "n_listeners": int(judgements["listener"].nunique()),
        "n_clips": int(judgements["clip"].nunique()),
        "n_judgements": len(judgements),
    }


def _cautions(study: Study, origin: Origin, n_sessions: int, *, include_incomplete: bool) -> list[str]:
    """Return what a reader must know before the first number, most important first."""
    cautions = []
    if origin in NOT_LIVE and n_sessions:
        cautions.append(NOT_LIVE[origin].format(sessions=_sessions(n_sessions)))
    if study.stimulus_set.is_stand_in:
        cautions.append(STAND_IN)
    if study.stimulus_set.caution:
        cautions.append(study.stimulus_set.caution)
    numbers = list(
        study.versions.filter(sessions__origin=origin.value)
        .order_by("number")
        .values_list("number", flat=True)
        .distinct()
    )
    if len(numbers) > 1:
        cautions.append(SEVERAL_VERSIONS.format(numbers=", ".join(str(number) for number in numbers)))
    n_failed = count_failed_headphone(study=study, origin=origin, include_incomplete=include_incomplete)
    if n_failed:
        cautions.append(FAILED_HEADPHONE.format(sessions=_sessions(n_failed)))
    if include_incomplete:
        cautions.append(INCOMPLETE)
    return cautions


def _sessions(n: int) -> str:
    return "1 session" if n == 1 else f"{n} sessions"
