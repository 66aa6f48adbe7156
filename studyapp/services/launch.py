"""Launch a study: freeze a version of it. The long work on sounds is done before the write transaction begins."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from studyapp.errors import NotLaunchable
from studyapp.models import AuditEntry, Block, FrozenStimulus, Study, StudyVersion, User
from studyapp.services.launch_check import check_launch
from studyapp.services.launch_copies import PresentationCopy, copy_stimuli, make_screening_sounds
from studyapp.sound.presentation import choose_format
from studyapp.vocab import StudyState, TrialKind


def launch_study(
    *, study: Study, user: User | None = None, progress: Callable[[int, int], None] | None = None
) -> StudyVersion:
    """Freeze the study as it is now into a version, and open it. When nothing changed, the latest version goes on.

    `progress` is called with the sounds done and the sounds in all. Warnings are `check_launch`'s.

    Raises NotLaunchable with every reason.
    """
    check = check_launch(study=study)
    if check.problems or check.config is None:
        raise NotLaunchable("\n".join(check.problems))
    config = check.config
    members = study.stimulus_set.members.select_related("stimulus").order_by("position", "pk")
    stimuli = [member.stimulus for member in members]
    sample_rate_hz, n_channels = choose_format(stimuli)  # type: ignore[arg-type]  # a stimulus holds these facts too
    copies = copy_stimuli(stimuli, sample_rate_hz=sample_rate_hz, n_channels=n_channels, progress=progress)
    facts: dict[str, Any] = {
        "config": config.model_dump(mode="json"),
        "code_version": settings.VERSION,
        "sample_rate_hz": sample_rate_hz,
        "n_channels": n_channels,
        "calibration_level_dbfs": check.calibration_level_dbfs,
        "screening": make_screening_sounds(test=config.screening.test, level_dbfs=check.calibration_level_dbfs),
    }
    sha256 = _fingerprint(facts, copies)
    try:
        with transaction.atomic():
            return _freeze(study, user, facts, copies, sha256)
    except IntegrityError:
        raise NotLaunchable("the study was launched by somebody else at the same time; look at its page") from None


def _freeze(
    study: Study, user: User | None, facts: dict[str, Any], copies: list[PresentationCopy], sha256: str
) -> StudyVersion:
    locked = Study.objects.select_for_update().get(pk=study.pk)
    version = locked.versions.order_by("-number").first()
    if version is None or version.sha256 != sha256:
        number = version.number + 1 if version else 1
        version = StudyVersion.objects.create(study=locked, number=number, sha256=sha256, launched_by=user, **facts)
        Block.objects.create(version=version, position=0, kind=TrialKind.MAIN.value, name="main")
        FrozenStimulus.objects.bulk_create(_frozen(version, copy) for copy in copies)
    locked.state = StudyState.LIVE.value
    locked.save(update_fields=["state", "updated_at"])
    study.state = locked.state
    AuditEntry.objects.create(
        actor=user,
        action="launch_study",
        object_type="study",
        object_id=locked.slug,
        detail={"version": version.number, "sha256": sha256},
    )
    return version


def _frozen(version: StudyVersion, copy: PresentationCopy) -> FrozenStimulus:
    return FrozenStimulus(
        version=version,
        stimulus=copy.stimulus,
        label=copy.stimulus.label,
        category=copy.stimulus.category,
        copy_path=copy.path,
        copy_sha256=copy.sha256,
        duration_s=copy.duration_s,
    )


def _fingerprint(facts: dict[str, Any], copies: list[PresentationCopy]) -> str:
    """Return the SHA-256 of everything that a participant could notice, and of the code that presents it."""
    stimuli = [
        [copy.stimulus.sha256, copy.stimulus.label, copy.stimulus.category, copy.sha256, copy.duration_s]
        for copy in copies
    ]
    content = json.dumps(facts | {"stimuli": stimuli}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
