"""Read the configuration that a study or a version of it holds."""

from studyapp.design.config import StudyConfig
from studyapp.models import StudyVersion


def frozen_config(version: StudyVersion) -> StudyConfig:
    """Return the version's configuration, as frozen at its launch."""
    return StudyConfig.model_validate(version.config)
