"""The editor's form of a section: rows made from the settings, and what a posted form says of them.

A row's name is its path; items of lists have their position in it, such as task.reasons.items.2.code.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from studyapp.design.config_change import value_at
from studyapp.design.config_fields import NEW, Setting
from studyapp.design.config_yaml import write_yaml


@dataclass(kw_only=True)
class Choice:
    value: str
    label: str
    is_on: bool


@dataclass(kw_only=True)
class Row:
    """A setting as the page shows it. `items` are those of a list or mapping, `blank` one that is not there yet.

    `note` says what follows from the setting as it is stored; None where nothing is ever said.
    """

    setting: Setting
    name: str
    value: Any
    is_top: bool = False
    is_fixed: bool = False
    differs: bool = False
    default_words: str = ""
    note: str | None = None
    problems: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    parts: list["Row"] = field(default_factory=list)
    items: list[list["Row"]] = field(default_factory=list)
    blank: list["Row"] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The value as an input holds it."""
        if self.value is None:
            return ""
        if self.setting.kind == "lines":
            return (
                "\n".join(" ".join(str(each).splitlines()) for each in self.value)
                if isinstance(self.value, list)
                else str(self.value)
            )
        if self.setting.kind == "yaml":
            return self.value if isinstance(self.value, str) else write_yaml(self.value)
        return str(self.value)

    @property
    def n_lines(self) -> int:
        """How many lines a box for the text has, so that most texts are seen whole."""
        lines = self.shown.splitlines()
        return max(3, min(24, sum(1 + len(line) // 70 for line in lines) + 1))


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the rows of a section are made from, by path: `offered` are choices, `suggested` words to choose from."""

    values: dict[str, Any]
    defaults: dict[str, Any]
    problems: list[tuple[str, str]] = field(default_factory=list)
    offered: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    suggested: Mapping[str, list[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def make_rows(settings: tuple[Setting, ...], sources: Sources) -> list[Row]:
    """Return the rows of the settings."""
    return [_top_row(setting, sources) for setting in settings]


def _top_row(setting: Setting, sources: Sources) -> Row:
    if setting.kind == "group":
        return Row(setting=setting, name=setting.path, value=None, parts=make_rows(setting.parts, sources))
    value, default = value_at(sources.values, setting.path), value_at(sources.defaults, setting.path)
    row = _row(setting, setting.path, value, sources)
    row.is_top = True
    row.is_fixed = setting.path == "slug"
    row.differs = value != default and setting.path not in ("slug", "title", "stimulus_set")
    row.default_words = _default_words(setting, default)
    row.suggestions = sources.suggested.get(setting.path, [])
    row.note = sources.notes.get(setting.path)
    return row


def _row(setting: Setting, name: str, value: Any, sources: Sources) -> Row:
    row = Row(setting=setting, name=name, value=value)
    row.problems = [message for path, message in sources.problems if path == name]
    offered = sources.offered.get(name) or setting.offered
    if offered:
        nothing = [("", "none")] if setting.is_optional and setting.kind != "several" else []
        on = value if isinstance(value, list) else [row.shown]
        row.choices = [Choice(value=v, label=words, is_on=v in on) for v, words in nothing + offered]
    if setting.kind == "list":
        items = value if isinstance(value, list) else []
        row.items = [_item(setting, f"{name}.{index}", item, sources) for index, item in enumerate(items)]
        row.blank = _item(setting, f"{name}.{NEW}", None, sources)
    elif setting.kind == "map":
        pairs = list(value.items()) if isinstance(value, dict) else []
        row.items = [_pair(setting, f"{name}.{index}", pair, sources) for index, pair in enumerate(pairs)]
        row.blank = _pair(setting, f"{name}.{NEW}", ("", None), sources)
    if setting.kind in ("map", "lines", "several", "yaml"):
        # Problems inside are named by key or position, and the page has one place for them.
        row.problems += [f"{p[len(name) + 1 :]}: {m}" for p, m in sources.problems if p.startswith(f"{name}.")]
    return row


def _item(setting: Setting, name: str, item: Any, sources: Sources) -> list[Row]:
    given = item if isinstance(item, dict) else {}
    parts = setting.parts
    rows = [_row(part, f"{name}.{part.key}", given.get(part.key, part.default), sources) for part in parts]
    rows[0].problems += [message for path, message in sources.problems if path == name]
    return rows


def _pair(setting: Setting, name: str, pair: tuple[str, Any], sources: Sources) -> list[Row]:
    key, value = setting.parts
    return [_row(key, f"{name}.key", pair[0], sources), _row(value, f"{name}.value", pair[1], sources)]


def _default_words(setting: Setting, default: Any) -> str:
    if default in setting.choices:
        return f"“{dict(setting.offered)[default]}”"
    if default is None or default in ("", [], {}):
        return "empty"
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, list | dict):
        return f"{len(default)} item{'' if len(default) == 1 else 's'}"
    text = str(default)
    return text if len(text) <= 40 else f"{text[:37]}..."


def read_posted(
    settings: tuple[Setting, ...], posted: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what the form gives for each setting, by path, and what of it cannot be read."""
    problems: list[tuple[str, str]] = []
    found: dict[str, Any] = {}
    for setting in settings:
        if setting.kind == "group":
            inner, more = read_posted(setting.parts, posted)
            found |= inner
            problems += more
        else:
            found[setting.path] = _read(setting, setting.path, posted, problems)
    return found, problems


def _read(setting: Setting, name: str, posted: Mapping[str, str], problems: list[tuple[str, str]]) -> Any:
    if setting.kind == "list":
        return [
            {part.key: _read(part, f"{name}.{index}.{part.key}", posted, problems) for part in setting.parts}
            for index in _positions(name, posted)
        ]
    if setting.kind == "map":
        return _read_map(setting, name, posted, problems)
    if setting.kind == "several":
        return [choice for choice in setting.choices if f"{name}.{choice}" in posted]
    text = posted.get(name, "").replace("\r\n", "\n")
    if setting.kind == "switch":
        return text != ""
    if setting.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if setting.kind == "yaml":
        return _read_yaml(name, text, problems)
    if not text.strip() and setting.is_optional:
        return None
    return _number(text) if setting.kind == "number" else text


def _read_map(
    setting: Setting, name: str, posted: Mapping[str, str], problems: list[tuple[str, str]]
) -> dict[str, Any]:
    pairs = []
    for index in _positions(name, posted):
        key, value = (_read(part, f"{name}.{index}.{part.key}", posted, problems) for part in setting.parts)
        if key or value:
            pairs.append((key or "", value))
    keys = [key for key, _ in pairs]
    problems += [(name, f"{key!r} is given twice; keep one") for key in sorted({k for k in keys if keys.count(k) > 1})]
    return dict(pairs)


def _read_yaml(name: str, text: str, problems: list[tuple[str, str]]) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        problems.append((name, "cannot be read as YAML"))
        return text


def _number(text: str) -> Any:
    """Return the number that the text is, else the text, which the configuration refuses in its own words."""
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    return text


def _positions(name: str, posted: Mapping[str, str]) -> list[int]:
    heads = (key[len(name) + 1 :].partition(".")[0] for key in posted if key.startswith(f"{name}."))
    return sorted({int(head) for head in heads if head.isascii() and head.isdigit() and len(head) < 5})


def do_in_list(values: dict[str, Any], command: str) -> bool:
    """Do what a button of a list asks, in the values by path: "add PATH", "remove|up|down PATH N"; say whether it was.

    This is for pages without scripts; editor/lists.js does the same in the page.
    """
    verb, _, rest = command.partition(" ")
    path, _, number = rest.partition(" ")
    items = _list_at(values, path)
    if items is None:
        return False
    if verb == "add":
        if isinstance(items, dict):
            items[""] = None
        else:
            items.append({})
        return True
    index = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else -1
    other = {"up": index - 1, "down": index + 1}.get(verb, index)
    if verb not in ("remove", "up", "down") or not (0 <= index < len(items) and 0 <= other < len(items)):
        return False
    if verb == "remove":
        if isinstance(items, dict):
            del items[list(items)[index]]
        else:
            del items[index]
    elif isinstance(items, dict):
        return False  # a mapping has no order
    else:
        items[index], items[other] = items[other], items[index]
    return True


def _list_at(values: dict[str, Any], path: str) -> list[Any] | dict[str, Any] | None:
    """Return the list or mapping that the path names, also one inside an item of another."""
    start = next((each for each in values if path == each or path.startswith(f"{each}.")), None)
    if start is None:
        return None
    place: Any = values[start]
    for part in path[len(start) + 1 :].split(".") if path != start else []:
        if isinstance(place, list):
            index = int(part) if part.isascii() and part.isdigit() and len(part) < 5 else len(place)
            if index >= len(place):
                return None
            place = place[index]
        elif isinstance(place, dict):
            place = place.get(part)
        else:
            return None
    return place if isinstance(place, list | dict) else None
