"""Make the tags of experimenters the menu of reasons of a study."""

import copy
from typing import Any

from studyapp.design.clip_tags import reason_items
from studyapp.design.config_reading import read_config
from studyapp.errors import ChangeRefused
from studyapp.models import StimulusSet, Study, User
from studyapp.selectors.stimulus_filter import count_tags
from studyapp.services.audit import record_audit
from studyapp.services.study_create import change_study
from studyapp.vocab import StudyState


def items_of_tags(stimulus_set: StimulusSet) -> list[dict[str, Any]]:
    """Return the menu made of the tags in use in the set, the most frequent first; empty without tags."""
    tags = [tag for tag, _ in count_tags(stimulus_set)]
    return reason_items(tags) if tags else []


def use_tags_as_reasons(*, user: User, stimulus_set: StimulusSet, study: Study) -> Study:
    """Replace the draft study's menu of reasons by the set's tags.

    Raises ChangeRefused without tags and for a study that is no draft, ConfigError where its configuration is wrong.
    """
    items = items_of_tags(stimulus_set)
    if not items:
        raise ChangeRefused("No clip of this set has a tag yet. Listen through it and tag what you hear.")
    if study.state != StudyState.DRAFT:
        raise ChangeRefused(
            f"{study} was launched, and its reasons are its own. Choose a draft, or duplicate the study."
        )
    read_config(study.config)  # what lies around the menu has the form that it must have
    config: dict[str, Any] = copy.deepcopy(study.config)
    task = config.setdefault("task", {})
    task.setdefault("reasons", {})["items"] = items
    changed = change_study(study=study, config=config, user=user)
    record_audit(
        actor=user,
        action="tags_to_reasons",
        object_type="study",
        object_id=study.slug,
        detail={"stimulus_set": stimulus_set.slug, "codes": [item["code"] for item in items]},
    )
    return changed
