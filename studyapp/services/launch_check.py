"""Look at a draft before its launch: what stands in the way, and what the experimenter should know."""

from dataclasses import dataclass, field

import numpy as np

from studyapp.design import texts
from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.design.orders import Placeable, can_limit_runs
from studyapp.errors import ConfigError
from studyapp.models import Stimulus, Study, StudyVersion
from studyapp.vocab import DCASE_2023_CATEGORIES, Label

LOUDER_THAN_CALIBRATION_DB = 12.0
LONG_SESSION_MIN = 60.0
SECONDS_PER_ANSWER = 4.0  # what answering takes beside listening, for the estimate of a session's length


@dataclass(kw_only=True)
class LaunchCheck:
    """What a launch would meet. `problems` forbid it, `warnings` do not.

    `config` is what the launch would freeze: every default and every category's words written out.
    """

    config: StudyConfig | None = None
    stimuli: list[Stimulus] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    calibration_level_dbfs: float = 0.0


def check_launch(*, study: Study) -> LaunchCheck:
    """Return what can be said of a launch without reading the sounds themselves."""
    check = LaunchCheck()
    try:
        check.config = read_config(study.config)
    except ConfigError as error:
        check.problems += [f"configuration, {path}: {message}" for path, message in error.problems]
        return check
    members = study.stimulus_set.members.select_related("stimulus").order_by("position", "pk")
    check.stimuli = [member.stimulus for member in members]
    if not check.stimuli:
        check.problems.append(f"the set {study.stimulus_set.slug} holds no sounds; import some into it")
        return check
    check.config = _name_categories(check.config, check.stimuli)
    check.calibration_level_dbfs = calibration_level(check.stimuli)
    _check_order(check, check.config)
    _warn_of_config(check, read_config(study.config))
    _warn_of_sounds(check)
    return check


def is_changed(check: LaunchCheck, version: StudyVersion) -> bool:
    """Return whether a launch would freeze another configuration or other sounds than the version holds."""
    if check.config is None or check.config.model_dump(mode="json") != version.config:
        return True
    frozen = version.frozen_stimuli.order_by("pk").values_list("stimulus_id", flat=True)
    return list(frozen) != [stimulus.pk for stimulus in check.stimuli]


def _name_categories(config: StudyConfig, stimuli: list[Stimulus]) -> StudyConfig:
    """Return the configuration with the words of every category of the set written out."""
    names = {
        category: config.task.category_names.get(category)
        or DCASE_2023_CATEGORIES.get(category, category.replace("_", " "))
        for category in sorted({stimulus.category for stimulus in stimuli if stimulus.category})
    }
    return config.model_copy(update={"task": config.task.model_copy(update={"category_names": names})})


def calibration_level(stimuli: list[Stimulus]) -> float:
    """Return the 75th percentile of the clips' RMS levels, dBFS: the level at which participants set their volume."""
    return float(np.percentile([stimulus.level_dbfs for stimulus in stimuli], 75))


def _check_order(check: LaunchCheck, config: StudyConfig) -> None:
    limit = config.order.max_same_label
    items = [Placeable(key=s.pk, label=s.label, category=s.category) for s in check.stimuli]
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


def _warn_of_config(check: LaunchCheck, config: StudyConfig) -> None:
    if config.consent.text == texts.CONSENT:
        check.warnings.append("The consent text is the default one; your ethics board may want its own (consent.text).")
    if config.screening.test == "none":
        check.warnings.append("There is no headphone screening (screening.test: none).")
    known = {stimulus.category for stimulus in check.stimuli}
    unused = sorted(set(config.task.category_names) - known)
    if unused:
        check.warnings.append(f"task.category_names names categories that the set does not hold: {', '.join(unused)}.")


def _warn_of_sounds(check: LaunchCheck) -> None:
    stimuli, level = check.stimuli, check.calibration_level_dbfs
    n_fake = sum(stimulus.label == Label.FAKE for stimulus in stimuli)
    if n_fake in (0, len(stimuli)):
        only = Label.FAKE if n_fake else Label.REAL
        check.warnings.append(f"All sounds are {only.value}: sensitivity (d') cannot be computed from this study.")
    n_doubt = sum(stimulus.label_in_doubt for stimulus in stimuli)
    if n_doubt:
        check.warnings.append(f"The label of {n_doubt} of {len(stimuli)} sounds is in doubt.")
    n_loud = sum(stimulus.level_dbfs > level + LOUDER_THAN_CALIBRATION_DB for stimulus in stimuli)
    if n_loud:
        check.warnings.append(
            f"{n_loud} of {len(stimuli)} sounds are more than {LOUDER_THAN_CALIBRATION_DB:.0f} dB above the level at "
            f"which participants set their volume ({level:.1f} dBFS)."
        )
    minutes = sum(stimulus.duration_s + SECONDS_PER_ANSWER for stimulus in stimuli) / 60
    if minutes > LONG_SESSION_MIN:
        check.warnings.append(f"A session lasts about {minutes:.0f} minutes; listeners tire long before.")
