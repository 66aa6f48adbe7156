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

from .spec import EncoderSpec, WeightsSource

GROUP = "earwitness.encoders"
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*")
MAX_NAME = 100


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
    except Exception as error:  # noqa: BLE001 (somebody else's code may raise anything, and must not stop ours)
        return (), f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
    if not specs or not all(isinstance(spec, EncoderSpec) for spec in specs):
        return (), f"{entry.value} is no EncoderSpec, no list of them, and no function that returns these"
    return specs, ""


def _problem(spec: EncoderSpec, encoders: Collection[str], sources: Mapping[str, WeightsSource]) -> str:
    for name in (spec.name, spec.weights.name):
        if not NAME.fullmatch(name) or len(name) > MAX_NAME:
            return f"the name {name!r} may only have a to z, digits, _, -, . and /, and {MAX_NAME} characters"
    if spec.name in encoders:
        return f"there is an encoder named {spec.name} already; give yours another name"
    if sources.get(spec.weights.name, spec.weights) != spec.weights:
        return f"there are other weights named {spec.weights.name} already; give yours another name"
    if spec.weights.kind == "package" and len(spec.weights.sha256) != 64:
        return f"{spec.name}: weights inside a package need their full SHA-256"
    if spec.dim < 1 or spec.sample_rate_hz < 1:
        return f"{spec.name}: dim and sample_rate_hz must be 1 or more"
    try:
        json.dumps(dict(spec.preprocessing))
    except (TypeError, ValueError) as error:
        return f"{spec.name}: preprocessing must be plain numbers and words ({error})"
    return ""
