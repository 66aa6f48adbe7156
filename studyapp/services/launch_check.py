"""Look at a draft before its launch: what stands in the way, and what the experimenter should know."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.db.models import Count, Q, Sum
from django.utils import timezone

from studyapp.design.check_items import CheckItem, block, blocking, unwise, warn
from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.design.launch_rules import SoundGroup, config_items, label_items, sound_items
from studyapp.design.orders import Placeable
from studyapp.design.pairs import count_left_over
from studyapp.design.recruitment_rules import recruitment_items
from studyapp.design.rule_items import rule_items
from studyapp.design.session_plan import SessionRules, plan_problems
from studyapp.design.words import WORDS
from studyapp.errors import ConfigError
from studyapp.models import StimulusSet, Study, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.services.launch_levels import SoundLevel, level_warnings, plan_levels
from studyapp.services.launch_sounds import launch_sounds, no_sounds, presented_members
from studyapp.services.launch_words import telling_words
from studyapp.vocab import Label, TrialKind


@dataclass(kw_only=True)
class LaunchCheck:
    """What a launch would meet, as far as the draft and its sets say it. `problems` forbid it, `warnings` do not.

    `config` is what the launch would freeze: every default and every category's words written out.
    """

    config: StudyConfig | None = None
    items: list[CheckItem] = field(default_factory=list)
    calibration_level_dbfs: float = 0.0
    n_unmeasured: int = 0  # sounds whose loudness is needed and not known yet

    @property
    def problems(self) -> list[str]:
        return [item.words for item in blocking(self.items)]

    @property
    def warnings(self) -> list[str]:
        return [item.words for item in unwise(self.items)]


def check_launch(*, study: Study) -> LaunchCheck:
    """Return what can be said of a launch from counts and levels alone: no sound is read, and no stimulus loaded."""
    check = LaunchCheck()
    try:
        given = read_config(study.config)
    except ConfigError as error:
        check.items += [
            block("configuration", f"configuration, {path}: {message}", place=path.partition(".")[0])
            for path, message in error.problems
        ]
        return check
    groups = _groups_of(study.stimulus_set, given)
    if not groups:
        check.config = given
        check.items.append(block("no_sounds", no_sounds(study.stimulus_set), place="set"))
        return check
    check.config = _name_categories(given, _practice_groups(given) + groups)
    levels = _plan_levels(check, study, given)
    main = _without_catch(check, study, given, groups)
    _check_order(check, given, main)
    check.items += config_items(given, categories={group.category for group in groups})
    check.items += rule_items(given, n_sounds=sum(group.n for group in main))
    check.items += label_items(given, main)
    check.items += sound_items(given, main, levels, check.calibration_level_dbfs)
    check.items += recruitment_items(given, now=timezone.now())
    telling = telling_words(study, check.config)
    if telling:
        words = f"Participants can read what made a sound: the texts hold {', '.join(telling)}."
        check.items.append(warn("telling_words", words, todo="Take these names out of the texts.", place="consent"))
    return check


def is_changed(*, study: Study, version: StudyVersion) -> bool:
    """Return whether a launch would freeze another configuration, other sounds or other labels than the version."""
    try:
        given = read_config(study.config)
    except ConfigError:
        return True
    groups = _practice_groups(given) + _groups_of(study.stimulus_set, given)
    config = _name_categories(given, groups)
    # Read anew, so that settings which the version's program did not know yet count as their defaults.
    if config.model_dump(mode="json") != frozen_config(version).model_dump(mode="json"):
        return True
    frozen = version.frozen_stimuli.order_by("pk").values_list("stimulus_id", "label", "category")
    own = list(frozen.exclude(role=TrialKind.PRACTICE.value))
    practice = list(frozen.filter(role=TrialKind.PRACTICE.value))
    now = [_sounds_of(study.stimulus_set, given), _sounds_of(_practice_set(given), given)]
    return [own, practice] != now


def _sounds_of(stimulus_set: StimulusSet | None, config: StudyConfig) -> list[tuple[int, str, str]]:
    """Return what a launch would freeze of the set's sounds: key, label, category."""
    if stimulus_set is None:
        return []
    facts = ("stimulus_id", "stimulus__label", "stimulus__category")
    return list(presented_members(stimulus_set, config).values_list(*facts))


