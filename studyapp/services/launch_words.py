"""Look for words that would tell participants what a sound is, in what they read."""

import json

from django.db.models import Q

from studyapp.design.config import StudyConfig
from studyapp.models import SetMember, StimulusSet, Study

LEAST_LETTERS = 4  # a shorter name stands in too many words by chance
# What no participant reads; names of sounds in attention.clips stay on the server.
NOT_SHOWN = {"slug", "stimulus_set", "attention", "practice", "order", "recruitment", "device"}


def telling_words(study: Study, config: StudyConfig) -> list[str]:
    """Return the generators, teams and tracks of the sounds, practice included, that a text of the study names."""
    shown = json.dumps(config.model_dump(mode="json", exclude=NOT_SHOWN), ensure_ascii=False).lower()
    sets = StimulusSet.objects.filter(Q(pk=study.stimulus_set_id) | Q(slug=config.practice.stimulus_set or ""))
    members = SetMember.objects.filter(stimulus_set__in=sets).order_by()
    rows = members.values_list("stimulus__generator", "stimulus__team", "stimulus__track").distinct()
    names = {name for row in rows for name in row if len(name) >= LEAST_LETTERS}
    return sorted(name for name in names if name.lower() in shown)
