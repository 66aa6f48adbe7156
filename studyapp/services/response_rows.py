"""The rows of a table of judgements: read, mapped and checked, all before anything is stored."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from studyapp.design.config import StudyConfig
from studyapp.errors import ImportFailed
from studyapp.models import Stimulus, StudyVersion
from studyapp.selectors.study_config import frozen_config
from studyapp.services.response_table import plain_answer, read_table
from studyapp.services.stimulus_names import names_of
from studyapp.vocab import Label

MAX_PROBLEMS = 20  # shown; the number of all is said
REQUIRED = ("participant_id", "stimulus_id", "response")
OPTIONAL = ("reason", "reason_text", "confidence", "rt_ms", "trial_order")
NAMES = REQUIRED + OPTIONAL
MAX_ID = 200
THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
Values = dict[str, str | None]


@dataclass(frozen=True, kw_only=True)
class ResponseMapping:
    """How a file says what we need. Headers and words in any case.

    columns: our name -> the file's header, for those that differ. words: what the file's answers mean.
    only: header -> the value that a row must have to be read. rt_from_offset: rt_ms counts from the sound's end.
    unanswered: words, in small letters, for no answer: such a judgement is counted and not stored.
    reason_only: header -> the value of rows that give the reason of the same participant's last judgement above them.
    """

    columns: dict[str, str] = field(default_factory=dict)
    words: dict[str, Label] = field(default_factory=lambda: {"real": Label.REAL, "fake": Label.FAKE})
    only: dict[str, str] = field(default_factory=dict)
    rt_from_offset: bool = False
    unanswered: frozenset[str] = frozenset()
    reason_only: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseRow:
    """One judgement. order: the trial's place among the participant's. reason_with_text: which reason has the words."""

    line: int
    participant: str
    frozen_id: int
    choice: Label
    order: int
    reasons: tuple[str, ...] = ()
    reason_with_text: str = ""
    reason_text: str = ""
    confidence: int | None = None
    rt_from_onset_ms: float | None = None
    rt_from_offset_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class ReadResponses:
    """The rows of a file, none of them wrong; how many the conditions left out, how many had no answer."""

    rows: list[ResponseRow]
    n_left_out: int
    n_unanswered: int


def read_responses(*, path: Path, version: StudyVersion, mapping: ResponseMapping) -> ReadResponses:
    """Read a file of judgements. Raises ImportFailed with the number of every wrong row."""
    config = frozen_config(version)
    if config.task.type != "yes_no":
        raise ImportFailed(f"the study asks for {config.task.type}; only judgements of real or fake can be imported")
    header, lines = read_table(path)
    columns = _columns(path, header, mapping)
    reader = _RowReader(version=version, config=config, columns=columns, mapping=mapping)
    rows: list[ResponseRow] = []
    problems: list[str] = []
    n_problems = n_left_out = n_unanswered = 0
    latest: dict[str, int | None] = {}  # participant -> the place of the last judgement, None where it had no answer
    for line, values in lines:
        is_reason = bool(mapping.reason_only) and _fits(values, mapping.reason_only)
        if not is_reason and not _fits(values, mapping.only):
            n_left_out += 1
            continue
        try:
            if is_reason:
                place = reader.judged(values, latest)
                if place is not None:
                    rows[place] = reader.add_reason(rows[place], values)
            elif reader.is_unanswered(values):
                n_unanswered += 1
                latest[reader.participant(values)] = None
            else:
                rows.append(reader.read(line, values))
                latest[rows[-1].participant] = len(rows) - 1
        except ValueError as error:
            n_problems += 1
            problems += [f"row {line}: {error}"] if len(problems) < MAX_PROBLEMS else []
    if not n_problems:
        problems = _doubled(rows, has_order="trial_order" in columns)
        n_problems = len(problems)
    if n_problems:
        more = f"\nand {n_problems - MAX_PROBLEMS} more" if n_problems > MAX_PROBLEMS else ""
        raise ImportFailed(f"{path.name}: nothing was stored.\n" + "\n".join(problems[:MAX_PROBLEMS]) + more)
    if not rows:
        why = "every row was left out by --only" if n_left_out else "there is no row below the header"
        why = f"{n_unanswered} judgements have no answer, and there are no others" if n_unanswered else why
        raise ImportFailed(f"{path.name}: {why}; nothing was stored")
    return ReadResponses(rows=rows, n_left_out=n_left_out, n_unanswered=n_unanswered)


def _fits(values: Values, conditions: dict[str, str]) -> bool:
    """Whether the row has every value that the conditions ask for; in any case."""
    return all(
        (values.get(name.strip().lower()) or "").strip().lower() == value.strip().lower()
        for name, value in conditions.items()
    )


def _columns(path: Path, header: list[str], mapping: ResponseMapping) -> dict[str, str]:
    """Return our names -> the file's headers. Raises ImportFailed for what is missing."""
    columns = {name: mapping.columns.get(name, name).strip().lower() for name in NAMES}
    asked = set(REQUIRED) | set(mapping.columns)
    wanted = {columns[name]: name for name in NAMES if name in asked}
    wanted |= {name.strip().lower(): "--only" for name in mapping.only}
    wanted |= {name.strip().lower(): "--reason-only" for name in mapping.reason_only}
    missing = [
        f"{column} ({name})" if column != name else column for column, name in wanted.items() if column not in header
    ]
    if missing:
        named = ", ".join(filter(None, header)) or "nothing"
        raise ImportFailed(
            f"{path.name}: no column {', '.join(missing)}; the header names {named}. "
            "Say which column holds what with --column participant_id=HEADER"
        )
    return {name: column for name, column in columns.items() if column in header}


