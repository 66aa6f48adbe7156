"""A study's configuration as YAML: read with the line of every setting, and written as a reader would. Pure."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from studyapp.errors import ConfigError

MAX_YAML_BYTES = 256 * 1024
NOT_A_MAPPING = "must be a mapping with at least the keys slug, title and stimulus_set"
_PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_TEXT_TAG, _MERGE_TAG = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


@dataclass(kw_only=True)
class Source:
    """What a file says, the line of each path in it, and what is wrong with it as (line, path, message)."""

    config: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[int, str, str]] = field(default_factory=list)

    def line_of(self, path: str) -> int | None:
        """Return the line of the setting, or of what it is in where it is missing; None for what is in no file."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1 if self.lines else None)

    def error(self, problems: list[tuple[str, str]]) -> ConfigError:
        """Return everything that is wrong, in the order of the file: its own problems and these."""
        placed = [(self.line_of(path), path, message) for path, message in problems]
        rows = sorted([*self.problems, *placed], key=lambda row: row[0] or 0)
        return ConfigError([(path, message) for _, path, message in rows], [line for line, _, _ in rows])


def read_yaml(text: str) -> Source:
    """Return the mapping in `text`; what is wrong with single keys is listed, so that all the rest can be checked too.

    Raises
    ------
    ConfigError
        When the text is too large, is not YAML, or is not a mapping; the line is named where it is known.
    """
    if len(text.encode("utf-8", errors="replace")) > MAX_YAML_BYTES:
        raise ConfigError([("", f"the configuration is larger than {MAX_YAML_BYTES // 1024} KiB")])
    try:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            return _Walk(loader).walk(root)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError([("", error.problem or "is not YAML")], [line]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([("", f"cannot be read as YAML: {error}")]) from None


def load_yaml(text: str) -> dict[str, Any]:
    """Return the mapping in `text`. Raises ConfigError also for a key given twice, which plain YAML would let pass."""
    source = read_yaml(text)
    if source.problems:
        raise source.error([])
    return source.config


def write_yaml(config: dict[str, Any]) -> str:
    """Return the configuration as a reader would write it: keys in order, long texts as blocks."""
    return yaml.dump(config, Dumper=_ReadableDumper, sort_keys=False, allow_unicode=True, width=100)


class _Walk:
    """Goes through the nodes of a document, and keeps where each value stands."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._source = Source()
        self._seen: set[int] = set()

    def walk(self, root: yaml.Node | None) -> Source:
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError([("", NOT_A_MAPPING)])
        self._source.config = self._mapping(root, "")
        return self._source

    def _value(self, node: yaml.Node, path: str, line: int) -> Any:
        """Return the node's value; None, with a problem, for what cannot be taken."""
        self._source.lines.setdefault(path, line)
        if id(node) in self._seen:  # an alias lets a few lines grow without bound; no configuration needs one
            return self._problem(line, path, "aliases (*name) are not supported; write the value out")
        self._seen.add(id(node))
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN_TAGS:
            return self._problem(line, path, f"the tag {node.tag} is not supported; leave it out")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, f"{path}.{i}", item.start_mark.line + 1) for i, item in enumerate(node.value)]
        try:
            return self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            words = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
            return self._problem(line, path, f"cannot be read: {words}")

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag not in (_TEXT_TAG, _MERGE_TAG):
                shown = getattr(key_node, "value", "")
                shown = repr(shown) if isinstance(shown, str) else "that is a list or mapping"
                self._problem(line, path, f"the key {shown} is not text; put it in quotes")
                continue
            key = key_node.value
            place = f"{path}.{key}" if path else key
            if key in found:
                self._problem(line, place, f"is given twice, first in line {first[key]}; keep one")
                again = self._value(value_node, place, line)
                if isinstance(again, dict) and isinstance(found[key], dict):
                    found[key] = again | found[key]  # what only the second one says is checked, too
                continue
            first[key] = line
            found[key] = self._value(value_node, place, line)
        return found

    def _problem(self, line: int, path: str, message: str) -> None:
        self._source.problems.append((line, path, message))


class _ReadableDumper(yaml.SafeDumper):
    """Writes texts of several lines as literal blocks."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(_TEXT_TAG, text, style="|" if "\n" in text else None)


_ReadableDumper.add_representer(str, _write_text)
