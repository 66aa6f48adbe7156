"""Make a version of a study: its sounds first, which takes long, then its rows, in one short transaction."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from studyapp.design.blocks import block_sizes
from studyapp.design.screening_plan import screening_stages
from studyapp.design.session_plan import SessionRules, n_planned
from studyapp.errors import NotLaunchable
from studyapp.models import Block, FrozenStimulus, Study, StudyVersion, User
from studyapp.selectors.study_config import frozen_config
from studyapp.services.launch_check import check_launch
from studyapp.services.launch_copies import PresentationCopy, copy_stimuli, make_sounds
from studyapp.services.launch_levels import level_of, plan_levels
from studyapp.services.launch_sounds import LaunchSound, launch_sounds
from studyapp.services.stimulus_loudness import measure_loudness
from studyapp.sound.presentation import choose_format
from studyapp.vocab import TrialKind

Presented = tuple[LaunchSound, PresentationCopy]


@dataclass(frozen=True, kw_only=True)
class PreparedVersion:
    """Everything that a version will hold. The sounds are in the media storage already; no row is written yet."""

    facts: dict[str, Any]
    presented: list[Presented]
    sha256: str


def prepare_version(*, study: Study, progress: Callable[[int, int], None] | None = None) -> PreparedVersion:
    """Make the sounds of a version of the study as the object has it: minutes for a large set, and no transaction.

    `progress` is called with the copies made and the copies in all; while loudness is measured first, with (0, 0).

    Raises NotLaunchable with every reason.
    """
    say = progress or (lambda done, total: None)
    check = check_launch(study=study)
    if check.n_unmeasured and check.config is not None:
        unmeasured = [each.stimulus for each in launch_sounds(study, check.config).sounds]
        measure_loudness(stimuli=unmeasured, progress=lambda *_: say(0, 0))
        check = check_launch(study=study)
    if check.problems or check.config is None:
        raise NotLaunchable("\n".join(check.problems))
    config = check.config
    sounds = launch_sounds(study, config).sounds
    stimuli = [each.stimulus for each in sounds]
    n_own = sum(each.role is not TrialKind.PRACTICE for each in sounds)
    levels = plan_levels([level_of(each) for each in stimuli], n_own=n_own, sound=config.sound)
    sample_rate_hz, n_channels = choose_format(stimuli)  # type: ignore[arg-type]  # a stimulus holds these facts too
    copies = copy_stimuli(
        stimuli,
        sample_rate_hz=sample_rate_hz,
        n_channels=n_channels,
        gains_db=[each.gain_db for each in levels.gains],
        progress=progress,
    )
    facts: dict[str, Any] = {
        "config": config.model_dump(mode="json"),
        "code_version": settings.VERSION,
        "sample_rate_hz": sample_rate_hz,
        "n_channels": n_channels,
        "calibration_level_dbfs": check.calibration_level_dbfs,
        "screening": make_sounds(
            tests=[stage.test for stage in screening_stages(config)],
            has_beeps=config.attention.beeps > 0,
            level_dbfs=check.calibration_level_dbfs,
        ),
    }
    presented = list(zip(sounds, copies, strict=True))
    return PreparedVersion(facts=facts, presented=presented, sha256=_fingerprint(facts, presented))


def freeze_version(*, locked: Study, prepared: PreparedVersion, user: User | None) -> StudyVersion:
    """Write the version of the locked study; where nothing changed since the latest one, that one goes on."""
    version = locked.versions.order_by("-number").first()
    if version is None or version.sha256 != prepared.sha256:
        number = version.number + 1 if version else 1
        version = StudyVersion.objects.create(
            study=locked, number=number, sha256=prepared.sha256, launched_by=user, **prepared.facts
        )
        _make_blocks(version, [sound for sound, _ in prepared.presented])
        FrozenStimulus.objects.bulk_create(_frozen(version, sound, copy) for sound, copy in prepared.presented)
    return version


def _make_blocks(version: StudyVersion, sounds: list[LaunchSound]) -> None:
    """Make a block for the practice, where there is one, and one for every stretch of trials between two breaks."""
    config = frozen_config(version)
    rules = SessionRules.of(config)
    main = [sound.placeable for sound in sounds if sound.role is TrialKind.MAIN]
    n_trials = n_planned(main, rules=rules, n_catch=sum(sound.role is TrialKind.CATCH for sound in sounds))
    n_blocks = len(block_sizes(n_trials, rules.block_size))
    names = ["main"] if n_blocks == 1 else [f"main {number}" for number in range(1, n_blocks + 1)]
    blocks = [(TrialKind.MAIN, name) for name in names]
    if config.practice.stimulus_set is not None:
        blocks.insert(0, (TrialKind.PRACTICE, "practice"))
    Block.objects.bulk_create(
        Block(version=version, position=position, kind=kind.value, name=name)
        for position, (kind, name) in enumerate(blocks)
    )


def _frozen(version: StudyVersion, sound: LaunchSound, copy: PresentationCopy) -> FrozenStimulus:
    return FrozenStimulus(
        version=version,
        stimulus=copy.stimulus,
        label=copy.stimulus.label,
        category=copy.stimulus.category,
        copy_path=copy.path,
        copy_sha256=copy.sha256,
        duration_s=copy.duration_s,
        gain_db=copy.gain_db,
        role=sound.role.value,
        right_answer=sound.right_answer,
    )


def _fingerprint(facts: dict[str, Any], presented: list[Presented]) -> str:
    """Return the SHA-256 of everything that a participant could notice, and of the code that presents it."""
    stimuli = [
        [
            copy.stimulus.sha256,
            copy.stimulus.label,
            copy.stimulus.category,
            copy.sha256,
            copy.duration_s,
            sound.role.value,
            sound.right_answer,
        ]
        for sound, copy in presented
    ]
    content = json.dumps(facts | {"stimuli": stimuli}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
