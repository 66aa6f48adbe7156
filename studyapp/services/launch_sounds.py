"""Say which sounds a launch presents, and as what: main trials, catch trials, practice."""

import hashlib
import json
from dataclasses import dataclass, field

from django.db.models import QuerySet

from studyapp.design.clip_names import find_clips
from studyapp.design.config import StudyConfig
from studyapp.design.orders import Placeable
from studyapp.models import SetMember, Stimulus, StimulusSet, Study
from studyapp.vocab import TrialKind


@dataclass(frozen=True, kw_only=True)
class LaunchSound:
    """A stimulus and its part in the study. `right_answer` is that of a catch trial."""

    stimulus: Stimulus
    role: TrialKind
    right_answer: str = ""

    @property
    def placeable(self) -> Placeable:
        return Placeable(key=self.stimulus.pk, label=self.stimulus.label, category=self.stimulus.category)


@dataclass(kw_only=True)
class LaunchSounds:
    """The sounds in the order of their sets, and what is wrong with them."""

    sounds: list[LaunchSound] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def of(self, role: TrialKind) -> list[LaunchSound]:
        return [each for each in self.sounds if each.role is role]


def launch_sounds(study: Study, config: StudyConfig) -> LaunchSounds:
    """Return the sounds that the configuration asks for. Two queries, three with practice."""
    found = LaunchSounds()
    stimuli = [member.stimulus for member in presented_members(study.stimulus_set, config)]
    if not stimuli:
        found.problems.append(no_sounds(study.stimulus_set))
        return found
    catch = _named(found, stimuli, config)
    if catch and config.task.type in ("naturalness", "two_interval"):
        found.problems.append(
            f"attention.clips: real and fake are no answers of task.type {config.task.type}; take attention.beeps"
        )
    for stimulus in stimuli:
        answer = catch.get(stimulus.pk, "")
        role = TrialKind.CATCH if answer else TrialKind.MAIN
        found.sounds.append(LaunchSound(stimulus=stimulus, role=role, right_answer=answer))
    if not found.of(TrialKind.MAIN):
        found.problems.append("attention.clips names every sound of the set; none is left for main trials")
    if config.practice.stimulus_set is not None:
        _add_practice(found, study, config)
    return found


def sounds_digest(study: Study, config: StudyConfig) -> tuple[int, str]:
    """Return how many sounds a launch would present, and the SHA-256 of what they are, what is said of them, and their
    order: another one says that a set was changed. At most three queries; no stimulus is loaded.
    """
    practice = StimulusSet.objects.filter(slug=config.practice.stimulus_set or "").first()
    fields = ("stimulus_id", "stimulus__sha256", "stimulus__label", "stimulus__category")
    sets = [study.stimulus_set] if practice is None else [study.stimulus_set, practice]
    rows = [list(presented_members(each, config).values_list(*fields)) for each in sets]
    return sum(len(each) for each in rows), hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def presented_members(stimulus_set: StimulusSet, config: StudyConfig) -> QuerySet[SetMember]:
    """Return the set's members that a launch presents, in their order: all, or those whose label is not in doubt."""
    members = stimulus_set.members.select_related("stimulus").order_by("position", "pk")
    return members.exclude(stimulus__label_in_doubt=True) if config.sound.leave_out_in_doubt else members


def no_sounds(stimulus_set: StimulusSet) -> str:
    """Return in words that there is nothing to present, and what to do."""
    if stimulus_set.members.exists():
        return (
            f"the label of every sound of the set {stimulus_set.slug} is in doubt, and sound.leave_out_in_doubt leaves "
            "such sounds out"
        )
    return f"the set {stimulus_set.slug} holds no sounds; import some into it"


def _named(found: LaunchSounds, stimuli: list[Stimulus], config: StudyConfig) -> dict[int, str]:
    """Return the right answer by the key of each sound that attention.clips names, by name or unique file stem."""
    keys = find_clips({stimulus.pk: stimulus.name for stimulus in stimuli}, config.attention.clips)
    answers: dict[int, str] = {}
    for name, answer in config.attention.clips.items():
        key = keys[name]
        if key is None:
            found.problems.append(f"attention.clips: no sound of the set has the name {name!r} (or it has several)")
        else:
            answers[key] = answer
    return answers


def _add_practice(found: LaunchSounds, study: Study, config: StudyConfig) -> None:
    slug = config.practice.stimulus_set
    practice = StimulusSet.objects.filter(slug=slug).first()
    if practice is None:
        found.problems.append(f"practice.stimulus_set: there is no set {slug!r}")
        return
    members = presented_members(practice, config)
    taken = {each.stimulus.pk for each in found.sounds}
    for member in members:
        if member.stimulus.pk in taken:
            found.problems.append(f"practice.stimulus_set: {member.stimulus.name} is a sound of the study itself")
            return
        found.sounds.append(LaunchSound(stimulus=member.stimulus, role=TrialKind.PRACTICE))
    if not members:
        found.problems.append(f"practice.stimulus_set: {no_sounds(practice)}")
