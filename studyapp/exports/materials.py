"""Write what a study is restored from: every row that it needs, one JSON object a line, and every sound.

No secret leaves: tokens, codes, accounts and recruiters' ids are no columns of a bundle (`bundle_rows`), and answers to
questions are told as in the table of answers. What is exported tells real from fake: it is for experimenters.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, cast

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Max, Q

from studyapp.errors import NotFound
from studyapp.exports.answers import answers_told, codes_in_words, told
from studyapp.exports.written import ExportedFile, ExportFailed, write_lines, write_parts
from studyapp.models import FrozenStimulus, Participant, QuestionAnswer, Stimulus, StimulusSet, Study, StudyVersion
from studyapp.services import media
from studyapp.services.bundle_folder import MANIFEST, ROWS, SOUNDS, row_file
from studyapp.services.bundle_rows import FORMAT, RECRUITER, TAKEN, table_name
from studyapp.vocab import Origin

CHUNK = 2000  # rows fetched from the database at a time
PART_BYTES = 1 << 20

# How the rows of a table belong to a study. Sounds and sets follow from what is presented, see `_parts`.
_BELONGS = {
    "study": "pk",
    "study_version": "study",
    "block": "version__study",
    "frozen_stimulus": "version__study",
    "participant": "study",
    "session": "version__study",
    "screening_attempt": "session__version__study",
    "screening_trial": "attempt__session__version__study",
    "session_action": "session__version__study",
    "client_event": "session__version__study",
    "exclusion": "session__version__study",
    "question_answer": "session__version__study",
    "trial": "session__version__study",
    "presentation": "trial__session__version__study",
    "play": "presentation__trial__session__version__study",
    "response": "trial__session__version__study",
    "chosen_reason": "response__trial__session__version__study",
}


def write_materials(*, study: Study, folder: Path, on_part: Callable[[], None]) -> list[ExportedFile]:
    """Write rows and sounds below the folder and return the files. Raises ExportFailed for a sound that is damaged."""
    for name in (ROWS, SOUNDS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if connection.vendor == "postgresql" and not connection.in_atomic_block:
            # One picture of all tables, however long it takes; on SQLite the marks below give one.
            stack.enter_context(transaction.atomic())
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        parts = _parts(study)
        files = [
            write_lines(folder, row_file(table_name(model)), _watched(_lines(study, found), on_part), n_headers=0)
            for model, found in parts.items()
        ]
        rows = {table_name(model): file.n_rows for model, file in zip(parts, files, strict=True)}
        for name, sha256, stored in _sounds(parts):
            on_part()
            files.append(_write_sound(folder, f"{SOUNDS}/{name}", sha256, stored))
    manifest = {"format": FORMAT, "program": f"Earwitness {settings.VERSION}", "study": study.slug, "rows": rows}
    return [*files, write_lines(folder, MANIFEST, [json.dumps(manifest, indent=2) + "\n"])]


def _watched(lines: Iterable[str], on_part: Callable[[], None]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number % 1000 == 0:
            on_part()
        yield line


def _parts(study: Study) -> dict[type[models.Model], "models.QuerySet[Any]"]:
    """Return the study's rows of each table. What is added while they are read belongs to none of them.

    Marks are set in the tables that name others first: of every row that is read, those that it names are read too.
    """
    practice = (study.config.get("practice") or {}).get("stimulus_set")
    sets = Q(pk=study.stimulus_set_id) | Q(slug=practice or "")
    shown = StimulusSet.objects.filter(sets)
    frozen = FrozenStimulus.objects.filter(version__study=study)
    stimuli = Stimulus.objects.filter(
        Q(pk__in=frozen.values("stimulus")) | Q(memberships__stimulus_set__in=shown)
    ).distinct()
    of_sounds = {
        "stimulus_set": sets | Q(pk__in=stimuli.values("home_set")),
        "stimulus": Q(pk__in=stimuli.values("pk")),
        "set_member": Q(stimulus__in=stimuli.values("pk"))
        & (Q(stimulus_set__in=shown) | Q(stimulus_set=models.F("stimulus__home_set"))),
        "machine": Q(scores__stimulus__in=stimuli.values("pk")),
        "machine_score": Q(stimulus__in=stimuli.values("pk")),
    }
    parts: dict[type[models.Model], models.QuerySet[Any]] = {}
    for model in reversed(TAKEN):
        name = table_name(model)
        condition = of_sounds[name] if name in of_sounds else Q(**{_BELONGS[name]: study.pk})
        found = model._default_manager.filter(condition).order_by().distinct()
        mark = found.aggregate(mark=Max("pk"))["mark"] or 0
        # Distinct by key: whole rows hold JSON, which PostgreSQL does not compare.
        kept = model._default_manager.filter(pk__in=found.filter(pk__lte=mark).values("pk"))
        parts[model] = kept.order_by("pk")
    return dict(reversed(parts.items()))


def _lines(study: Study, found: "models.QuerySet[Any]") -> Iterator[str]:
    names = TAKEN[found.model]
    columns = ["pk", *(found.model._meta.get_field(name).attname for name in names)]
    if found.model is QuestionAnswer:
        rows = _told_answers(study, found)
    else:
        if found.model is Participant:
            names, columns = (*names, RECRUITER), [*columns, "recruiter_identity__recruiter"]
        rows = found.values_list(*columns).iterator(CHUNK)
    for key, *values in rows:
        row = {"id": key} | dict(zip(names, values, strict=True))
        if found.model is StudyVersion:
            row["screening"] = _without_paths(row["screening"])
        if found.model is Participant:
            row[RECRUITER] = row[RECRUITER] or ""
        yield json.dumps(row, default=_in_json, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _in_json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a row")


def _told_answers(study: Study, found: "models.QuerySet[QuestionAnswer]") -> Iterator[tuple[Any, ...]]:
    """Yield the answers as the table of answers tells them, those in words left out."""
    may_be_told = {origin.value: answers_told(study, origin) for origin in Origin}
    in_words = codes_in_words(study)
    for each in found.select_related("session").iterator(CHUNK):
        if each.code not in in_words:
            answer = told(each, may_be_told[each.session.origin])
            yield each.pk, each.session_id, each.step, each.attempt, each.code, answer, each.answered_at


def _without_paths(screening: Any) -> Any:
    """Return a version's screening sounds without the names of their files, which follow from the hashes."""
    if isinstance(screening, dict):
        return {name: _without_paths(each) for name, each in screening.items() if name != "path"}
    return screening


