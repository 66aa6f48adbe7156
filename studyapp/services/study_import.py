"""Restore a study from its bundle: with its sounds, versions, sessions and answers, all or nothing of it."""

import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, models, transaction

from studyapp.errors import BundleRefused
from studyapp.models import (
    FrozenStimulus,
    Machine,
    MachineScore,
    Participant,
    Presentation,
    RecruiterIdentity,
    ScreeningTrial,
    Session,
    SetMember,
    Stimulus,
    StimulusSet,
    Study,
    StudyVersion,
    User,
)
from studyapp.services.audit import record_audit
from studyapp.services.bundle_check import CheckedRows, check_rows, screening_with_paths
from studyapp.services.bundle_folder import stage_bundle
from studyapp.services.bundle_keys import Keys
from studyapp.services.bundle_rows import RECRUITER, TAKEN
from studyapp.services.bundle_sets import import_machines, import_sets, practice_set
from studyapp.services.bundle_sounds import read_sounds, stored
from studyapp.vocab import StudyState

WITH_SETS = (StimulusSet, Stimulus, SetMember, Machine, MachineScore, Study)  # brought before the rest


@dataclass(frozen=True, kw_only=True)
class ImportedStudy:
    """A study that was restored, what an experimenter must know of how, and how many rows the bundle has by table."""

    study: Study
    said: list[str]
    n_rows: dict[str, int]


def import_study(
    *, folder: Path, slug: str = "", owner: User | None = None, say: Callable[[str], None] = lambda line: None
) -> ImportedStudy:
    """Restore the study of a bundle that `export_study --with-sounds` wrote, under its own name or another.

    Its numbers, pseudonyms and times stay as they were, so that analyses and exports agree; what opens something
    (tokens, codes) is made anew or is empty. Raises BundleRefused with file and line; then nothing is left of it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="study-import-", dir=settings.DATA_DIR) as place:
            say("checking every hash")
            counts = stage_bundle(folder, Path(place))
            say("checking sounds and rows")
            checked = check_rows(Path(place), counts, read_sounds(Path(place)))
            name = _free_slug(slug or checked.study.slug)
            say("storing")
            with stored(checked.sounds), transaction.atomic():
                study, said = _import(checked, name, owner)
    except (IntegrityError, DataError) as error:
        raise BundleRefused(
            f"the bundle's rows contradict each other, or somebody imports it at the same time: {str(error).strip()}"
        ) from None
    except OSError as error:
        raise BundleRefused(f"{error.filename or folder}: {error.strerror}; nothing was imported") from None
    return ImportedStudy(study=study, said=said, n_rows=counts)


def _free_slug(slug: str) -> str:
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", slug):
        raise BundleRefused(f"the study's name {slug!r} must be 1 to 80 letters, digits, hyphens or underscores")
    if Study.objects.filter(slug=slug).exists():
        raise BundleRefused(f"there is a study {slug} here already; import it under another name: --as {slug}-2")
    return slug


def _import(checked: CheckedRows, slug: str, owner: User | None) -> tuple[Study, list[str]]:
    said: list[str] = []
    keys = Keys(checked.spans)
    names = import_sets(checked=checked, keys=keys, owner=owner, said=said)
    import_machines(checked=checked, keys=keys, said=said)
    keys.insert(Study, [(checked.study.id, _study(checked, keys, slug, owner, names))])
    for model in TAKEN:
        if model not in WITH_SETS:
            keys.insert(model, _rows(checked, keys, model))
    _name_recruiters(checked, keys)
    study = Study.objects.get(slug=slug)
    if study.state in (StudyState.LIVE, StudyState.PILOT):
        said.append(f"The study is {study.state} here as it was; pause it on its page if nobody is to take part.")
    record_audit(
        actor=owner, action="import_study", object_type="study", object_id=slug, detail={"was": checked.study.slug}
    )
    return study, said


def _study(checked: CheckedRows, keys: Keys, slug: str, owner: User | None, names: dict[str, str]) -> Study:
    """Return the study to be inserted, its draft under the names that study and sets have here."""
    row = checked.study
    values = keys.columns(Study, row, "study")
    config = {**row.config, "slug": slug}
    config["stimulus_set"] = names.get(config["stimulus_set"], config["stimulus_set"])
    practice = practice_set(config)
    if practice is not None:
        config["practice"] = {**config["practice"], "stimulus_set": names.get(practice, practice)}
    return Study(**{**values, "slug": slug, "owner": owner, "config": config})


def _rows(checked: CheckedRows, keys: Keys, model: type[models.Model]) -> Iterator[tuple[int, models.Model]]:
    for place, row in checked.rows(model):
        values = keys.columns(model, row, place)
        yield row.id, model(**{**values, **_made_here(checked, model, row, place)})


def _made_here(checked: CheckedRows, model: type[models.Model], row: Any, place: str) -> dict[str, Any]:
    """Return what a row has of this installation alone: secrets, and where files are."""
    if model is Session:
        return {"token": secrets.token_urlsafe(32)}
    if model in (Presentation, ScreeningTrial):
        return {"token": secrets.token_urlsafe(16)}
    if model is FrozenStimulus:
        return {"copy_path": checked.sounds.copy(row.copy_sha256, place)}
    if model is StudyVersion:
        return {"screening": screening_with_paths(row.screening, checked.sounds, place)}
    return {}


def _name_recruiters(checked: CheckedRows, keys: Keys) -> None:
    """Keep who sent each participant, which exports tell. Without study and id it is nobody's identity."""
    found = (
        RecruiterIdentity(participant_id=keys.of(Participant, row.id, place), recruiter=row.recruiter)
        for place, row in checked.rows(Participant)
        if getattr(row, RECRUITER)
    )
    RecruiterIdentity.objects.bulk_create(found, batch_size=500)
