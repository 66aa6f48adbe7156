"""The analysis of a study: one object with stable keys, documented in docs/analysis_json.md."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from studyapp.design.config_plan import AnalysisPlan
from studyapp.models import Study
from studyapp.selectors.analysis import (
    Flow,
    analysed_sessions,
    default_origin,
    origins_with_sessions,
    session_flow,
)
from studyapp.selectors.analysis_plan import Rules, deviations, plan_in_force, plan_summary, planned_rules
from studyapp.selectors.judgements import judgement_frame
from studyapp.selectors.monitor import screened
from studyapp.services.analysis_classes import category_results, class_result
from studyapp.services.analysis_design import design_facts
from studyapp.services.analysis_discrimination import discrimination
from studyapp.services.analysis_flagged import with_and_without_flagged
from studyapp.services.analysis_headline import holding_tests, other_tests
from studyapp.services.analysis_machines import machine_results
from studyapp.services.analysis_people import people_results
from studyapp.services.analysis_reasons import reason_results
from studyapp.services.analysis_scales import scale_results, tasks_of
from studyapp.vocab import Label, Origin

FORMAT = 1  # raised when a key is renamed or changes its meaning
CONFIDENCE = 0.95

STAND_IN = "The sounds are synthetic stand-ins for real recordings: nothing here says anything about real sounds."
SEVERAL_VERSIONS = "Answers to versions {numbers} of the study are pooled; the versions may differ in sounds or texts."
INCOMPLETE = "Sessions that were not completed are included, once they have an answer; withdrawn ones never are."
WITH_EXCLUDED = "Excluded sessions are included, to see what leaving them out changes."
FAILED_HEADPHONE = "{sessions} in the analysis did not pass the headphone test; such sessions are kept here."
NOT_LIVE = {
    Origin.BOT: "{sessions} by simulated participants; these are no listeners. The numbers test the program.",
    Origin.PILOT: "{sessions} of a pilot, kept apart from the study's data.",
    Origin.PREVIEW: "{sessions} of an experimenter's preview, kept apart from the study's data.",
    Origin.IMPORTED: "{sessions} gathered elsewhere and imported.",
}

# What a reader must know of a task.
OF_TASK = {
    "naturalness": (
        "Ratings of naturalness are stored and exported, and not analysed here: what follows is without them."
    ),
    "two_interval": (
        "In a pair no single sound is called real or fake: pairs are analysed by themselves, and what else follows is "
        "without them."
    ),
    "rating": "Ratings of 4 to 6 count as fake here, those of 1 to 3 as real; the ROC has the ratings themselves.",
}


def analyze(
    *,
    study: Study,
    origin: Origin | None = None,
    include_incomplete: bool | None = None,
    leave_out_in_doubt: bool | None = None,
    include_excluded: bool | None = None,
    leave_out_flagged: bool | None = None,
) -> dict[str, Any]:
    """Return the analysis of the answers of one origin; by default the first origin that has answers.

    What is None follows the study's plan; what differs from the plan is among the deviations.

    Proportions are fractions, nothing is rounded, and what is not defined is None. Raises nothing on a study without
    answers: counts are 0 and statistics None.
    """
    origin = origin or default_origin(study)
    rules = rules_of(
        study=study,
        origin=origin,
        include_incomplete=include_incomplete,
        leave_out_in_doubt=leave_out_in_doubt,
        include_excluded=include_excluded,
        leave_out_flagged=leave_out_flagged,
    )
    judgements = judgement_frame(study=study, origin=origin, **asdict(rules))
    return analyze_judgements(study=study, origin=origin, rules=rules, judgements=judgements)


def analyze_judgements(*, study: Study, origin: Origin, rules: Rules, judgements: pd.DataFrame) -> dict[str, Any]:
    """Return the analysis of the judgements that were read by these rules; see analyze."""
    flow = session_flow(study=study, origin=origin, **rules.of_sessions)
    machines = machine_results(study=study, origin=origin, judgements=judgements)
    classes = {label.value: class_result(judgements, label) for label in (Label.FAKE, Label.REAL)}
    detection = discrimination(judgements)
    frozen = plan_in_force(study, origin)
    plan = (frozen.plan if frozen else None) or AnalysisPlan()
    tests = holding_tests(frame=judgements, classes=classes, discrimination=detection, plan=plan)
    return {
        "format": FORMAT,
        "study": _study_facts(study),
        "origin": origin.value,
        "is_data": origin in (Origin.LIVE, Origin.IMPORTED),
        "origins": {found.value: n for found, n in origins_with_sessions(study).items()},
        "includes_incomplete": rules.include_incomplete,
        "leaves_out_in_doubt": rules.leave_out_in_doubt,
        "includes_excluded": rules.include_excluded,
        "leaves_out_flagged": rules.leave_out_flagged,
        "design": design_facts(frozen),
        "plan": plan_summary(study, origin),
        "deviations": deviations(study=study, origin=origin, rules=rules, other_tests=other_tests(tests)),
        "confidence": CONFIDENCE,
        "cautions": _cautions(study, origin, flow, rules),
        "flow": asdict(flow),
        "counts": _counts(judgements),
        "classes": classes,
        "with_and_without_flagged": with_and_without_flagged(study, origin, rules, flow, classes),
        "discrimination": detection,
        "tests": tests,
        **scale_results(study=study, origin=origin, rules=rules),
        "reasons": reason_results(study=study, origin=origin, judgements=judgements, seed=plan.seed),
        "categories": category_results(judgements),
        "machines": machines,
        **people_results(study=study, origin=origin, rules=rules, judgements=judgements),
    }


def rules_of(
    *,
    study: Study,
    origin: Origin,
    include_incomplete: bool | None,
    leave_out_in_doubt: bool | None,
    include_excluded: bool | None = None,
    leave_out_flagged: bool | None = None,
) -> Rules:
    """Return which answers are taken in: what is asked for, and, where that is None, what the study's plan says."""
    planned = planned_rules(plan_in_force(study, origin))
    return Rules(
        include_incomplete=planned.include_incomplete if include_incomplete is None else include_incomplete,
        leave_out_in_doubt=planned.leave_out_in_doubt if leave_out_in_doubt is None else leave_out_in_doubt,
        include_excluded=bool(include_excluded),
        leave_out_flagged=planned.leave_out_flagged if leave_out_flagged is None else leave_out_flagged,
    )


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


def _cautions(study: Study, origin: Origin, flow: Flow, rules: Rules) -> list[str]:
    """Return what a reader must know before the first number, most important first."""
    cautions = []
    if origin in NOT_LIVE and flow.started:
        cautions.append(NOT_LIVE[origin].format(sessions=_sessions(flow.started)))
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
    tasks = tasks_of(study, origin)
    cautions += [words for task, words in OF_TASK.items() if task in tasks]
    if len(numbers) > 1:
        cautions.append(SEVERAL_VERSIONS.format(numbers=", ".join(str(number) for number in numbers)))
    n_failed = screened(analysed_sessions(study=study, origin=origin, **rules.of_sessions))[1]
    if n_failed:
        cautions.append(FAILED_HEADPHONE.format(sessions=_sessions(n_failed)))
    if rules.include_incomplete:
        cautions.append(INCOMPLETE)
    if rules.include_excluded and flow.excluded:
        cautions.append(WITH_EXCLUDED)
    return cautions


def _sessions(n: int) -> str:
    return "1 session" if n == 1 else f"{n} sessions"
