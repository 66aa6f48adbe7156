"""Change one setting of a configuration, and say what differs between two. Pure."""

import copy
from dataclasses import dataclass
from typing import Any

from studyapp.design.config_fields import Setting, settings_tree
from studyapp.design.config_reading import read_config
from studyapp.errors import ConfigError

REQUIRED = ("slug", "title", "stimulus_set")


def default_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return every setting as it is without being given, in the configuration's language."""
    language = config.get("language") if config.get("language") in ("en", "fr") else "en"
    bare = dict.fromkeys(REQUIRED, "x") | {"language": language}
    full = read_config(bare).model_dump(mode="json")
    return full | {key: config.get(key) for key in REQUIRED} | {"language": "en"}


def leaf_settings(settings: tuple[Setting, ...] | None = None) -> dict[str, Setting]:
    """Return what can be set on its own, by path: a single value, a whole list or a whole mapping."""
    found: dict[str, Setting] = {}
    for setting in tuple(settings_tree().values()) if settings is None else settings:
        if setting.kind == "group":
            found |= leaf_settings(setting.parts)
        else:
            found[setting.path] = setting
    return found


def value_at(config: Any, path: str) -> Any:
    """Return what the configuration gives at the path; None when nothing.

    >>> value_at({"task": {"plays": 2}}, "task.plays"), value_at({}, "task.plays")
    (2, None)
    """
    for key in path.split("."):
        if not isinstance(config, dict):
            # An exit can be given as a plain text.
            return config if key == "text" and isinstance(config, str) else None
        config = config.get(key)
    return config


def with_value(config: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return the configuration with the value at the path; one that is the default is left out instead.

    >>> with_value({"slug": "s"}, "task.plays", 2)
    {'slug': 's', 'task': {'plays': 2}}
    >>> with_value({"slug": "s", "task": {"plays": 2}}, "task.plays", 1)
    {'slug': 's'}
    """
    default = value_at(default_config(config), path)
    if path not in REQUIRED and type(value) is type(default) and value == default:
        return without_value(config, path)
    changed = copy.deepcopy(config)
    place = changed
    *sections, last = path.split(".")
    for key in sections:
        inner = place.get(key)
        place[key] = {"text": inner} if isinstance(inner, str) else (inner if isinstance(inner, dict) else {})
        place = place[key]
    place[last] = value
    return changed


def without_value(config: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the configuration without the setting, which takes its default then; sections left empty go too."""
    changed = copy.deepcopy(config)
    _remove(changed, path.split("."))
    return changed


def _remove(place: dict[str, Any], keys: list[str]) -> None:
    key, *rest = keys
    inner = place.get(key)
    if not rest or (rest == ["text"] and isinstance(inner, str)):
        place.pop(key, None)
    elif isinstance(inner, dict):
        _remove(inner, rest)
        if not inner:
            del place[key]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A setting that two configurations have another value of; None where one of them has no such setting."""

    path: str
    before: Any
    after: Any


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Return what differs, with every default written out, in the order of the settings.

    >>> [(each.path, each.before, each.after) for each in differences(
    ...     {"slug": "s", "title": "T", "stimulus_set": "x"},
    ...     {"slug": "s", "title": "T", "stimulus_set": "x", "task": {"plays": 2}})]
    [('task.plays', 1, 2)]
    """
    full = [filled(before), filled(after)]
    pairs = ((path, *(value_at(config, path) for config in full)) for path in leaf_settings())
    return [Difference(path=path, before=old, after=new) for path, old, new in pairs if old != new]


def filled(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with every default written out; one that is wrong keeps what it was given."""
    try:
        return read_config(config).model_dump(mode="json")
    except ConfigError:
        defaults = default_config(config)
    leaves = leaf_settings()
    full: dict[str, Any] = {}
    for path in leaves:
        given = value_at(config, path)
        put_value(full, path, value_at(defaults, path) if given is None and not _is_given(config, path) else given)
    return full


def _is_given(config: Any, path: str) -> bool:
    for key in path.split("."):
        if not isinstance(config, dict) or key not in config:
            return False
        config = config[key]
    return True


def put_value(config: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at the path, in place."""
    *sections, last = path.split(".")
    for key in sections:
        config = config.setdefault(key, {})
    config[last] = value
