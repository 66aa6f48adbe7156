"""Read what somebody says of a table of judgements gathered elsewhere: columns, words, conditions."""

from collections.abc import Iterable, Mapping

from studyapp.errors import ImportFailed
from studyapp.services.response_rows import NAMES, ResponseMapping
from studyapp.vocab import Label


def pair_of(text: str) -> tuple[str, str]:
    """Return HEADER=VALUE as its two parts. Raises ImportFailed."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise ImportFailed(f"{text!r} is not NAME=VALUE")
    return name.strip(), value.strip()


def mapping_of(
    *,
    columns: Mapping[str, str],
    fake: Iterable[str],
    real: Iterable[str],
    only: Iterable[str] = (),
    reason_only: Iterable[str] = (),
    unanswered: Iterable[str] = (),
    rt_from: str = "onset",
) -> ResponseMapping:
    """Return the mapping. Raises ImportFailed for a column that we do not know, and a word that stands for both."""
    unknown = sorted(set(columns) - set(NAMES))
    if unknown:
        raise ImportFailed(f"column {unknown[0]}=...: the name must be one of {', '.join(NAMES)}")
    words = dict.fromkeys(real, Label.REAL)
    both = sorted({word.lower() for word in fake} & {word.lower() for word in words})
    if both:
        raise ImportFailed(f"{both[0]!r} stands for both fake and real")
    return ResponseMapping(
        columns=dict(columns),
        words=words | dict.fromkeys(fake, Label.FAKE),
        only=dict(pair_of(each) for each in only),
        rt_from_offset=rt_from == "offset",
        unanswered=frozenset(word.strip().lower() for word in unanswered),
        reason_only=dict(pair_of(each) for each in reason_only),
    )
