"""What the address of the clips' page asks for, and the fields that ask it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detector.selectors.gallery import OUTCOMES, HeldOutClip, Wanted
from detector.selectors.runs import BEST
from studyapp.errors import NotFound

ALL = ("", "all")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field with one choice of several: (value, words)."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Return the filter of an address. Raises NotFound for an outcome or a fold that cannot be."""
    outcome, fold = query.get("outcome") or "errors", query.get("fold", "")
    if outcome not in OUTCOMES or (fold and not (fold.isascii() and fold.isdigit() and len(fold) < 6)):
        raise NotFound("There are no such clips.")
    return Wanted(
        outcome=outcome,
        category=query.get("category", ""),
        system=query.get("system", ""),
        fold=int(fold) if fold else None,
    )


def filter_fields(wanted: Wanted, clips: Iterable[HeldOutClip], *, n_runs: int, choice: str) -> list[Field]:
    """Return the fields; a question that has one answer only is left out, unless it was answered."""
    clips = list(clips)
    folds = sorted({(clip.fold, clip.fold_name) for clip in clips})
    fields = [
        Field(
            name="outcome",
            label="Show",
            options=[(name, outcome.words) for name, outcome in OUTCOMES.items()],
            chosen=wanted.outcome,
        ),
        _field("category", sorted({clip.category for clip in clips}), wanted.category),
        _field("system", sorted({clip.system for clip in clips} - {""}), wanted.system),
        Field(
            name="fold",
            label="Fold",
            options=[ALL, *((str(number), name or str(number + 1)) for number, name in folds)],
            chosen="" if wanted.fold is None else str(wanted.fold),
        ),
        Field(
            name="run",
            label="Run",
            options=[(BEST, "best by validation"), *((str(n), str(n)) for n in range(1, n_runs + 1))],
            chosen=choice,
        ),
    ]
    return [field for field in fields if len(field.options) > 2 or field.chosen not in ("", BEST)]


def _field(name: str, values: Sequence[str], chosen: str) -> Field:
    options = [ALL, *((value, value) for value in values)]
    return Field(name=name, label=name.capitalize(), options=options, chosen=chosen)
