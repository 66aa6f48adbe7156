"""Read what a machine said from a CSV file: all rows or none."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.db import transaction
from django.utils.text import slugify

from studyapp.errors import ImportFailed
from studyapp.models import Machine, MachineScore, Stimulus, StimulusSet
from studyapp.services.csv_text import decode_csv, delimiter_of
from studyapp.services.machines import ScoreRow, ensure_machine, record_scores
from studyapp.vocab import Label, Split

MAX_PROBLEMS = 20  # shown; the number of all is said
STIMULUS_COLUMNS = ("stimulus", "stimulus_id")


@dataclass(frozen=True, kw_only=True)
class ScoreImport:
    """What an import stored."""

    machine: Machine
    n_rows: int
    n_without: int  # clips of the set that the file does not name


def import_scores(*, path: Path, set_slug: str, machine: str, is_replacing: bool = False) -> ScoreImport:
    """Store a machine's scores or decisions on the clips of a set.

    The file is CSV as spreadsheets save it (see csv_text), with a header in any case and the columns `stimulus` or
    `stimulus_id` (id, SHA-256 or name in the set, or the name's last part or stem where that is unique) and
    `fake_score` (in [0, 1]; higher is more fake), `decision` (real or fake), or both; `split` is optional. A row with a
    score alone gets the decision that the machine's threshold gives.

    Raises ImportFailed with the number of every wrong row, and where the machine has judged some of the clips already
    unless `is_replacing`; then nothing is stored.
    """
    stimulus_set = StimulusSet.objects.filter(slug=set_slug).first()
    if stimulus_set is None:
        raise ImportFailed(f"there is no stimulus set {set_slug!r}")
    slug = slugify(machine)[:100]
    if not slug:
        raise ImportFailed(f"{machine!r} is no name for a machine: it needs letters or digits")
    stimuli = list(Stimulus.objects.filter(memberships__stimulus_set=stimulus_set).order_by("pk"))
    rows = _read_rows(path, stimuli)
    with transaction.atomic():
        if not is_replacing:
            _refuse_judged(slug, rows)
        found = Machine.objects.filter(slug=slug).first() or ensure_machine(
            slug=slug, title=machine, description="Scores imported from a file.", provenance={"file": path.name}
        )
        record_scores(machine=found, rows=rows)
    return ScoreImport(machine=found, n_rows=len(rows), n_without=len(stimuli) - len(rows))


def _refuse_judged(slug: str, rows: list[ScoreRow]) -> None:
    wanted = {row.stimulus_id for row in rows}
    judged = MachineScore.objects.filter(machine__slug=slug).values_list("stimulus_id", flat=True)
    n_judged = len(wanted.intersection(judged))
    if n_judged:
        raise ImportFailed(
            f"the machine {slug} has judged {n_judged} of these {len(rows)} clips already; nothing was stored. "
            "Give --replace to put the file's word in place of what is stored, or another --machine."
        )


def _names_of(stimuli: Iterable[Stimulus], *, ids_win: bool) -> dict[str, int | None]:
    """Return every name that means one stimulus of the set; None where a name means several.

    A whole name and a hash mean their stimulus, whatever stems say. An id that is also the stem of another sound may be
    meant either way, unless the column is named for ids.
    """
    names: dict[str, int | None] = {}
    for stimulus in stimuli:
        path = PurePosixPath(stimulus.name)
        for name in {stimulus.name, path.stem, path.name, stimulus.sha256, str(stimulus.pk)}:
            names[name] = stimulus.pk if names.get(name, stimulus.pk) == stimulus.pk else None
    for stimulus in stimuli:
        names |= {stimulus.sha256: stimulus.pk, stimulus.name: stimulus.pk}
    if ids_win:
        names |= {str(stimulus.pk): stimulus.pk for stimulus in stimuli}
    return names


def _read_rows(path: Path, stimuli: list[Stimulus]) -> list[ScoreRow]:
    text = _read_text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        header = [name.strip().lower() for name in reader.fieldnames or []]
        reader.fieldnames = header
        # A spreadsheet saves rows that were emptied as delimiters alone.
        lines = [(reader.line_num, values) for values in reader if any(values.values())]
    except csv.Error as error:
        raise ImportFailed(
            f"{path.name} is no CSV after line {reader.line_num} ({error}); nothing was stored. "
            "Look for a quotation mark that is not closed, and save the table as CSV UTF-8."
        ) from None
    column = next((name for name in STIMULUS_COLUMNS if name in header), None)
    if column is None or not {"fake_score", "decision"} & set(header):
        raise ImportFailed(
            f"{path.name}: the header must name stimulus, and fake_score or decision; "
            f"it names {', '.join(header) or 'nothing'}"
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise ImportFailed(f"{path.name}: the header names {', '.join(twice)} twice; leave one of them")
    if not lines:
        raise ImportFailed(f"{path.name}: there is no row below the header")
    return _checked_rows(path, lines, column, _names_of(stimuli, ids_win=column == "stimulus_id"))


def _checked_rows(
    path: Path, lines: list[tuple[int, dict[str, str | None]]], column: str, names: dict[str, int | None]
) -> list[ScoreRow]:
    """Return the rows, none of them wrong. Raises ImportFailed with the number of every wrong row."""
    rows: list[ScoreRow] = []
    problems: list[str] = []
    seen: dict[int, int] = {}
    for line, values in lines:
        try:
            row = _read_row(values, column, names)
            if row.stimulus_id in seen:
                raise ValueError(f"the same stimulus as row {seen[row.stimulus_id]}")
            seen[row.stimulus_id] = line
            rows.append(row)
        except ValueError as error:
            problems.append(f"row {line}: {error}")
    if problems:
        more = f"\nand {len(problems) - MAX_PROBLEMS} more" if len(problems) > MAX_PROBLEMS else ""
        raise ImportFailed(f"{path.name}: nothing was stored.\n" + "\n".join(problems[:MAX_PROBLEMS]) + more)
    return rows


def _read_text(path: Path) -> str:
    try:
        return decode_csv(path.name, path.read_bytes())
    except OSError as error:
        raise ImportFailed(f"{path}: {error.strerror}") from None


def _read_row(values: dict[str, str | None], column: str, names: dict[str, int | None]) -> ScoreRow:
    """Return one checked row. Raises ValueError that says what is wrong with it."""
    if None in values:
        raise ValueError("more cells than the header has")
    name, score, decision, split = (
        (values.get(key) or "").strip() for key in (column, "fake_score", "decision", "split")
    )
    if name not in names:
        raise ValueError(f"no stimulus {name!r} in the set")
    stimulus_id = names[name]
    if stimulus_id is None:
        raise ValueError(f"{name!r} names several stimuli of the set: give the whole path")
    if not score and not decision:
        raise ValueError("neither fake_score nor decision")
    if decision and decision not in list(Label):
        raise ValueError(f"decision {decision!r} is neither real nor fake")
    if split and split not in list(Split):
        raise ValueError(f"split {split!r} is none of {', '.join(Split)}")
    return ScoreRow(
        stimulus_id=stimulus_id,
        fake_score=_score(score) if score else None,
        decision=Label(decision) if decision else None,
        split=split,
    )


def _score(text: str) -> float:
    try:
        value = float(text.replace(",", "."))  # spreadsheets of many languages write 0,5
    except ValueError:
        raise ValueError(f"fake_score {text!r} is no number") from None
    if not (math.isfinite(value) and 0.0 <= value <= 1.0):
        raise ValueError(f"fake_score {text} is not in [0, 1]")
    return value