def _sounds(parts: dict[type[models.Model], "models.QuerySet[Any]"]) -> Iterator[tuple[str, str, str]]:
    """Yield (name in the bundle, SHA-256, stored name) of every sound, each once: originals, copies, screening."""
    named: set[str] = set()
    for sha256, stored in _stored(parts):
        name = f"{sha256}{PurePosixPath(stored).suffix.lower()}"
        if name not in named:
            named.add(name)
            yield name, sha256, stored


def _stored(parts: dict[type[models.Model], "models.QuerySet[Any]"]) -> Iterator[tuple[str, str]]:
    yield from parts[Stimulus].values_list("sha256", "audio_path").iterator(CHUNK)
    yield from parts[FrozenStimulus].values_list("copy_sha256", "copy_path").iterator(CHUNK)
    for screening in parts[StudyVersion].values_list("screening", flat=True):
        yield from _screening_sounds(screening)


def _screening_sounds(screening: Any) -> Iterator[tuple[str, str]]:
    if isinstance(screening, dict) and "path" in screening:
        yield screening["sha256"], screening["path"]
    elif isinstance(screening, dict):
        for each in screening.values():
            yield from _screening_sounds(each)


def _write_sound(folder: Path, path: str, sha256: str, stored: str) -> ExportedFile:
    try:
        with media.open_file(stored) as file:
            written = write_parts(folder, path, iter(lambda: cast("bytes", file.read(PART_BYTES)), b""))
    except NotFound as error:
        raise ExportFailed(str(error)) from None
    if written.sha256 != sha256:
        raise ExportFailed(
            f"the stored sound {stored} is damaged (its SHA-256 differs); import its set again, then export once more"
        )
    return written
