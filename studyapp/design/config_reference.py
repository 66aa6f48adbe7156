"""Write docs/study_config.md from the configuration's own definition, so that the two cannot drift apart. Pure."""

import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config

INTRODUCTION = """\
# A study's configuration

This page is made from the program: `manage.py create_study --reference`. The JSON Schema is printed by
`manage.py create_study --schema` and published at `/studies/config.schema.json`.

A study is one YAML file. Only `slug`, `title` and `stimulus_set` are required; everything else defaults to the paper's
listening test: the category's name shown, one play, real or fake, and one of six reasons after "fake".

```yaml
slug: my-study
title: Real or fake?
stimulus_set: my-sounds
```

`manage.py create_study CONFIG.yaml` checks the file and stores a draft; every problem is listed with its line, its path
and what is allowed, and nothing is stored when there is one. The same file goes in and out of the
[study editor](study_editor.md). Unknown keys are refused. `manage.py launch_study SLUG` freezes a version, with
every default written out. [examples/paper_study.yaml](examples/paper_study.yaml) is the paper's study in full.

Texts are Markdown; other HTML than plain formatting, lists, tables and links is removed. Long default texts stand below
the table.

| setting | takes | default | meaning |
|---|---|---|---|
"""


def write_reference() -> str:
    """Return the whole page, in Markdown."""
    rows = list(_rows(StudyConfig, ""))
    lines = [f"| `{path}` | {takes} | {_short(default)} | {meaning} |" for path, takes, default, meaning in rows]
    page = INTRODUCTION + "\n".join(lines) + "\n\n## Default texts\n"
    for path, _, default, _ in rows:
        if isinstance(default, str) and len(default) > 60:
            quoted = "\n".join(f"> {line}".rstrip() for line in default.strip().splitlines())
            page += f"\n### `{path}`\n\n{quoted}\n"
    return page + _default_lists()


def _default_lists() -> str:
    """Return the default reasons, boxes, questions and last pages, each as a table."""
    config = read_config({"slug": "a", "title": "A", "stimulus_set": "a"})
    page = "\n## Default reasons\n\n| code | label |\n|---|---|\n"
    page += "".join(f"| `{item.code}` | {item.label} |\n" for item in config.task.reasons.items)
    page += "\n## Default boxes of the consent\n\n| code | label | needed |\n|---|---|---|\n"
    page += "".join(f"| `{t.code}` | {t.label} | {'yes' if t.required else 'no'} |\n" for t in config.consent.ticks)
    page += "\n## Default questions\n\n| section | code | question | answers |\n|---|---|---|---|\n"
    for section in ("eligibility", "instructions", "questions"):
        for question in getattr(config, section).questions:
            answers = ", ".join(option.label for option in question.options) or f"a {question.kind}"
            page += f"| `{section}` | `{question.code}` | {question.text} | {answers} |\n"
    page += "\n## Default last pages\n\n| outcome | text |\n|---|---|\n"
    outcomes = type(config.end).model_fields
    return page + "".join(f"| `end.{outcome}` | {getattr(config.end, outcome).text} |\n" for outcome in outcomes)


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, Any, str]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from _rows(section, f"{path}.")
            continue
        yield path, _takes(field), _default(field), (field.description or "").replace("|", "\\|")
        inner = next((arg for arg in get_args(section) if isinstance(arg, type) and issubclass(arg, BaseModel)), None)
        if inner is not None:
            yield from _rows(inner, f"{path}[].")


def _default(field: FieldInfo) -> Any:
    if field.default is not PydanticUndefined:
        return field.default
    return PydanticUndefined if field.default_factory is None else field.default_factory()  # type: ignore[call-arg]


def _short(default: Any) -> str:
    if default is PydanticUndefined:
        return "**required**"
    if default is None:
        return "empty"
    if isinstance(default, str) and len(default) > 60:
        return "see below"
    if isinstance(default, list):
        return "see below" if default else "none"
    if isinstance(default, BaseModel):
        return "see below"
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _takes(field: FieldInfo) -> str:
    limits = {type(limit).__name__.lower(): limit for limit in field.metadata}
    words = _type_words(field.annotation)
    low, high = getattr(limits.get("ge"), "ge", None), getattr(limits.get("le"), "le", None)
    return f"{words}, {low} to {high}" if low is not None and high is not None else words


def _type_words(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " \\| ".join(f"`{json.dumps(value) if isinstance(value, bool) else value}`" for value in arguments)
    if origin is Annotated:
        return _type_words(arguments[0])
    if origin in (Union, UnionType):
        return ", or ".join("empty" if each is NoneType else _type_words(each) for each in arguments)
    if origin is list:
        return "list"
    if origin is dict:
        return "mapping"
    return {str: "text", bool: "`true` \\| `false`", int: "whole number", float: "number"}.get(
        annotation, str(annotation)
    )
