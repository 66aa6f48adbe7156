"""Read the configurations that a study had."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from studyapp.errors import NotFound
from studyapp.models import Study, StudyRevision


@dataclass(frozen=True, kw_only=True)
class State:
    """A configuration that the study had: of a revision (r12) or of a launched version (v1)."""

    key: str
    words: str
    config: dict[str, Any]


def list_revisions(study: Study) -> QuerySet[StudyRevision]:
    """Return the study's revisions, the latest first, each with its author and without its configuration."""
    return study.revisions.select_related("author").defer("config").order_by("-number")


def get_revision(study: Study, number: int) -> StudyRevision:
    """Return the revision of that number. Raises NotFound."""
    try:
        return study.revisions.get(number=number)
    except StudyRevision.DoesNotExist:
        raise NotFound(f"this study has no revision {number}") from None


def get_state(study: Study, key: str) -> State:
    """Return what the key names: r and a revision's number, or v and a version's. Raises NotFound."""
    kind, number = key[:1], key[1:]
    if kind in ("r", "v") and number.isascii() and number.isdigit() and len(number) < 10:
        rows = study.revisions.filter(number=int(number)) if kind == "r" else study.versions.filter(number=int(number))
        config = rows.values_list("config", flat=True).first()
        if config is not None:
            return State(key=key, words=f"{'revision' if kind == 'r' else 'version'} {int(number)}", config=config)
    raise NotFound(f"this study has no state {key[:20]!r}")


def undo_target(study: Study) -> StudyRevision | None:
    """Return the revision that an undo brings back; None when there is none."""
    chain, place = _chain(study)
    return get_revision(study, chain[place + 1]) if place + 1 < len(chain) else None


def redo_target(study: Study) -> StudyRevision | None:
    """Return the revision that a redo brings back; None when nothing was undone since the last change."""
    chain, place = _chain(study)
    return get_revision(study, chain[place - 1]) if place > 0 else None


def _chain(study: Study) -> tuple[list[int], int]:
    """Return the numbers of the revisions from the last change backwards, and where among them the study stands.

    An undo or redo is a revision of its own that restores another. What a change was made to is the state before it.
    """
    rows = list(study.revisions.order_by("number").values_list("number", "restores"))
    if not rows:
        return [], 0
    before: dict[int, int] = {}  # of each change, the change whose state it was made to
    stands_at = rows[0][0]
    last = rows[0][0]
    for number, restores in rows[1:]:
        if restores is None:
            before[number] = stands_at
            stands_at = last = number
        else:
            stands_at = restores
    chain = [last]
    while chain[-1] in before:
        chain.append(before[chain[-1]])
    return chain, chain.index(stands_at) if stands_at in chain else 0
