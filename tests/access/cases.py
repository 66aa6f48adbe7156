"""One request to an address of the table, and what must come of it."""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access.table import TABLE, UNNAMED
from tests.access.world import World


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is sent, and what comes back: `says` stands in the answer, of which redirects are followed to their end.

    status: the first answer's. args, query and body name things of the world as {thing}; query is for POSTs. `holds`
    is asked afterwards.
    """

    says: str = ""
    status: int = 200
    body: dict[str, Any] | None = None
    sends: Any = None  # a body that is no form: bytes, or what JSON is made of
    headers: dict[str, str] | None = None
    query: str = ""
    args: tuple[Any, ...] | None = None
    who: str = "owner"
    holds: Callable[[World], Any] | None = None


def bad(says: str, status: int = 400, **more: Any) -> Case:
    return Case(says=says, status=status, **more)


def address_of(name: str, world: World, args: tuple[Any, ...] | None = None) -> str:
    if name in UNNAMED:
        return UNNAMED[name]
    wanted = TABLE[name].args if args is None else args
    return reverse(name, args=[world.things.get(arg, arg) for arg in wanted])


def ask(name: str, case: Case, world: World) -> tuple[int, str]:
    """Send the case and return the status of the first answer and the text of the last."""
    client = Client()
    if case.who != "anonymous":
        client.force_login(world.users[case.who])
    line = TABLE[name]
    # Pages that take their own form stand with GET in the table.
    is_sent = case.body is not None or case.sends is not None
    method = "POST" if is_sent and line.method == "GET" else line.method
    address = address_of(name, world, case.args) + (f"?{_filled(case.query, world)}" if case.query else "")
    own = {key: [f"{{{each}}}" for each in v] if isinstance(v, list) else v for key, v in line.body.items()}
    given = own if case.body is None else case.body
    fields = {key: _filled(value, world) for key, value in given.items()}
    if method == "GET":
        answer: Any = client.get(address, fields, follow=True, headers=case.headers)
    elif case.sends is None and method == "POST":
        answer = client.post(address, fields, follow=True, headers=case.headers)
    else:
        sent = fields if case.sends is None else case.sends
        content = sent if isinstance(sent, bytes) else json.dumps(sent)
        kind = "application/octet-stream" if isinstance(sent, bytes) else "application/json"
        answer = client.generic(method, address, content, content_type=kind, headers=case.headers)
    chain = getattr(answer, "redirect_chain", [])
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return chain[0][1] if chain else answer.status_code, html.unescape(body.decode("utf-8", "replace"))


def problem_of(name: str, case: Case, world: World, seen: Callable[[], Any] | None = None, before: Any = None) -> str:
    """Ask, take back what came of it, and say what is not as the case says; empty where all is.

    seen: must return the same before and after. before: what it returns before, where that is known.
    """
    with transaction.atomic():
        before = seen() if seen and before is None else before
        status, text = ask(name, case, world)
        found = []
        if status != case.status:
            found.append(f"answers {status}, not {case.status}")
        if case.says not in text:
            found.append(f"does not say {case.says!r}")
        if seen and seen() != before:
            found.append("changed something")
        if case.holds and not case.holds(world):
            found.append("did not do it")
        transaction.set_rollback(True)
    return f"{name} {case.body or case.sends or case.query or case.args or ''}: {', '.join(found)}" if found else ""


def problems_of(cases: dict[str, list[Case]], world: World, seen: Callable[[], Any] | None = None) -> str:
    """Return the problems of all the cases, one a line. One world does for all: each takes back what it did."""
    before = seen() if seen else None
    found = [problem_of(name, case, world, seen, before) for name, some in cases.items() for case in some]
    return "\n".join(each for each in found if each)


def _filled(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return [_filled(each, world) for each in value]
    return value.format_map(_Things(world.things)) if isinstance(value, str) and "{" in value else value


class _Things(dict[str, Any]):
    """Leaves braces alone that name nothing."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
