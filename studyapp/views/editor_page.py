"""What a page of the study editor shows."""

from typing import Any

from studyapp.design.config_change import default_config, filled, leaf_settings, put_value
from studyapp.design.config_reading import read_config
from studyapp.design.editor_sections import EditorSection, editor_sections
from studyapp.errors import ConfigError
from studyapp.forms.settings import Row, Sources, make_rows
from studyapp.forms.study import set_choices
from studyapp.models import Study, User
from studyapp.reports.screening_table import rule_words, screening_rows
from studyapp.selectors.draft_estimate import draft_estimate
from studyapp.selectors.launches import open_launch
from studyapp.selectors.stimulus_sets import list_sets
from studyapp.selectors.study_revisions import redo_target, undo_target
from studyapp.services.launch_check import is_changed

MAX_SUGGESTED = 300


def editor_context(
    user: User,
    study: Study,
    section: EditorSection,
    *,
    entered: dict[str, Any] | None = None,
    problems: list[tuple[str, str]] | None = None,
    said: str = "",
) -> dict[str, Any]:
    """Return the context of the section's page. `entered` are values by path that were not stored."""
    values = filled(study.config)
    for path, value in (entered or {}).items():
        put_value(values, path, value)
    sources = _sources(user, study, section.code, values, problems or [])
    latest = study.versions.order_by("-number").first()
    sections = editor_sections()
    following = [each.code for each in sections].index(section.code) + 1
    return {
        "study": study,
        "tab": "edit",
        "section": section,
        "sections": sections,
        "next_section": sections[following] if following < len(sections) else None,
        "rows": make_rows(section.settings, sources),
        "n_problems": len(problems or []),
        "problems": [f"{path}: {message}" if path else message for path, message in problems or []],
        "said": said,
        "broken": _broken(study),
        "estimate": estimate_words(study),
        "can_undo": undo_target(study) is not None,
        "can_redo": redo_target(study) is not None,
        "screens": section.screens,
        "latest": latest,
        "launch": open_launch(study),
        "differs_from_latest": latest is not None and is_changed(study=study, version=latest),
        "screening_rows": screening_rows() if section.code == "screening" else [],
    }


def setting_row(user: User, study: Study, path: str) -> Row:
    """Return the row of one setting as it is stored now."""
    setting = leaf_settings()[path]
    section = "about" if "." not in path else path.split(".")[0]
    return make_rows((setting,), _sources(user, study, section, filled(study.config), []))[0]


def estimate_words(study: Study) -> dict[str, Any]:
    """Return how long a session takes: minutes and words for the page. Empty words where the draft cannot be read."""
    try:
        estimate = draft_estimate(study, read_config(study.config))
    except ConfigError:
        return {"minutes": 0, "words": "", "parts": ""}
    parts = [(estimate.reading, "reading"), (estimate.tests, "tests of the device"), (estimate.trials, "trials")]
    return {
        "minutes": round(estimate.minutes, 1),
        "words": f"about {max(1, round(estimate.minutes))} min, {estimate.n_trials} trials",
        "parts": ", ".join(f"{minutes:.1f} min {name}" for minutes, name in parts),
    }


def _sources(
    user: User, study: Study, section: str, values: dict[str, Any], problems: list[tuple[str, str]]
) -> Sources:
    offered: dict[str, list[tuple[str, str]]] = {}
    suggested: dict[str, list[str]] = {}
    if section in ("about", "practice"):
        sets = set_choices(list_sets(user))
        own = study.stimulus_set
        known = sets if any(name == own.slug for name, _ in sets) else [(own.slug, own.slug), *sets]
        offered = {"stimulus_set": known, "practice.stimulus_set": sets}
    members = study.stimulus_set.members
    if section == "task":
        categories = members.values_list("stimulus__category", flat=True).distinct().order_by("stimulus__category")
        suggested = {"task.category_names": list(categories[:MAX_SUGGESTED])}
    if section == "attention":
        names = members.values_list("stimulus__name", flat=True).order_by("position")
        suggested = {"attention.clips": list(names[:MAX_SUGGESTED])}
    return Sources(
        values=values,
        defaults=default_config(study.config),
        problems=problems,
        offered=offered,
        suggested=suggested,
        notes=setting_notes(study),
    )


def setting_notes(study: Study) -> dict[str, str]:
    """Return what follows from the stored draft, by the path of the setting that it is told at; see Row.note."""
    try:
        screening = read_config(study.config).screening
    except ConfigError:
        return {"screening.pass_mark": ""}
    return {"screening.pass_mark": rule_words(screening)}


def _broken(study: Study) -> list[str]:
    """Return what is wrong with the stored draft: older ones, or ones stored around the editor, can be."""
    try:
        read_config(study.config)
    except ConfigError as error:
        return error.words
    return []
