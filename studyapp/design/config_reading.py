"""Read a study's configuration from YAML or a mapping, and say everything that is wrong with it at once. Pure."""

from typing import Any

from pydantic import ValidationError

from studyapp.design.config import StudyConfig
from studyapp.design.config_language import in_its_language
from studyapp.design.config_problems import find_config_problems
from studyapp.errors import ConfigError


def read_config(config: dict[str, Any]) -> StudyConfig:
    """Return the checked configuration with every default filled in.

    Raises
    ------
    ConfigError
        With every problem as a (path, message) pair, such as ("task.plays", "must be at least 1, not 0 ...").
    """
    try:
        return StudyConfig.model_validate(in_its_language(config))
    except ValidationError:
        raise ConfigError(find_config_problems(config)) from None