class _RowReader:
    """Checks rows of one file against one version."""

    def __init__(
        self, *, version: StudyVersion, config: StudyConfig, columns: dict[str, str], mapping: ResponseMapping
    ) -> None:
        frozen = dict(version.frozen_stimuli.values_list("stimulus_id", "pk"))
        stimuli = Stimulus.objects.filter(pk__in=frozen).order_by("pk")
        self._frozen = frozen
        self._names = names_of(stimuli, ids_win=True)
        self._columns = columns
        self._words = {word.strip().lower(): label for word, label in mapping.words.items()}
        self._rt_from_offset = mapping.rt_from_offset
        self._unanswered = mapping.unanswered
        self._has_reason_rows = bool(mapping.reason_only)
        reasons = config.task.reasons
        self._rule, self._mode = reasons.after, reasons.mode
        self._reasons = {item.label.strip().rstrip(".").lower(): item for item in reasons.items}
        self._reasons |= {item.code: item for item in reasons.items}
        self._has_confidence = config.task.confidence
        self._n_read = 0

    def read(self, line: int, values: Values) -> ResponseRow:
        """Return one checked row. Raises ValueError that says what is wrong with it."""
        if None in values:
            raise ValueError("more cells than the header has")
        got = {name: self._cell(values, name) for name in self._columns}
        self._n_read += 1
        choice = self._choice(got["response"])
        row = ResponseRow(
            line=line,
            participant=_participant(got["participant_id"]),
            frozen_id=self._sound(got["stimulus_id"]),
            choice=choice,
            order=_whole(got["trial_order"], "trial_order") if "trial_order" in got else self._n_read,
        )
        if not self._has_reason_rows:
            row = self._with_reasons(row, got.get("reason", ""), got.get("reason_text", ""))
        return self._with_numbers(row, got.get("confidence", ""), got.get("rt_ms", ""))

    def is_unanswered(self, values: Values) -> bool:
        """Whether the row says that the participant gave no answer."""
        return (values.get(self._columns["response"]) or "").strip().lower() in self._unanswered

    def participant(self, values: Values) -> str:
        """Return who the row is of. Raises ValueError."""
        return _participant(self._cell(values, "participant_id"))

    def judged(self, values: Values, latest: dict[str, int | None]) -> int | None:
        """Return the place of the judgement that a row gives the reason of; None where that had no answer."""
        who = self.participant(values)
        if who not in latest:
            raise ValueError(f"a reason of {who}, of whom there is no judgement above it")
        return latest[who]

    def add_reason(self, row: ResponseRow, values: Values) -> ResponseRow:
        """Return the judgement with the reason of a row of its own. Raises ValueError that says what is wrong."""
        if row.reasons:
            raise ValueError(f"a second reason for the judgement in row {row.line}")
        reason = self._cell(values, "reason") if "reason" in self._columns else ""
        text = self._cell(values, "reason_text") if "reason_text" in self._columns else ""
        return self._with_reasons(row, reason, text)

    def _cell(self, values: Values, name: str) -> str:
        """Return a cell; empty where it says that there was no answer."""
        text = (values.get(self._columns[name]) or "").strip()
        return "" if text.lower() in self._unanswered else text

    def _sound(self, name: str) -> int:
        # Programs note the address that they played: its last part is the file's name.
        name = name if name in self._names else name.rpartition("/")[2]
        if name not in self._names:
            raise ValueError(f"no sound {name!r} in the study's latest version")
        found = self._names[name]
        if found is None:
            raise ValueError(f"{name!r} names several sounds of the study: give the whole path")
        return self._frozen[found]

    def _choice(self, word: str) -> Label:
        label = self._words.get(word.lower())
        if label is None:
            known = ", ".join(sorted(self._words))
            raise ValueError(f"the response {word!r} is none of {known}; say what words mean with --fake and --real")
        return label

    def _with_reasons(self, row: ResponseRow, given: str, text: str) -> ResponseRow:
        if not given:
            if text:
                raise ValueError("a reason_text without a reason")
            return row
        if self._rule == "never" or (self._rule == "fake" and row.choice is not Label.FAKE):
            raise ValueError(f"a reason, which the study does not ask after the answer {row.choice}")
        given, items = plain_answer(given), []
        for word in given.split("|") if self._mode == "multiple" else [given]:
            item = self._reasons.get(word.strip().rstrip(".").lower())
            if item is None:
                raise ValueError(f"the reason {word.strip()!r} is not in the study's menu: {self._menu()}")
            items.append(item)
        codes = tuple(item.code for item in items)
        if len(set(codes)) < len(codes):
            raise ValueError("a reason stands twice")
        takes_text = [item.code for item in items if item.needs_text]
        if text and not takes_text:
            raise ValueError("a reason_text, which no reason given takes")
        return replace(row, reasons=codes, reason_text=text, reason_with_text=takes_text[0] if text else "")

    def _menu(self) -> str:
        return ", ".join(dict.fromkeys(item.code for item in self._reasons.values()))

    def _with_numbers(self, row: ResponseRow, confidence: str, rt: str) -> ResponseRow:
        if confidence:
            if not self._has_confidence:
                raise ValueError("a confidence, which the study does not ask for")
            value = _whole(confidence, "confidence")
            if not 1 <= value <= 4:
                raise ValueError(f"the confidence {value} is not 1 to 4")
            row = replace(row, confidence=value)
        if rt:
            value_ms = _milliseconds(rt)
            if self._rt_from_offset:
                return replace(row, rt_from_offset_ms=value_ms)
            return replace(row, rt_from_onset_ms=value_ms)
        return row


