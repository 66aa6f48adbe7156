"""Read a study's configuration from YAML or a mapping, and say everything that is wrong with it at once. Pure."""

from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from studyapp.design.config import StudyConfig
from studyapp.errors import ConfigError

MAX_YAML_BYTES = 256 * 1024


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, where plain YAML silently takes the last."""


def _mapping_without_duplicates(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is not text", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def load_yaml(text: str) -> dict[str, Any]:
    """Return the mapping in `text`.

    Raises
    ------
    ConfigError
        When the text is too large, is not YAML, repeats a key, uses an alias, or is not a mapping; the line is named
        where it is known.
    """
    if len(text.encode("utf-8", errors="replace")) > MAX_YAML_BYTES:
        raise ConfigError([("", f"the configuration is larger than {MAX_YAML_BYTES // 1024} KiB")])
    try:
        # An alias lets a few lines grow without bound; no configuration needs one.
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else "?"
                raise ConfigError([("", f"line {line}: aliases (*name) are not supported")])
        loaded = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 -- a SafeLoader with one more check
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigError([("", f"{place}{error.problem or 'is not YAML'}")]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([("", f"cannot be read as YAML: {error}")]) from None
    if not isinstance(loaded, dict):
        raise ConfigError([("", "must be a mapping with at least the keys slug, title and stimulus_set")])
    return loaded


def read_config(config: dict[str, Any]) -> StudyConfig:
    """Return the checked configuration with every default filled in.

    Raises
    ------
    ConfigError
        With every problem as a (path, message) pair, such as ("task.plays", "must be at least 1, not 0").
    """
    try:
        return StudyConfig.model_validate(config)
    except ValidationError as error:
        raise ConfigError([(_path(detail), _message(detail)) for detail in error.errors()]) from None


def _path(detail: ErrorDetails) -> str:
    return ".".join(str(part) for part in detail["loc"])


def _message(detail: ErrorDetails) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    shown = _shown(value)
    messages = {
        "missing": "is required",
        "extra_forbidden": f"is not a setting; allowed here: {', '.join(_allowed_keys(detail['loc'][:-1]))}",
        "literal_error": f"must be {context.get('expected', '')}, not {shown}",
        "string_type": f"must be text, not {shown}"
        + (" (put it in quotes)" if isinstance(value, bool | int | float) else ""),
        "bool_type": f"must be true or false, not {shown}",
        "int_type": f"must be a whole number, not {shown}",
        "list_type": f"must be a list, not {shown}",
        "greater_than_equal": f"must be at least {context.get('ge')}, not {shown}",
        "less_than_equal": f"must be at most {context.get('le')}, not {shown}",
        "string_too_short": "must not be empty",
        "string_too_long": f"must have at most {context.get('max_length')} characters",
        "string_pattern_mismatch": f"must match {context.get('pattern')}, not {shown}",
        "too_short": f"needs at least {context.get('min_length')} item",
        "too_long": f"takes at most {context.get('max_length')} items",
        "value_error": str(context.get("error", detail["msg"])),
    }
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        allowed = _allowed_keys(detail["loc"])
        return f"must be a mapping{' with the keys ' + ', '.join(allowed) if allowed else ''}, not {shown}"
    return messages.get(kind, detail["msg"])


def _shown(value: Any) -> str:
    """Return the value as a message shows it. Python refuses to write out whole numbers of thousands of digits."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed_keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the section at `location` takes; empty where any key goes."""
    model: type[BaseModel] | None = StudyConfig
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model else None
        if field is None:
            return []
        candidates = [field.annotation, *get_args(field.annotation)]
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
    return list(model.model_fields) if model else []
