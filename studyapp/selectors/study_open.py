"""What a person without a session may know of a study."""

from studyapp.models import Study, StudyVersion
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