def _doubled(rows: list[ResponseRow], *, has_order: bool) -> list[str]:
    """Return a problem for each row that cannot be told from an earlier one of the same participant."""
    told: Callable[[ResponseRow], tuple[str, int]] = (
        (lambda row: (row.participant, row.order)) if has_order else (lambda row: (row.participant, row.frozen_id))
    )
    what = "trial_order" if has_order else "sound"
    hint = "" if has_order else "; where sounds were repeated, give the column trial_order"
    first: dict[tuple[str, int], int] = {}
    problems = []
    for row in rows:
        line = first.setdefault(told(row), row.line)
        if line != row.line:
            problems.append(f"row {row.line}: the same participant and {what} as row {line}{hint}")
    return problems


def _participant(name: str) -> str:
    if not name:
        raise ValueError("no participant_id")
    if len(name) > MAX_ID:
        raise ValueError(f"a participant_id of {len(name)} characters; at most {MAX_ID}")
    if "\0" in name:
        raise ValueError("a participant_id with a NUL character")
    return name


def _number(text: str, name: str, kind: str) -> float:
    """Return the number; a comma is a decimal one, unless it may as well set thousands apart."""
    if THOUSANDS_OR_DECIMALS.fullmatch(text):
        raise ValueError(
            f"{name} {text!r} may be {text.replace(',', '')} or {text.replace(',', '.')}: write thousands without a "
            "comma, and decimals with a point"
        )
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{name} {text!r} is no {kind}") from None


def _whole(text: str, name: str) -> int:
    value = _number(text, name, "whole number")
    if not (math.isfinite(value) and value == int(value) and abs(value) < 1 << 31):
        raise ValueError(f"{name} {text!r} is no whole number")
    return int(value)


def _milliseconds(text: str) -> float:
    value = _number(text, "rt_ms", "number")
    if not (math.isfinite(value) and 0.0 <= value < 86_400_000.0):
        raise ValueError(f"rt_ms {text} is not between 0 and a day")
    return value
