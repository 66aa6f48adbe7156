"""Read what a machine said from a CSV file: all rows or none."""

import math
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from studyapp.errors import ImportFailed
from studyapp.models import Machine, MachineScore, Stimulus, StimulusSet
from studyapp.services.csv_text import read_csv
from studyapp.services.machines import ScoreRow, ensure_machine, record_scores
from studyapp.services.stimulus_names import names_of
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


def _read_rows(path: Path, stimuli: list[Stimulus]) -> list[ScoreRow]:
    header, read = read_csv(path)
    lines = list(read)
    column = next((name for name in STIMULUS_COLUMNS if name in header), None)
    if column is None or not {"fake_score", "decision"} & set(header):
        raise ImportFailed(
            f"{path.name}: the header must name stimulus, and fake_score or decision; "
            f"it names {', '.join(header) or 'nothing'}"
        )
    if not lines:
        raise ImportFailed(f"{path.name}: there is no row below the header")
    return _checked_rows(path, lines, column, names_of(stimuli, ids_win=column == "stimulus_id"))


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
