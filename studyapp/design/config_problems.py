"""Find everything that is wrong with a study's configuration, each with its path and what is allowed. Pure."""

import copy
import re
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from studyapp.design.config import StudyConfig
from studyapp.design.config_fields import find_setting, settings_tree
from studyapp.design.config_language import in_its_language
from studyapp.design.config_types import PATTERN_WORDS

ROUNDS = 6
STAND_IN = "x"  # for a required setting that is wrong or missing, so that the rest can be looked at
Location = tuple[int | str, ...]


def find_config_problems(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Return every problem as a (path, message) pair, such as ("task.plays", "must be at least 1, not 0 ...").

    A rule about several settings is looked at only when each of them is right. So what is wrong is taken out, and the
    rest is looked at again; what is found then counts unless it may come from what was taken out.
    """
    given = copy.deepcopy(config)
    found: list[tuple[str, str]] = []
    for _ in range(ROUNDS):
        try:
            StudyConfig.model_validate(in_its_language(given))
            break
        except ValidationError as error:
            details = error.errors()
        wrong = [path for path, _ in found]
        placed = [(detail, *_placed(detail)) for detail in details]
        fresh = [each for each in placed if not _is_blamed(each[1], wrong, is_root=not each[0]["loc"])]
        found += [(path, message) for _, path, message in fresh]
        taken = [_take_out(given, detail) for detail in sorted(details, key=_depth, reverse=True)]
        if not any(taken):
            break
    return found


def _depth(detail: ErrorDetails) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, int), part if isinstance(part, int) else 0, str(part)) for part in detail["loc"]]


def _is_blamed(path: str, wrong: list[str], *, is_root: bool) -> bool:
    """Whether the problem may come from what was taken out before: the same setting, a part of it or what it is in."""
    top = path.split(".")[0]
    if is_root:  # a rule between sections
        return any(each.split(".")[0] in (top, "recruitment") for each in wrong)
    return any(_holds(path, each) or _holds(each, path) for each in wrong)


def _holds(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}.")


def _take_out(given: dict[str, Any], detail: ErrorDetails) -> bool:
    """Take the wrong value out, or the item of a list that it is in; say whether anything was done."""
    location = [part for part in detail["loc"] if part != "[key]"]
    if not location:
        return False
    if len(location) == 1 and location[0] in ("slug", "title", "stimulus_set"):
        changed = given.get(str(location[0])) != STAND_IN
        given[str(location[0])] = STAND_IN
        return changed
    inside = next((index for index, part in enumerate(location) if isinstance(part, int)), None)
    if inside is not None:
        location = location[: inside + 1]
    place: Any = given
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        if isinstance(place, list) and isinstance(part, int) and part < len(place):
            if is_last:
                del place[part]
                return True
            place = place[part]
        elif isinstance(place, dict) and part in place:
            if is_last or not isinstance(place[part], dict | list):
                del place[part]
                return True
            place = place[part]
        else:
            return False
    return False


def _placed(detail: ErrorDetails) -> tuple[str, str]:
    """Return the problem's path and message. A rule of the whole names in its first word what it is about."""
    path, message = ".".join(str(part) for part in detail["loc"] if part != "[key]"), _message(detail)
    named = re.match(r"([a-z_]+(?:\.[a-z_]+)+) (.*)", message) if not path else None
    if named and find_setting(named[1]):
        return named[1], named[2]
    return path, message


def _message(detail: ErrorDetails) -> str:
    kind, context, value, location = detail["type"], detail.get("ctx", {}), detail["input"], detail["loc"]
    shown = _shown(value)
    setting = find_setting(".".join(str(part) for part in location if part != "[key]"))
    allowed = setting.allowed if setting else ""
    if location and location[-1] == "[key]":
        keys = find_setting(".".join(str(part) for part in location[:-2]))
        return f"is no key that goes here; allowed: {keys.parts[0].allowed if keys and keys.parts else 'text'}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        keys_here = _allowed_keys(location)
        return f"must be a mapping{' with the keys ' + ', '.join(keys_here) if keys_here else ''}, not {shown}"
    messages = {
        "missing": f"is required{': ' + allowed if allowed else ''}",
        "extra_forbidden": f"is not a setting; allowed here: {', '.join(_allowed_keys(location[:-1]))}",
        "literal_error": f"must be {context.get('expected', '')}, not {shown}",
        "string_type": f"must be text, not {shown}"
        + (" (put it in quotes)" if isinstance(value, bool | int | float | date) else ""),
        "bool_type": f"must be true or false, not {shown}",
        "int_type": f"must be {allowed or 'a whole number'}, not {shown}",
        "float_type": f"must be {allowed or 'a number'}, not {shown}",
        "finite_number": f"must be {allowed or 'a number'}, not {shown}",
        "list_type": f"must be a list, not {shown}",
        "greater_than_equal": f"must be at least {context.get('ge')}, not {shown}",
        "greater_than": f"must be above {context.get('gt')}, not {shown}",
        "less_than_equal": f"must be at most {context.get('le')}, not {shown}",
        "less_than": f"must be below {context.get('lt')}, not {shown}",
        "string_too_short": "must not be empty",
        "string_too_long": f"must have at most {context.get('max_length')} characters",
        "string_pattern_mismatch": f"must match {context.get('pattern')}, not {shown}"
        + (f"; allowed: {allowed}" if context.get("pattern") in PATTERN_WORDS else ""),
        "too_short": f"needs at least {context.get('min_length')} item",
        "too_long": f"takes at most {context.get('max_length')} items",
        "value_error": str(context.get("error", detail["msg"])),
    }
    message = messages.get(kind, detail["msg"])
    has_range = kind in ("greater_than_equal", "less_than_equal") and " from " in allowed and " to " in allowed
    return f"{message}; allowed: {allowed}" if has_range else message


def _shown(value: Any) -> str:
    """Return the value as a message shows it. Python refuses to write out whole numbers of thousands of digits."""
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed_keys(location: Location) -> list[str]:
    """Return the keys that the section at `location` takes; empty where any key goes."""
    if not location:
        return list(settings_tree())
    setting = find_setting(".".join(str(part) for part in location))
    return [part.key for part in setting.parts] if setting and setting.kind in ("group", "list") else []
