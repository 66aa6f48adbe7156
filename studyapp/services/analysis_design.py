"""What an analysis says of how the study was run, so that its methods can be written from it alone."""

from dataclasses import asdict
from typing import Any

from django.conf import settings

from studyapp.design.screening_plan import screening_stages
from studyapp.selectors.analysis_plan import FrozenPlan
from studyapp.selectors.study_config import frozen_config


def design_facts(frozen: FrozenPlan | None) -> dict[str, Any] | None:
    """Return the settings of the version whose plan is in force; None of a study that was never launched."""
    if frozen is None:
        return None
    config = frozen_config(frozen.version)
    return {
        "software_version": settings.VERSION,
        "version": frozen.version.number,
        "task": config.task.type,
        "plays": config.task.plays,
        "shows_category": config.task.show_category,
        "order": config.order.kind,
        "n_stimuli": config.order.n_stimuli,
        "n_repeats": config.order.n_repeats,
        "screening": [asdict(stage) for stage in screening_stages(config)],
        "attention": {
            "n_trials": len(config.attention.clips) + config.attention.beeps,
            "max_wrong": config.attention.max_wrong,
            "action": config.attention.action,
        },
    }
