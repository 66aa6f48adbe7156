"""Every address does what it is for: its answer says so, or the database."""

from pathlib import Path
from typing import Any

import pytest

from tests.access.cases import problems_of
from tests.access.frozen import FROZEN, Frozen
from tests.access.table import TABLE
from tests.access.works import ELSEWHERE, WORKS
from tests.access.world import World, make_world

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def test_every_address_has_a_test_that_works() -> None:
    stored = {name for name, line in FROZEN.items() if isinstance(line, Frozen) and not line.is_refused}
    assert set(TABLE) - set(WORKS) - set(ELSEWHERE) - stored == set(), "write a line into tests/access/works.py"
    for name, (path, words) in ELSEWHERE.items():
        assert words in (ROOT / path).read_text(), name


def test_each_does_what_it_is_for(world: World) -> None:
    assert problems_of(WORKS, world) == ""
