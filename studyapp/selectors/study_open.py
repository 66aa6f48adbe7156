"""What a person without a session may know of a study."""

import math
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from studyapp.design.duration import session_minutes
from studyapp.design.screening_plan import screening_stages
from studyapp.models import StudyVersion
from studyapp.selectors.places import is_over, why_full
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import StudyState, TrialKind


def latest_version(slug: str) -> StudyVersion | None:
    """Return the study's latest launched version with its study, whatever the study's state; None without one."""
    return StudyVersion.objects.filter(study__slug=slug).select_related("study").order_by("-number").first()


def admits(version: StudyVersion, *, pilot: bool = False) -> bool:
    """Return whether the version's study lets people in: a live one until its closing time, with the pilot link in the
    pilot too. One that is closed because its places are completed lets them as far as the exit that says so, with the
    code that their recruiter expects.
    """
    state, recruitment = version.study.state, frozen_config(version).recruitment
    if pilot:
        return state in (StudyState.PILOT, StudyState.LIVE)
    if is_over(recruitment, now=timezone.now()):
        return False
    return state == StudyState.LIVE or (state == StudyState.CLOSED and bool(why_full(version.study_id, recruitment)))


def estimated_minutes(version: StudyVersion) -> int:
    """Return about how long a session of the version takes, whole minutes, rounded up; at least 1."""
    config = frozen_config(version)
    heard = version.frozen_stimuli.exclude(role=TrialKind.PRACTICE.value)
    totals = heard.aggregate(n=Count("pk"), seconds=Sum("duration_s"))
    n_sounds = (config.order.n_stimuli or totals["n"]) + config.order.n_repeats
    mean_s = (totals["seconds"] or 0.0) / max(totals["n"], 1)
    stages = screening_stages(config)
    listening_s = sum(stage.n_trials * _longest_s(version.screening.get(stage.test, {})) for stage in stages)
    n_screening = sum(stage.n_trials for stage in stages)
    minutes = session_minutes(
        n_sounds=n_sounds,
        sounds_s=mean_s * n_sounds,
        n_screening=n_screening,
        screening_s=listening_s / max(n_screening, 1),
    )
    return max(1, math.ceil(minutes))


def _longest_s(sounds: dict[str, Any]) -> float:
    return max((float(sound["duration_s"]) for sound in sounds.values()), default=0.0)
