"""What is wrong is refused in words and changes nothing: at every address that takes something."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.access.bad_input import BAD
from tests.access.cases import UNNAMED, address_of, problems_of
from tests.access.snapshot import everything
from tests.access.table import TABLE
from tests.access.world import World, make_world

pytestmark = pytest.mark.django_db
CASES = {name: cases for name, cases in BAD.items() if not isinstance(cases, str)}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def test_every_address_that_takes_something_has_bad_input(world: World) -> None:
    client = Client()
    client.force_login(world.users["staff"])
    takes = {name for name, line in TABLE.items() if line.method != "GET"}
    for name in sorted(set(TABLE) - takes - set(UNNAMED)):
        if client.post(address_of(name, world)).status_code != 405:
            takes.add(name)
    assert takes == set(BAD), "write what is wrong to send into tests/access/bad_input.py"


def test_bad_input_is_refused_in_words_and_changes_nothing(world: World) -> None:
    # What counts the failed attempts at signing in is meant to change.
    assert problems_of(CASES, world, lambda: everything(but=("axes",))) == ""
