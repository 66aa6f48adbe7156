"""Every setting of a study's configuration as a form shows it, read from the configuration's JSON Schema. Pure.

A setting that is added to the models of the config_* files is here, and in the editor, by itself.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from studyapp.design.config import StudyConfig
from studyapp.design.config_types import PATTERN_WORDS
from studyapp.design.setting_words import CHOICE_WORDS, LABELS, ChoiceWords

Kind = Literal["group", "switch", "choice", "number", "line", "text", "lines", "several", "list", "map", "yaml"]
LONG_TEXT = 1000  # characters; what may be longer is written in a box of several lines
NEW = "__new__"  # stands for the position of an item that is not there yet


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting, a group of them (`parts`), or a list or mapping whose items have `parts`.

    `path` has a key for each level, joined by dots; it ends at a list or mapping, which is stored as a whole. Several
    choices are a list of some of `choices`. `is_open`: the bounds themselves are not taken.
    """

    path: str
    key: str
    kind: Kind
    label: str
    help: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    pattern: str = ""
    is_whole: bool = False
    is_open: bool = False
    is_optional: bool = False
    default: Any = None
    parts: tuple["Setting", ...] = ()

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The choices with their words, as a page offers them."""
        words = _words_of(self.path).choices
        return [(choice, words.get(choice, choice.replace("_", " "))) for choice in self.choices]

    @property
    def allowed(self) -> str:
        """What the setting takes, in words; empty where its kind says all."""
        if self.kind in ("choice", "several"):
            return ", ".join(self.choices)
        if self.kind == "switch":
            return "true or false"
        if self.kind == "number":
            return f"{'a whole number' if self.is_whole else 'a number'}{self._range}"
        if self.kind in ("line", "text"):
            limit = f" of at most {self.max_length} characters" if self.max_length else ""
            return PATTERN_WORDS.get(self.pattern, f"text like {self.pattern}" if self.pattern else f"text{limit}")
        return {"list": "a list", "lines": "a list of words", "map": "a mapping", "group": "a mapping"}.get(
            self.kind, ""
        )

    @property
    def _range(self) -> str:
        low, high = (None if each is None else f"{each:.15g}" for each in (self.minimum, self.maximum))
        if low is not None and high is not None:
            return f" above {low} and below {high}" if self.is_open else f" from {low} to {high}"
        return f" {'above' if self.is_open else 'from'} {low}" if low is not None else ""


@cache
def settings_tree() -> dict[str, Setting]:
    """Return the settings at the top of the configuration, by key."""
    schema = StudyConfig.model_json_schema()
    return {part.key: part for part in _parts(schema, schema["$defs"], "")}


def find_setting(path: str) -> Setting | None:
    """Return the setting at the path, also a group or an item's part; None when there is none.

    Positions in a list, and keys of a mapping, may be anything.

    >>> find_setting("task.plays").allowed
    'a whole number from 1 to 10'
    >>> find_setting("task.reasons.items.3.code").kind, find_setting("task.colour")
    ('line', None)
    """
    key, _, rest = path.partition(".")
    found = settings_tree().get(key)
    while found is not None and rest:
        key, _, rest = rest.partition(".")
        if found.kind == "map":
            return found.parts[1]
        if found.kind == "list":
            if not rest:
                return found
            key, _, rest = rest.partition(".")
        found = next((part for part in found.parts if part.key == key), None)
    return found


def _parts(schema: dict[str, Any], defs: dict[str, Any], prefix: str) -> tuple[Setting, ...]:
    return tuple(_setting(f"{prefix}{key}", key, node, defs) for key, node in schema["properties"].items())


def _setting(path: str, key: str, node: dict[str, Any], defs: dict[str, Any]) -> Setting:
    help_text, default, has_default = node.get("description", ""), node.get("default"), "default" in node
    node, is_optional = _resolved(node, defs)
    common: dict[str, Any] = {
        "path": path,
        "key": key,
        "label": LABELS.get(_plain(path)) or LABELS.get(key) or key.replace("_", " ").capitalize(),
        "help": _words_of(path).help or help_text,
        "is_optional": is_optional,
        "default": default,
    }
    choices = node.get("enum") or ([node["const"]] if "const" in node else [])
    if choices:
        return Setting(kind="choice", choices=tuple(str(choice) for choice in choices), **common)
    match node.get("type"):
        case "object" if "properties" in node:
            return Setting(kind="group", parts=_parts(node, defs, f"{path}."), **common)
        case "object" if value := _plain_value(node, defs):
            return Setting(kind="map", parts=_map_parts(path, node, value, defs), **common)
        case "array":
            return _list(path, node, defs, common)
        case "boolean":
            return Setting(kind="switch", **common | {"default": bool(default)})
        case "integer" | "number" as kind:
            low = node.get("minimum", node.get("exclusiveMinimum"))
            high = node.get("maximum", node.get("exclusiveMaximum"))
            is_open = "exclusiveMinimum" in node or "exclusiveMaximum" in node
            return Setting(
                kind="number", minimum=low, maximum=high, is_open=is_open, is_whole=kind == "integer", **common
            )
        case "string":
            longest = node.get("maxLength")
            is_long = "pattern" not in node and (longest or 0) > LONG_TEXT
            more = {"max_length": longest, "pattern": node.get("pattern", "")}
            common["default"] = default if has_default else (None if is_optional else "")
            return Setting(kind="text" if is_long else "line", **more, **common)
    return Setting(kind="yaml", **common)


def _words_of(path: str) -> ChoiceWords:
    """Return what the choices at the path are called, wherever in a list its item stands."""
    return CHOICE_WORDS.get(_plain(path), ChoiceWords())


def _plain(path: str) -> str:
    """Return the path without the positions of items."""
    return path.replace(f".{NEW}", "")


def _list(path: str, node: dict[str, Any], defs: dict[str, Any], common: dict[str, Any]) -> Setting:
    item, _ = _resolved(node.get("items", {}), defs)
    common["default"] = common["default"] or []
    if "properties" in item:
        return Setting(kind="list", parts=_parts(item, defs, f"{path}.{NEW}."), **common)
    if "enum" in item:
        return Setting(kind="several", choices=tuple(str(choice) for choice in item["enum"]), **common)
    return Setting(kind="lines" if item.get("type") == "string" else "yaml", **common)


def _map_parts(path: str, node: dict[str, Any], value: dict[str, Any], defs: dict[str, Any]) -> tuple[Setting, ...]:
    pattern = next(iter(node.get("patternProperties", {})), "")
    key_node = {"type": "string", **({"pattern": pattern} if pattern else {}), **node.get("propertyNames", {})}
    return (
        _setting(f"{path}.{NEW}.key", "key", key_node, defs),
        _setting(f"{path}.{NEW}.value", "value", value, defs),
    )


def _plain_value(node: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a mapping's values are where a row of the form can hold one; else None."""
    patterned = list(node.get("patternProperties", {}).values())
    given = patterned[0] if len(patterned) == 1 else node.get("additionalProperties")
    value = _resolved(given, defs)[0] if isinstance(given, dict) else {}
    return value if value.get("type") in ("string", "integer", "number") else None


def _resolved(node: dict[str, Any], defs: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return what a reference or "this or nothing" stands for, and whether nothing is allowed."""
    is_optional = False
    for _ in range(5):  # references to references do not go deeper
        if "$ref" in node:
            node = defs[node["$ref"].rsplit("/", 1)[-1]]
        kept = [each for each in node.get("anyOf", ()) if each.get("type") != "null"]
        if len(kept) != 1:
            break
        is_optional, node = is_optional or len(kept) < len(node["anyOf"]), kept[0]
    return node, is_optional
