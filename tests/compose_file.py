"""Read docker-compose.yml as Compose does: anchors, merges, and the variables of .env put in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_FILE = ROOT / "docker-compose.yml"
# $$ is a dollar; ${NAME}, ${NAME:-default} and ${NAME:?what is missing} are variables.
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z0-9_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")
# What .env must set, and for a test's sake may.
SECRETS = {"SECRET_KEY": "k" * 50, "POSTGRES_PASSWORD": "p" * 32, "REDIS_PASSWORD": "r" * 32}
VARIABLES = SECRETS | {"SITE_HOST": "localhost", "MIN_FREE_GB": "0"}
SECONDS = {"s": 1, "m": 60, "h": 3600}


class MissingVariable(Exception):
    """A variable that .env must set is not set."""


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the file's content. Raises MissingVariable."""
    content: dict[str, Any] = _put_in(yaml.safe_load(COMPOSE_FILE.read_text()), variables)
    return content


def variables_asked_for() -> dict[str, str | None]:
    """Return every variable of the file with its default; None for those that must be set."""
    found: dict[str, str | None] = {}
    for each in VARIABLE.finditer(COMPOSE_FILE.read_text()):
        if each["name"] and each["name"] not in found:
            found[each["name"]] = each["rest"] if each["kind"] == "-" else None
    return found


def seconds(duration: str) -> float:
    """Return a duration such as 30s, 5m or 1h in seconds."""
    return float(duration[:-1]) * SECONDS[duration[-1]]


def _put_in(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _put_in(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [_put_in(each, variables) for each in value]
    return VARIABLE.sub(lambda found: _value(found, variables), value) if isinstance(value, str) else value


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    if given := variables.get(found["name"]):
        return given
    if found["kind"] == "-":
        return found["rest"]
    raise MissingVariable(f"{found['name']}: {found['rest'] or 'not set'}")
