"""The default texts of a configuration's language, below what it gives itself. Pure."""

from typing import Any

from studyapp.design.texts_fr import DEFAULTS_FR


def in_its_language(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with the default texts of its language below what it gives itself."""
    return _over(config, DEFAULTS_FR) if config.get("language") == "fr" else config


def _over(given: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    """Return the mappings merged, level by level; what is given wins."""
    merged = dict(given)
    for key, default in below.items():
        value = given.get(key, default)
        if key == "end":
            # An exit can be given as a plain text.
            value = (
                {k: {"text": v} if isinstance(v, str) else v for k, v in value.items()}
                if isinstance(value, dict)
                else value
            )
        merged[key] = _over(value, default) if isinstance(value, dict) and isinstance(default, dict) else value
    return merged
