"""What experimenters call what they hear in a clip, and the menu of reasons that such tags become. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

# What the paper's authors heard in their own listening (section VI.A), and the words for participants.
DEFAULT_TAGS: dict[str, str] = {
    "echo": "I hear an unnatural echo",
    "non-target sound": "I hear other sounds that do not belong to it",
    "static": "The background sounds like static",
    "splice": "It sounds cut or spliced together",
    "suspected Foley": "It sounds imitated with other objects",
}
MAX_TAG_LENGTH = 60
MAX_TAGS = 20  # of one clip
MAX_ITEMS = 30  # of a menu of reasons
_FORBIDDEN = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')


def clean_tag(tag: str) -> str:
    """Return the tag with single spaces. Raises ValueError for an empty one, a long one, quotes and backslashes.

    Examples
    --------
    >>> clean_tag("  non-target   sound ")
    'non-target sound'
    """
    words = " ".join(unicodedata.normalize("NFC", tag).split())
    if not words:
        raise ValueError("a tag needs a letter at least")
    if len(words) > MAX_TAG_LENGTH:
        raise ValueError(f"a tag has at most {MAX_TAG_LENGTH} characters; this one has {len(words)}")
    if _FORBIDDEN.search(words):
        raise ValueError("a tag holds no quotation marks, backslashes or control characters")
    return words


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags cleaned, each once, in their order. Raises ValueError."""
    cleaned = list(dict.fromkeys(clean_tag(tag) for tag in tags))
    if len(cleaned) > MAX_TAGS:
        raise ValueError(f"a clip has at most {MAX_TAGS} tags; these are {len(cleaned)}")
    return cleaned


def reason_code(tag: str) -> str:
    """Return the tag as the short name of a reason.

    Examples
    --------
    >>> reason_code("non-target sound"), reason_code("écho!"), reason_code("音")
    ('non_target_sound', 'echo', 'reason')
    """
    plain = unicodedata.normalize("NFKD", tag).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36].strip("_") or "reason"


def reason_items(tags: Iterable[str]) -> list[dict[str, Any]]:
    """Return the `task.reasons.items` of a study made of the tags, and "Other" at the end, which asks for words.

    The first 29 tags are taken. Codes that would be the same are numbered.

    Examples
    --------
    >>> [(item["code"], item["label"]) for item in reason_items(["echo", "hum", "Hum"])][1:]
    [('hum', 'Hum'), ('hum_2', 'Hum'), ('other', 'Other')]
    """
    items: list[dict[str, Any]] = []
    taken = {"other"}
    for tag in list(tags)[: MAX_ITEMS - 1]:
        code = base = reason_code(tag)
        number = 1
        while code in taken:
            number += 1
            code = f"{base}_{number}"
        taken.add(code)
        items.append({"code": code, "label": DEFAULT_TAGS.get(tag, tag[:1].upper() + tag[1:]), "needs_text": False})
    return [*items, {"code": "other", "label": "Other", "needs_text": True}]
