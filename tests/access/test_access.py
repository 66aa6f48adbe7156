"""The authorisation matrix: every address of the site, asked by everybody, answers as the reviewed table says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.urls.resolvers import URLResolver

from tests.access.table import ACTORS, MISSING, OPEN, REFUSED, SIGN_IN, TABLE, UNNAMED, Line
from tests.access.world import World, make_world

pytestmark = pytest.mark.django_db
ADMIN = "admin:"
API = "api:"  # tests/studyapp/api asks each of its operations


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the pattern of every address."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, f"{space}{each.namespace}:" if each.namespace else space)
        else:
            yield f"{space}{each.name}", str(each.pattern)


def test_every_address_has_a_line_and_every_line_an_address() -> None:
    there = {name for name, _ in routes() if not name.startswith((ADMIN, API))}
    # Without a name: the icon, and the way from Django's own sign-in page to ours.
    unnamed = sorted(pattern for name, pattern in routes() if name == "None")
    assert unnamed == ["admin/login/", "favicon.ico"]
    assert there - {"None"} == set(TABLE) - set(UNNAMED), "write a line into tests/access/table.py"


def test_everybody_gets_what_the_table_says(world: World) -> None:
    """One world does for all addresses: what each actor did is taken back."""
    found = {}
    for name, line in TABLE.items():
        address = UNNAMED.get(name) or reverse(name, args=[world.things[arg] for arg in line.args])
        found[name] = {actor: told(world, actor, address, line) for actor in ACTORS}
    assert {name: each for name, each in found.items() if each != TABLE[name].rule} == {}


def told(world: World, actor: str, address: str, line: Line) -> str:
    """Ask as the actor, take back what it changed, and say what the answer was."""
    client = Client(raise_request_exception=False)
    body = {key: _filled(value, world) for key, value in line.body.items()}
    with transaction.atomic():
        if actor != "anonymous":
            client.force_login(world.users[actor])
        answer = ask(client, line.method, address, body)
        transaction.set_rollback(True)
    return in_words(answer)


def ask(client: Client, method: str, address: str, body: dict[str, Any]) -> Any:
    if method in ("GET", "POST"):
        return client.get(address, body) if method == "GET" else client.post(address, body)
    return client.generic(method, address, json.dumps(body), content_type="application/json")


def in_words(answer: HttpResponse) -> str:
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next="):
        return SIGN_IN
    if answer.status_code == 401:
        return SIGN_IN
    known = {404: MISSING, 403: REFUSED, **dict.fromkeys((200, 201, 202, 204, 301, 302, 303, 400, 409, 422), OPEN)}
    return known.get(answer.status_code, str(answer.status_code))


def _filled(value: Any, world: World) -> Any:
    return [world.things[each] for each in value] if isinstance(value, list) else value


def test_the_administration_is_for_staff() -> None:
    """Who is no staff is sent to the sign-in page, by whichever of the two guards comes first."""
    world_free = [name for name, _ in routes() if name.startswith(ADMIN) and name not in ("admin:login", "admin:None")]
    addresses = [address for name in world_free if (address := _without_arguments(name))]
    assert len(addresses) > 60
    from tests.factories import make_user

    clients = {"anonymous": Client(), "somebody": Client()}
    clients["somebody"].force_login(make_user("somebody"))
    for address in addresses:
        for client in clients.values():
            assert "login/?next=" in client.get(address)["Location"] or address.endswith("/logout/"), address


def test_staff_open_every_list_of_the_administration() -> None:
    from tests.factories import make_user

    client = Client()
    client.force_login(make_user("staff", is_staff=True))
    lists = [name for name, _ in routes() if name.startswith(ADMIN) and name.endswith("_changelist")]
    assert {name: client.get(reverse(name), {"q": "x"}).status_code for name in lists} == dict.fromkeys(lists, 200)


def _without_arguments(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
