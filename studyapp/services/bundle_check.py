"""Read every row of a staged bundle once, before anything is written: what it says must hold on its own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models
from pydantic import ValidationError

from studyapp.design.answers import BEEPS
from studyapp.design.config import StudyConfig
from studyapp.design.config_reading import read_config
from studyapp.errors import BundleRefused, ConfigError
from studyapp.models import FrozenStimulus, Stimulus, Study, StudyVersion
from studyapp.services.bundle_folder import MANIFEST, row_file
from studyapp.services.bundle_rows import TAKEN, read_rows, table_name
from studyapp.services.bundle_sounds import BundleSounds
from studyapp.sound.screening import SCREENING_TESTS

SCREENING_PARTS = {"volume", "examples", BEEPS, *SCREENING_TESTS}
SCREENING_FACTS = {"sha256", "duration_s", "answer"}
MAX_DEPTH = 3
DURATION_TOLERANCE_S = 1e-6


@dataclass(kw_only=True)
class CheckedRows:
    """The rows of a stage whose every line was read. spans: the least and the largest number of a table's rows."""

    stage: Path
    sounds: BundleSounds
    spans: dict[type[models.Model], tuple[int, int]] = field(default_factory=dict)
    studies: list[Any] = field(default_factory=list)
    formats: dict[int, dict[str, int]] = field(default_factory=dict)  # of the copies, by version

    @property
    def study(self) -> Any:
        return self.studies[0]

    def rows(self, model: type[models.Model]) -> Any:
        """Yield (place in words, row) of a table."""
        name = row_file(table_name(model))
        for number, row in read_rows(self.stage / name, model, name):
            yield f"{name} line {number}", row


def check_rows(stage: Path, counts: dict[str, Any], sounds: BundleSounds) -> CheckedRows:
    """Read every row and what it says of sounds and settings. Raises BundleRefused with file and line."""
    checked = CheckedRows(stage=stage, sounds=sounds)
    for model in TAKEN:
        n_rows = 0
        for place, row in checked.rows(model):
            n_rows += 1
            _check(checked, model, row, place)
            first, _ = checked.spans.get(model, (row.id, row.id))
            checked.spans[model] = (first, row.id)
        wanted = counts[table_name(model)]
        if n_rows != wanted:
            name = row_file(table_name(model))
            raise BundleRefused(f"{name}: has {n_rows} rows, and {MANIFEST} says {wanted!r}; copy the bundle again")
    if len(checked.studies) != 1 or StudyVersion not in checked.spans:
        raise BundleRefused("the bundle holds no launched study, or several; export one study again")
    return checked


def _check(checked: CheckedRows, model: type[models.Model], row: Any, place: str) -> None:
    if model is Stimulus:
        checked.sounds.original(row, place)
    elif model is Study:
        checked.studies.append(row)
        try:
            read_config(row.config)
        except ConfigError as error:
            raise BundleRefused(f"{place}: config: {error.words[0]}") from None
    elif model is StudyVersion:
        _check_version(checked, row, place)
    elif model is FrozenStimulus:
        if row.version not in checked.formats:
            raise BundleRefused(f"{place}: version: the bundle has no study version {row.version}")
        checked.sounds.copy(row.copy_sha256, place, **checked.formats[row.version])
        _check_duration(checked.sounds, row.copy_sha256, row.duration_s, place)


def _check_version(checked: CheckedRows, row: Any, place: str) -> None:
    try:
        StudyConfig.model_validate(row.config)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise BundleRefused(f"{place}: config: {path}: {first['msg']}") from None
    if unknown := sorted(set(row.screening) - SCREENING_PARTS):
        raise BundleRefused(f"{place}: screening: {unknown[0]!r} is no test that this program knows")
    checked.formats[row.id] = {"sample_rate_hz": row.sample_rate_hz, "n_channels": row.n_channels}
    screening_with_paths(row.screening, checked.sounds, place)


def screening_with_paths(screening: dict[str, Any], sounds: BundleSounds, place: str, depth: int = 0) -> dict[str, Any]:
    """Return a version's screening sounds, each with the name that its content has in this installation's storage."""
    if "sha256" not in screening:
        if depth == MAX_DEPTH or not all(isinstance(each, dict) for each in screening.values()):
            raise BundleRefused(f"{place}: screening: is no table of sounds")
        return {name: screening_with_paths(each, sounds, place, depth + 1) for name, each in screening.items()}
    sha256, duration_s = screening["sha256"], screening.get("duration_s")
    if set(screening) - SCREENING_FACTS or not isinstance(sha256, str) or not isinstance(duration_s, float | int):
        raise BundleRefused(f"{place}: screening: a sound has sha256, duration_s and, as an example, answer")
    if screening.get("answer", 1) not in (1, 2, 3):
        raise BundleRefused(f"{place}: screening: the answer of an example is 1, 2 or 3")
    path = sounds.copy(sha256, place)
    _check_duration(sounds, sha256, duration_s, place)
    return {**screening, "path": path}


def _check_duration(sounds: BundleSounds, sha256: str, said: float, place: str) -> None:
    if abs(sounds.duration_s(sha256) - said) > DURATION_TOLERANCE_S:
        raise BundleRefused(f"{place}: duration_s: {said!r} is not that of the sound ({sounds.duration_s(sha256)!r} s)")
