"""What another site can do with somebody's browser: nothing. No GET changes a row, no POST goes without its token."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.snapshot import everything
from tests.access.table import TABLE, UNNAMED, Line
from tests.access.test_access import ask
from tests.access.world import World, make_world

pytestmark = pytest.mark.django_db
# The participant's actions: no cookie is read, the token in the address is the only authority.
WITHOUT_COOKIE = {"participant_start", "participant_act"}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def address_of(name: str, line: Line, world: World) -> str:
    return UNNAMED.get(name) or reverse(name, args=[world.things[arg] for arg in line.args])


def test_no_get_changes_anything(world: World) -> None:
    client = Client()
    client.force_login(world.users["staff"])
    before = everything()
    for name, line in TABLE.items():
        for _ in range(2):
            client.get(address_of(name, line, world), line.body if line.method == "GET" else {})
        assert everything() == before, name


def test_no_post_is_taken_without_its_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["staff"])
    posts = {name: line for name, line in TABLE.items() if line.method != "GET" and name not in WITHOUT_COOKIE}
    told = {
        name: ask(client, line.method, address_of(name, line, world), {}).status_code for name, line in posts.items()
    }
    assert told == dict.fromkeys(posts, 403)
    forms = [name for name, line in TABLE.items() if line.method == "GET" and name != "participant_withdraw"]
    told = {name: client.post(address_of(name, TABLE[name], world), {}).status_code for name in forms}
    assert set(told.values()) <= {403, 405}, told
