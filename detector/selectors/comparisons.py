"""The stored comparison of a set of trainings."""

from collections.abc import Iterable
from typing import Any

from detector.models import Comparison
from detector.selectors.stored_json import read_json


def comparison_key(keys: Iterable[int]) -> str:
    """Return what a comparison of these trainings is found by, whatever order they are named in.

    >>> comparison_key([12, 3, 12])
    '3,12'
    """
    return ",".join(str(key) for key in sorted(set(keys)))


def compared_keys(comparison: Comparison) -> list[int]:
    """Return the numbers of its trainings, ascending."""
    return [int(key) for key in comparison.key.split(",")]


def comparison_row(keys: Iterable[int]) -> Comparison | None:
    """Return the comparison of these trainings, whatever its state; None where none was ever asked for."""
    return Comparison.objects.filter(key=comparison_key(keys)).first()


def stored_comparison(comparison: Comparison) -> dict[str, Any] | None:
    """Return the comparison (docs/report_json.md), or None until there is one.

    While it is computed anew the last one is returned. Raises NotFound or BadFile where the stored file is bad.
    """
    if not comparison.content_name:
        return None
    return read_json(comparison.content_name, comparison.content_sha256, what=str(comparison))
