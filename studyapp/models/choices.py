"""Turn a vocabulary into what Django's `choices` wants, and into a database constraint."""

from collections.abc import Mapping
from enum import StrEnum

from django.db.models import CheckConstraint, Q


def choices_of(words: type[StrEnum], shown: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return each word with what people read: `shown`, else the word without underscores."""
    return [(word.value, (shown or {}).get(word.value, word.value.replace("_", " "))) for word in words]


def only(field: str, words: type[StrEnum], *, model: str, blank: bool = False) -> CheckConstraint:
    """Return a constraint that keeps `field` within `words` (and "", where blank)."""
    allowed = [word.value for word in words] + ([""] if blank else [])
    return CheckConstraint(condition=Q(**{f"{field}__in": allowed}), name=f"{model}_{field}_known")
