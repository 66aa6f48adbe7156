"""Encoders of other installed packages: entry points of the group `earwitness.encoders`.

An entry point names an EncoderSpec, several of them, or a function without arguments that returns these. It is loaded
when encoders are listed, so the module that holds the specs must be light; the network's own module is `spec.module`.
A package that is broken is reported and never keeps the others from working.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from .spec import EncoderSpec, FramesType, WeightsKind, WeightsSource

GROUP = "earwitness.encoders"
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*")
MAX_NAME = 100
TEXTS = ("name", "title", "licence", "citation", "url", "description", "module", "variant_of")
HEX_64, HEX_32, HEX_8 = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{8,64}")


@dataclass(frozen=True, kw_only=True)
class BrokenEncoder:
    """An entry point that gives no usable encoder.

    name: the entry point's. distribution: the package that brought it, with its version. problem: what is wrong.
    """

    name: str
    distribution: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class ForeignEncoders:
    """What the entry points gave: usable specs by name, and those that are broken."""

    specs: dict[str, EncoderSpec] = field(default_factory=dict)
    broken: list[BrokenEncoder] = field(default_factory=list)


def foreign_encoders(
    *, taken_encoders: Mapping[str, EncoderSpec], taken_weights: Mapping[str, WeightsSource]
) -> ForeignEncoders:
    """Return the encoders of other packages. A name that is taken is refused; the first entry point to ask keeps it.

    taken_encoders, taken_weights: what is in the registry already.
    """
    found = ForeignEncoders()
    sources = {**{spec.weights.name: spec.weights for spec in taken_encoders.values()}, **taken_weights}
    for entry, (specs, problem) in _loaded().items():
        problems = [problem] if problem else []
        for spec in specs:
            wrong = _problem(spec, {**taken_encoders, **found.specs}, sources)
            if wrong:
                problems.append(wrong)
            else:
                found.specs[spec.name] = spec
                sources[spec.weights.name] = spec.weights
        where = entry.dist
        distribution = f"{where.name} {where.version}" if where else "an unknown package"
        found.broken.extend(
            BrokenEncoder(name=entry.name, distribution=distribution, problem=each) for each in problems
        )
    return found


@cache
def _loaded() -> dict[EntryPoint, tuple[tuple[EncoderSpec, ...], str]]:
    """Return what each entry point gives, and what is wrong with it ("" when nothing is); each is loaded once."""
    return {entry: _load(entry) for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name)}


def _load(entry: EntryPoint) -> tuple[tuple[EncoderSpec, ...], str]:
    try:
        given = entry.load()
        if callable(given):
            given = given()
        specs = (given,) if isinstance(given, EncoderSpec) else tuple(given) if isinstance(given, Iterable) else ()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (somebody else's code may raise anything, and must not stop ours)
        return (), f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
    if not specs or not all(isinstance(spec, EncoderSpec) for spec in specs):
        return (), f"{entry.value} is no EncoderSpec, no list of them, and no function that returns these"
    return specs, ""


def _problem(spec: EncoderSpec, encoders: Collection[str], sources: Mapping[str, WeightsSource]) -> str:
    """Return what is wrong with a spec of another package, which may hold anything in any field; else ""."""
    try:
        return _type_problem(spec) or _weights_problem(spec) or _name_problem(spec, encoders, sources)
    except Exception as error:  # noqa: BLE001 (as in _load)
        return f"{type(error).__name__}: {error}"


def _type_problem(spec: EncoderSpec) -> str:
    texts = {name: getattr(spec, name) for name in TEXTS}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        return f"{wrong[0]} must be text"
    if not isinstance(spec.weights, WeightsSource):
        return "weights must be a WeightsSource"
    if not spec.module:
        return "module must name the recipe's module"
    numbers = (spec.dim, spec.sample_rate_hz, spec.recipe_version)
    if not all(isinstance(each, int) and each >= 1 for each in numbers):
        return f"{spec.name}: dim, sample_rate_hz and recipe_version must be whole numbers from 1"
    if spec.frames_dtype not in get_args(FramesType):
        return f"{spec.name}: frames_dtype must be one of {', '.join(get_args(FramesType))}"
    if not isinstance(spec.packages, tuple) or not all(isinstance(each, str) for each in spec.packages):
        return f"{spec.name}: packages must be a tuple of import names"
    try:
        json.dumps(dict(spec.preprocessing))
    except (TypeError, ValueError) as error:
        return f"{spec.name}: preprocessing must be plain numbers and words ({error})"
    return ""


def _weights_problem(spec: EncoderSpec) -> str:
    source = spec.weights
    if source.kind not in get_args(WeightsKind):
        return f"{spec.name}: the kind of weights must be one of {', '.join(get_args(WeightsKind))}"
    if source.kind == "package" and not (HEX_64.fullmatch(source.sha256) and source.package and source.file):
        return f"{spec.name}: weights inside a package need package, file and their full SHA-256"
    if source.kind != "download":
        return ""
    is_known = HEX_64.fullmatch(source.sha256) or HEX_32.fullmatch(source.md5) or HEX_8.fullmatch(source.sha256_prefix)
    if not (source.url and source.file and source.n_bytes > 0 and is_known):
        return (
            f"{spec.name}: weights to download need url, file, n_bytes, and a sha256, an md5 or a sha256_prefix of 8 "
            "digits or more, in lower case"
        )
    return ""


def _name_problem(spec: EncoderSpec, encoders: Collection[str], sources: Mapping[str, WeightsSource]) -> str:
    for name in (spec.name, spec.weights.name):
        if not NAME.fullmatch(name) or len(name) > MAX_NAME:
            return f"the name {name!r} may only have a to z, digits, _, -, . and /, and {MAX_NAME} characters"
    if spec.name in encoders:
        return f"there is an encoder named {spec.name} already; give yours another name"
    if sources.get(spec.weights.name, spec.weights) != spec.weights:
        return f"there are other weights named {spec.weights.name} already; give yours another name"
    return ""
