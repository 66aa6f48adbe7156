"""Look at a draft before its launch: what stands in the way, and what the experimenter should know."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Count, Q, Sum

from studyapp.design import texts
from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.design.duration import session_minutes
from studyapp.design.orders import Placeable, can_limit_runs
from studyapp.errors import ConfigError
from studyapp.models import Study, StudyVersion
from studyapp.vocab import DCASE_2023_CATEGORIES, Label

LOUDER_THAN_CALIBRATION_DB = 12.0
LONG_SESSION_MIN = 60.0
MAX_NAMED = 8  # categories that a warning names


@dataclass(frozen=True, kw_only=True)
class SoundGroup:
    """The sounds of the set with one category and one label."""

    category: str
    label: Label
    n: int
    n_in_doubt: int
    duration_s: float


@dataclass(kw_only=True)
class LaunchCheck:
    """What a launch would meet. `problems` forbid it, `warnings` do not.

    `config` is what the launch would freeze: every default and every category's words written out.
    """

    config: StudyConfig | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    calibration_level_dbfs: float = 0.0


def check_launch(*, study: Study) -> LaunchCheck:
    """Return what can be said of a launch from counts and levels alone: no sound is read, and no stimulus loaded."""
    check = LaunchCheck()
    try:
        given = read_config(study.config)
    except ConfigError as error:
        check.problems += [f"configuration, {path}: {message}" for path, message in error.problems]
        return check
    groups = _sound_groups(study)
    if not groups:
        check.config = given
        check.problems.append(f"the set {study.stimulus_set.slug} holds no sounds; import some into it")
        return check
    check.config = _name_categories(given, groups)
    levels = np.array(study.stimulus_set.members.values_list("stimulus__level_dbfs", flat=True))
    check.calibration_level_dbfs = calibration_level(levels)
    _check_order(check, given, groups)
    _warn_of_config(check, given, groups)
    _warn_of_labels(check, given, groups)
    _warn_of_sounds(check, groups, levels)
    return check


def is_changed(*, study: Study, version: StudyVersion) -> bool:
    """Return whether a launch would freeze another configuration or other sounds than the version holds."""
    try:
        config = _name_categories(read_config(study.config), _sound_groups(study))
    except ConfigError:
        return True
    if config.model_dump(mode="json") != version.config:
        return True
    frozen = version.frozen_stimuli.order_by("pk").values_list("stimulus_id", flat=True)
    members = study.stimulus_set.members.order_by("position", "pk").values_list("stimulus_id", flat=True)
    return list(frozen) != list(members)


def _sound_groups(study: Study) -> list[SoundGroup]:
    rows = (
        study.stimulus_set.members.order_by("stimulus__category", "stimulus__label")
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
    names = {
        category: config.task.category_names.get(category)
        or DCASE_2023_CATEGORIES.get(category, category.replace("_", " "))
        for category in sorted({group.category for group in groups if group.category})
    }
    return config.model_copy(update={"task": config.task.model_copy(update={"category_names": names})})


def calibration_level(levels_dbfs: "np.ndarray[Any, np.dtype[np.float64]]") -> float:
    """Return the 75th percentile of the clips' RMS levels, dBFS: the level at which participants set their volume."""
    return float(np.percentile(levels_dbfs, 75))


def _check_order(check: LaunchCheck, config: StudyConfig, groups: list[SoundGroup]) -> None:
    limit = config.order.max_same_label
    sounds = [(group.label.value, group.category) for group in groups for _ in range(group.n)]
    items = [Placeable(key=key, label=label, category=category) for key, (label, category) in enumerate(sounds)]
    if limit is None or can_limit_runs(items, limit, kind=config.order.kind):
        return
    if config.order.kind == "random":
        problem = "no order of these sounds keeps to it; raise it or leave it empty"
    else:
        problem = (
            "no order of these sounds was found that keeps to it and each category together; raise it, leave it empty, "
            "or set order.kind to random"
        )
    check.problems.append(f"order.max_same_label is {limit}, but {problem}")


def _warn_of_config(check: LaunchCheck, config: StudyConfig, groups: list[SoundGroup]) -> None:
    if config.consent.text == texts.CONSENT:
        check.warnings.append("The consent text is the default one; your ethics board may want its own (consent.text).")
    if config.screening.test == "none":
        check.warnings.append("There is no headphone screening (screening.test: none).")
    known = {group.category for group in groups}
    unused = sorted(set(config.task.category_names) - known)
    if unused:
        check.warnings.append(f"task.category_names names categories that the set does not hold: {', '.join(unused)}.")


def _warn_of_labels(check: LaunchCheck, config: StudyConfig, groups: list[SoundGroup]) -> None:
    labels = {group.label for group in groups}
    if len(labels) == 1:
        only = labels.pop().value
        check.warnings.append(f"All sounds are {only}: sensitivity (d') cannot be computed from this study.")
    elif config.task.show_category:
        times = Counter(group.category for group in groups)
        alone = [f"{group.category} (all {group.label.value})" for group in groups if times[group.category] == 1]
        if alone:
            shown = ", ".join(alone[:MAX_NAMED]) + (f" and {len(alone) - MAX_NAMED} more" * (len(alone) > MAX_NAMED))
            check.warnings.append(
                "Participants see the category (task.show_category), and its name gives the answer away where all of "
                f"its sounds are of one label: {shown}."
            )
    n_doubt = sum(group.n_in_doubt for group in groups)
    if n_doubt:
        check.warnings.append(f"The label of {n_doubt} of {sum(group.n for group in groups)} sounds is in doubt.")


def _warn_of_sounds(
    check: LaunchCheck, groups: list[SoundGroup], levels: "np.ndarray[Any, np.dtype[np.float64]]"
) -> None:
    level = check.calibration_level_dbfs
    n_loud = int(np.count_nonzero(levels > level + LOUDER_THAN_CALIBRATION_DB))
    if n_loud:
        check.warnings.append(
            f"{n_loud} of {len(levels)} sounds are more than {LOUDER_THAN_CALIBRATION_DB:.0f} dB above the level at "
            f"which participants set their volume ({level:.1f} dBFS)."
        )
    minutes = session_minutes(
        n_sounds=sum(group.n for group in groups), sounds_s=sum(group.duration_s for group in groups)
    )
    if minutes > LONG_SESSION_MIN:
        check.warnings.append(f"A session lasts about {minutes:.0f} minutes; listeners tire long before.")
