"""What a person without a session may know of a study."""

import math

from django.db.models import Count, Sum

from studyapp.design.duration import session_minutes
from studyapp.models import Study, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.vocab import StudyState


def landing_study(slug: str) -> tuple[Study | None, StudyVersion | None]:
    """Return the study and its latest version when it admits participants; else None twice."""
    version = (
        StudyVersion.objects.filter(study__slug=slug, study__state=StudyState.LIVE.value)
        .select_related("study")
        .order_by("-number")
        .first()
    )
    return (version.study, version) if version else (None, None)


def estimated_minutes(version: StudyVersion) -> int:
    """Return about how long a session of the version takes, whole minutes, rounded up; at least 1."""
    screening = frozen_config(version).screening
    sounds = version.screening.get(screening.test, {})
    totals = version.frozen_stimuli.aggregate(n=Count("pk"), seconds=Sum("duration_s"))
    minutes = session_minutes(
        n_sounds=totals["n"],
        sounds_s=totals["seconds"] or 0.0,
        n_screening=screening.n_trials if sounds else 0,
        screening_s=max((float(sound["duration_s"]) for sound in sounds.values()), default=0.0),
    )
    return max(1, math.ceil(minutes))
