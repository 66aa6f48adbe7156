"""What is unwise in a study's configuration and sounds, from their counts and levels alone. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studyapp.design import texts
from studyapp.design.check_items import CheckItem, warn
from studyapp.design.config import StudyConfig
from studyapp.design.config_plan import PAIR_HYPOTHESES, AnalysisPlan
from studyapp.design.duration import session_minutes
from studyapp.design.texts_fr import DEFAULTS_FR
from studyapp.vocab import Label

LOUDER_THAN_CALIBRATION_DB = 12.0
LONG_SESSION_MIN = 60.0
MAX_NAMED = 8  # categories that an item names


@dataclass(frozen=True, kw_only=True)
class SoundGroup:
    """The sounds of the set with one category and one label."""

    category: str
    label: Label
    n: int
    n_in_doubt: int
    duration_s: float


def config_items(config: StudyConfig, *, categories: Collection[str]) -> list[CheckItem]:
    """Return what is unwise in the configuration itself. categories: those of the set."""
    items = []
    if config.consent.text in (texts.CONSENT, DEFAULTS_FR["consent"]["text"]):
        items.append(
            warn(
                "consent_default",
                "The consent text is the default one; your ethics board may want its own (consent.text).",
                todo="Put in your board's text, who runs the study, and whom to write to.",
                place="consent",
            )
        )
    if config.screening.test == "none":
        items.append(
            warn(
                "no_headphone_test",
                "There is no headphone screening (screening.test: none).",
                todo="Choose a test, unless you see your participants' headphones yourself.",
                place="screening",
            )
        )
    unused = sorted(set(config.task.category_names) - set(categories))
    if unused:
        words = f"task.category_names names categories that the set does not hold: {', '.join(unused)}."
        items.append(warn("unused_names", words, todo="Correct or remove them.", place="task"))
    return items + plan_items(config)


def plan_items(config: StudyConfig) -> list[CheckItem]:
    """Return what the analysis plan leaves open."""
    items = []
    if config.analysis in (AnalysisPlan(), AnalysisPlan(hypotheses=PAIR_HYPOTHESES)):
        words = "The analysis plan is the default one."
        todo = "Write down what you will test before the first answer comes: a launch freezes the plan."
        items.append(warn("default_plan", words, todo=todo, place="plan"))
    recruitment, n = config.recruitment, config.analysis.stop_at_n
    n_places = sum(recruitment.groups.places.values()) or recruitment.quota
    if n is None and n_places is None:
        words = "Nothing says how many listeners are enough: neither places nor the plan's stopping rule."
        how = "on the power page" if config.task.names_labels else "from a pilot"
        todo = f"Work it out {how}, then set the quota (recruitment.quota) or analysis.stop_at_n."
        items.append(warn("no_power", words, todo=todo, place="power"))
    elif n is not None and n_places is not None and n_places < n:
        words = f"The plan stops at {n} completed sessions, but there are {n_places} places."
        items.append(warn("places_and_plan", words, todo="Let the two agree.", place="recruitment"))
    return items


def label_items(config: StudyConfig, groups: Sequence[SoundGroup]) -> list[CheckItem]:
    """Return what is unwise in the labels and categories of the main sounds."""
    items = []
    labels = {group.label for group in groups}
    if len(labels) == 1:
        words = f"All sounds are {labels.pop().value}: sensitivity (d') cannot be computed from this study."
        items.append(warn("one_label", words, todo="Add sounds of the other label, such as matched ones.", place="set"))
    elif config.task.show_category:
        times = Counter(group.category for group in groups)
        alone = [f"{group.category} (all {group.label.value})" for group in groups if times[group.category] == 1]
        if alone:
            shown = ", ".join(alone[:MAX_NAMED]) + (f" and {len(alone) - MAX_NAMED} more" * (len(alone) > MAX_NAMED))
            words = (
                "Participants see the category (task.show_category), and its name gives the answer away where all of "
                f"its sounds are of one label: {shown}."
            )
            todo = "Hide the category, or add sounds of the other label to these categories."
            items.append(warn("telling_category", words, todo=todo, place="task"))
    n_doubt = sum(group.n_in_doubt for group in groups)
    if n_doubt:
        words = f"The label of {n_doubt} of {sum(group.n for group in groups)} sounds is in doubt."
        todo = "Listen to them again, or say in the analysis plan that they are left out."
        items.append(warn("label_in_doubt", words, todo=todo, place="set"))
    return items


def sound_items(
    config: StudyConfig,
    groups: Sequence[SoundGroup],
    levels_dbfs: NDArray[np.floating[Any]],
    calibration_dbfs: float,
) -> list[CheckItem]:
    """Return what is unwise in the sounds' levels and number.

    Parameters
    ----------
    levels_dbfs
        (n,) RMS levels of all sounds of the set, dBFS.
    calibration_dbfs
        The level at which participants set their volume, dBFS.
    """
    items = []
    n_loud = int(np.count_nonzero(levels_dbfs > calibration_dbfs + LOUDER_THAN_CALIBRATION_DB))
    if n_loud:
        words = (
            f"{n_loud} of {len(levels_dbfs)} sounds are more than {LOUDER_THAN_CALIBRATION_DB:.0f} dB above the level "
            f"at which participants set their volume ({calibration_dbfs:.1f} dBFS)."
        )
        todo = "Take them out of the set, or align the levels."
        items.append(warn("loud_sounds", words, todo=todo, place="set"))
    n_sounds, sounds_s = sum(group.n for group in groups), sum(group.duration_s for group in groups)
    n_heard = n_sounds if config.order.n_stimuli is None else min(config.order.n_stimuli, n_sounds)
    n_heard += config.order.n_repeats
    minutes = session_minutes(n_sounds=n_heard, sounds_s=sounds_s * n_heard / max(n_sounds, 1))
    if minutes > LONG_SESSION_MIN:
        words = f"A session lasts about {minutes:.0f} minutes; listeners tire long before."
        todo = "Let each session hear a part of the sounds (order.n_stimuli)."
        items.append(warn("long_session", words, todo=todo, place="order"))
    return items