def _practice_set(config: StudyConfig) -> StimulusSet | None:
    return StimulusSet.objects.filter(slug=config.practice.stimulus_set or "").first()


def _practice_groups(config: StudyConfig) -> list[SoundGroup]:
    practice = _practice_set(config)
    return _groups_of(practice, config) if practice else []


def _without_catch(check: LaunchCheck, study: Study, config: StudyConfig, groups: list[SoundGroup]) -> list[SoundGroup]:
    """Return the groups of the sounds that are left for main trials, and note what is wrong with the others."""
    if not config.attention.clips and config.practice.stimulus_set is None:
        return groups
    found = launch_sounds(study, config)
    check.items += [block("sounds", words, place="attention") for words in found.problems]
    catch = [each.stimulus for each in found.of(TrialKind.CATCH)]
    left = []
    for group in groups:
        out = [each for each in catch if (each.category, each.label) == (group.category, group.label)]
        if len(out) < group.n:
            seconds = group.duration_s - sum(each.duration_s for each in out)
            left.append(replace(group, n=group.n - len(out), duration_s=seconds))
    return left


def _groups_of(stimulus_set: StimulusSet, config: StudyConfig) -> list[SoundGroup]:
    rows = (
        presented_members(stimulus_set, config)
        .order_by("stimulus__category", "stimulus__label")
        .values_list("stimulus__category", "stimulus__label")
        .annotate(
            n=Count("pk"),
            n_in_doubt=Count("pk", filter=Q(stimulus__label_in_doubt=True)),
            duration_s=Sum("stimulus__duration_s"),
        )
    )
    return [
        SoundGroup(category=category, label=Label(label), n=n, n_in_doubt=n_in_doubt, duration_s=duration_s)
        for category, label, n, n_in_doubt, duration_s in rows
    ]


def _name_categories(config: StudyConfig, groups: list[SoundGroup]) -> StudyConfig:
    """Return the configuration with the words of every category of the set written out."""
    words = WORDS[config.language]
    names = {
        category: config.task.category_names.get(category) or words.category(category)
        for category in sorted({group.category for group in groups if group.category})
    }
    return config.model_copy(update={"task": config.task.model_copy(update={"category_names": names})})


def _plan_levels(check: LaunchCheck, study: Study, config: StudyConfig) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return the levels as presented, dBFS, and note what alignment does and what is left out."""
    fields = [f"stimulus__{name}" for name in SoundLevel._fields]
    sounds = [SoundLevel(*row) for row in presented_members(study.stimulus_set, config).values_list(*fields)]
    n_own = len(sounds)
    practice = _practice_set(config)
    if practice is not None and config.sound.align != "none":
        sounds += [SoundLevel(*row) for row in presented_members(practice, config).values_list(*fields)]
    plan = plan_levels(sounds, n_own=n_own, sound=config.sound)
    check.calibration_level_dbfs = plan.calibration_level_dbfs
    check.n_unmeasured = plan.n_unmeasured
    check.items += [warn("levels", words, place="sound") for words in level_warnings(plan, sounds, config.sound)]
    if config.sound.leave_out_in_doubt:
        n_out = study.stimulus_set.members.count() - n_own
        words = f"{n_out} of {n_out + n_own} sounds are left out, because their label is in doubt."
        check.items.append(warn("left_out", words, todo="sound.leave_out_in_doubt lets them in.", place="sound"))
    return np.array(plan.levels_dbfs)


def _check_order(check: LaunchCheck, config: StudyConfig, groups: list[SoundGroup]) -> None:
    sounds = [(group.label.value, group.category) for group in groups for _ in range(group.n)]
    items = [Placeable(key=key, label=label, category=category) for key, (label, category) in enumerate(sounds)]
    rules = SessionRules.of(config)
    problems = plan_problems(items, rules=rules, n_catch=len(config.attention.clips))
    check.items += [block("order", words, place="order") for words in problems]
    n_left_over = count_left_over(items) if rules.task == "pairs" else 0
    if n_left_over:
        words = f"{n_left_over} sounds have no partner of the other label in their category: not heard."
        check.items.append(warn("left_over", words, todo="Add sounds of the other label.", place="set"))
