"""What the report shows beside the sections of the results page."""

from datetime import datetime
from typing import Any

from studyapp.models import Study
from studyapp.reports.analysis_page import analysis_page
from studyapp.reports.machine_page import machine_page
from studyapp.reports.plan_document import design_items, plan_sections
from studyapp.selectors.analysis_plan import plan_in_force
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import Origin


def report_page(*, study: Study, origin: Origin, analysis: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Return the template's context. facts: as studyapp.selectors.report_facts.report_facts gives them."""
    in_force = plan_in_force(study, origin)
    config = frozen_config(in_force.version) if in_force else None
    return {
        "study": study,
        "in_report": True,
        **analysis_page(analysis),
        "machine_pages": [machine_page(each, sounds={}) for each in analysis["machines"] if each["n_clips"]],
        "facts": facts,
        "data_of": datetime.fromisoformat(facts["data_changed_at"]),
        "design": [item.replace("`", "") for item in design_items(config)] if config else [],
        "plan_sections": plan_sections(config) if config and in_force and in_force.plan else [],
        "hashes": [(words, facts[key]) for words, key in HASHES if facts[key]],
        "software": [
            facts["program"],
            f"Python {facts['python']}",
            *(" ".join(of) for of in facts["libraries"].items()),
        ],
    }


HASHES = (
    ("Data: sessions, exclusions, versions, machine scores, and the code that read them", "data_sha256"),
    ("Code that makes the numbers", "code_sha256"),
    ("Analysis plan", "plan_sha256"),
)
