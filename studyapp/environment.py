"""Read environment variables, refusing what cannot be meant. Pure: the mapping is an argument."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit


class BadEnvironment(Exception):
    """An environment variable has a value that the program cannot use."""


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def read_bool(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return the truth value of `name`, or `default` when it is not set."""
    raw = environ.get(name)
    if raw is None:
        return default
    if raw.strip().lower() in _TRUE:
        return True
    if raw.strip().lower() in _FALSE:
        return False
    raise BadEnvironment(f"{name}={raw!r} is neither true nor false: use 1 or 0")


def read_choice(environ: Mapping[str, str], name: str, *, default: str, allowed: tuple[str, ...]) -> str:
    """Return the value of `name`, one of `allowed`."""
    raw = environ.get(name, default).strip()
    if raw not in allowed:
        raise BadEnvironment(f"{name}={raw!r} is not one of {', '.join(allowed)}")
    return raw


def read_number(environ: Mapping[str, str], name: str, *, default: float) -> float:
    """Return the number in `name`, 0 or more, or `default` when it is not set."""
    raw = environ.get(name, "").strip()
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise BadEnvironment(f"{name}={raw!r} is not a number from 0")
    return value


def read_secret(environ: Mapping[str, str], name: str) -> str:
    """Return the secret in `name`, empty when it is not set; one that could be guessed is refused."""
    raw = environ.get(name, "").strip()
    if raw and len(raw) < 16:
        raise BadEnvironment(f"{name} is shorter than 16 characters")
    return raw


def read_hosts(environ: Mapping[str, str], name: str, *, default: str) -> list[str]:
    """Return a comma-separated list of host names (letters, digits, dots, hyphens, a leading dot, or IPv6 in [])."""
    hosts = [host.strip() for host in environ.get(name, default).split(",") if host.strip()]
    for host in hosts:
        if host != "*" and not re.fullmatch(r"\.?[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]", host):
            raise BadEnvironment(f"{name}: {host!r} is not a host name: give names without scheme, port or path")
    if not hosts:
        raise BadEnvironment(f"{name} is empty: every request would be refused. Name a host, or leave it unset")
    return hosts


def read_url(environ: Mapping[str, str], name: str, *, schemes: tuple[str, ...]) -> str | None:
    """Return the URL in `name`, or None when it is not set; refuse a scheme that is not in `schemes`."""
    raw = environ.get(name, "").strip()
    if not raw:
        return None
    try:
        scheme = urlsplit(raw).scheme
    except ValueError as error:
        raise BadEnvironment(f"{name} is not a URL: {error}") from None
    if scheme not in schemes:
        raise BadEnvironment(
            f"{name} must start with {' or '.join(s + '://' for s in schemes)}, not {scheme or raw[:12]!r}"
        )
    return raw


def read_bucket(environ: Mapping[str, str], name: str) -> str | None:
    """Return the name of a bucket in an object store, or None when it is not set."""
    raw = environ.get(name, "").strip()
    if not raw:
        return None
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", raw):
        raise BadEnvironment(f"{name}={raw!r} is not the name of a bucket: 3 to 63 of a-z, 0-9, dot and hyphen, no URL")
    return raw


def read_origins(environ: Mapping[str, str], name: str) -> list[str]:
    """Return a comma-separated list of origins such as https://listen.example.org."""
    origins = [origin.strip().rstrip("/") for origin in environ.get(name, "").split(",") if origin.strip()]
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise BadEnvironment(f"{name}: {origin!r} is not an origin such as https://listen.example.org")
    return origins


def read_dir(environ: Mapping[str, str], name: str, *, default: Path) -> Path:
    """Return the absolute path in `name`; a file in its place is refused."""
    raw = environ.get(name, "").strip()
    path = Path(raw).expanduser().resolve() if raw else default
    if path.exists() and not path.is_dir():
        raise BadEnvironment(f"{name}={raw!r} is a file, not a folder")
    return path
