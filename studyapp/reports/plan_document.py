"""The analysis plan as a document: to read on the page, and to deposit where preregistrations are kept."""

from html import escape
from typing import Any

from studyapp.design.config import StudyConfig
from studyapp.design.config_plan import AnalysisPlan
from studyapp.design.markup import render_markdown
from studyapp.models import Study
from studyapp.reports.numbers import percent
from studyapp.selectors.analysis_plan import FrozenPlan

MEASURES = {
    "fake_identified": "the share of fake clips called fake, against 50 %",
    "real_identified": "the share of real clips called real, against 50 %",
    "discrimination": "how much more often “fake” is said of fake clips than of real ones (d' against 0)",
}
TESTS = {
    "crossed_mixed_model": (
        "a mixed logistic model with random intercepts of listeners and clips, crossed, by Laplace approximation; "
        "t with min(listeners, clips) − 1 degrees of freedom"
    ),
    "quasi_t": (
        "the two-way quasi-t of a crossed analysis of variance, with degrees of freedom after Satterthwaite; "
        "complete designs only"
    ),
    "t_over_listeners": "a t test over listeners' shares, which speaks of these clips alone",
}
ACTIONS = {
    "exclude": "ends the session and excludes it",
    "flag": "flags the session, which goes on",
    "record": "is recorded only",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body>
{body}
</body></html>
"""


def plan_sections(config: StudyConfig) -> list[dict[str, Any]]:
    """Return the plan in plain words, as sections with a title and sentences."""
    plan = config.analysis
    return [
        {"title": "Hypotheses", "items": plan.hypotheses or ["None is stated."]},
        {"title": "Primary test", "items": _primary(config)},
        {"title": "Who and what is left out", "items": _exclusions(config)},
        {"title": "When data collection stops", "items": _stopping(config)},
        {"title": "Secondary and exploratory", "items": plan.secondary or ["Nothing is planned."]},
        {"title": "Seed", "items": [f"{plan.seed}, for every bootstrap and permutation."]},
    ]


def _primary(config: StudyConfig) -> list[str]:
    plan = config.analysis
    if not config.task.names_labels:
        return _of_other_task(config.task.type, plan)
    measured = [f"Measured is {MEASURES[measure]}." for measure in plan.primary_measures]
    sides = "both directions" if plan.sides == "two" else "the expected direction only"
    correction = "Holm's correction over the measures" if plan.correction == "holm" else "no correction"
    test = f"The test is {TESTS[plan.primary_test]}."
    level = f"Level {plan.alpha:g}, {sides}, {correction}."
    if plan.margin is None:
        return [*measured, test, level, "No equivalence is tested."]
    margin = percent(plan.margin, 1).replace(".0 %", " %").replace(" %", "")
    return [*measured, test, level, f"What is not found is tested for equivalence to 50 % within ±{margin} points."]


def _of_other_task(task: str, plan: AnalysisPlan) -> list[str]:
    """Return the primary test where no answer calls a sound real or fake: the plan's measures are not for it."""
    if task == "naturalness":
        return ["None: ratings of naturalness are stored and exported, and the program tests nothing of them."]
    sides = "both directions" if plan.sides == "two" else "the expected direction only"
    return [
        "Measured is the share of pairs in which the fake is found, against 50 %; d' = √2 z(share) stands beside it.",
        "The test is a t test over listeners' shares, which speaks of these sounds alone.",
        f"Level {plan.alpha:g}, {sides}.",
    ]


def _exclusions(config: StudyConfig) -> list[str]:
    plan = config.analysis
    attention = config.attention
    checks = [
        (config.channels.enabled, "A failed check of left and right", config.channels.action),
        (
            config.screening.test != "none",
            f"A failed headphone test ({config.screening.test})",
            config.screening.action,
        ),
        (
            attention.clips or attention.beeps,
            f"More than {attention.max_wrong} wrong catch trials: it",
            attention.action,
        ),
    ]
    items = [f"{check} {ACTIONS[action]}." for is_made, check, action in checks if is_made]
    if any(is_made and action == "flag" for is_made, _, action in checks):
        fate = "are left out" if plan.flagged == "leave_out" else "are in"
        items.append(f"Flagged sessions {fate}; the shares are told both ways.")
    incomplete = "are left out" if plan.incomplete == "leave_out" else "are in, with the answers they have"
    items.append(f"Sessions that were not completed {incomplete}.")
    doubt = "are left out" if plan.label_in_doubt == "leave_out" else "are in"
    items.append(f"Clips whose label is in doubt {doubt}.")
    return items + (plan.exclusions or ["No session is excluded by hand."])


def _stopping(config: StudyConfig) -> list[str]:
    plan, items = config.analysis, []
    if plan.stop_at_n is not None:
        items.append(f"At {plan.stop_at_n} completed sessions.")
    if plan.stop_at is not None:
        items.append(f"At the end of {plan.stop_at}.")
    if plan.stopping_rule:
        items.append(plan.stopping_rule)
    return items or ["No rule is stated: results looked at on the way can then decide when it ends."]


def plan_markdown(study: Study, frozen: FrozenPlan | None, config: StudyConfig) -> str:
    """Return the document in Markdown: the same bytes for the same version, or for the same draft.

    `frozen` is the version's plan; None for the draft's.
    """
    lines = [f"# Analysis plan: {config.title}", ""]
    if frozen is None:
        lines += ["**A draft: nothing is frozen yet.**", ""]
    else:
        version = frozen.version
        lines += [
            f"Frozen with version {version.number} of the study `{study.slug}` on "
            f"{version.launched_at.isoformat(timespec='seconds')}.",
            "",
            f"- SHA-256 of the plan: `{frozen.sha256}`",
            f"- SHA-256 of the version (configuration, sounds, code): `{version.sha256}`",
            f"- Earwitness {version.code_version}",
            "",
        ]
    lines += ["## Study", "", *[f"- {item}" for item in design_items(config)], ""]
    for section in plan_sections(config):
        lines += [f"## {section['title']}", "", *[f"- {' '.join(item.split())}" for item in section["items"]], ""]
    return "\n".join(lines)


def design_items(config: StudyConfig) -> list[str]:
    """Return what listeners heard and did, as items of Markdown."""
    heard = "all sounds" if config.order.n_stimuli is None else f"{config.order.n_stimuli} sounds"
    category = "shown" if config.task.show_category else "not shown"
    return [
        f"Stimulus set: `{config.stimulus_set}`",
        f"Task: {config.task.type.replace('_', ' ')}; {config.task.plays} play{'s' * (config.task.plays > 1)} of each "
        f"sound; the category is {category}",
        f"Each listener hears {heard}, and {config.order.n_repeats} a second time",
        f"Headphone test: {config.screening.test}",
    ]


def plan_html(study: Study, frozen: FrozenPlan | None, config: StudyConfig) -> str:
    """Return the document as one HTML page without anything from outside."""
    return PAGE.format(title=escape(config.title), body=render_markdown(plan_markdown(study, frozen, config)))
