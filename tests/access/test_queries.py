"""What an address' query asks for may be anything: every page answers, with itself or with words, never with a fault.

The names are those that a page itself looks up in its query: a recorder in QueryDict learns them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from tests.access.cases import address_of
from tests.access.table import STAFF, TABLE, UNNAMED
from tests.access.world import World, make_world

pytestmark = pytest.mark.django_db
HOSTILE = ("\x00é'\"<b>%{}", "9" * 30, "nan")
OWN = {"csrfmiddlewaretoken", "next"}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that were looked up in any query since the set was last emptied."""
    names: set[str] = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        plain = getattr(QueryDict, method)

        def told(self: QueryDict, key: str, *args: Any, plain: Any = plain, **more: Any) -> Any:
            names.add(key)
            return plain(self, key, *args, **more)

        monkeypatch.setattr(QueryDict, method, told)
    yield names


def test_no_query_breaks_a_page(world: World, asked: set[str]) -> None:
    broken, n_names = [], 0
    for name, line in TABLE.items():
        if line.method != "GET" or name in UNNAMED:
            continue
        client = Client(raise_request_exception=False)
        client.force_login(world.users["staff" if line.rule is STAFF else "owner"])
        address = address_of(name, world)
        asked.clear()
        with transaction.atomic():
            client.get(address, line.body)
            transaction.set_rollback(True)
        names = {each for each in asked - OWN if isinstance(each, str)}
        n_names += len(names)
        for key in sorted(names):
            for value in HOSTILE:
                with transaction.atomic():
                    status = client.get(address, {**line.body, key: value}).status_code
                    transaction.set_rollback(True)
                if status >= 500:
                    broken.append(f"{name}: ?{key}={value[:20]!r} answers {status}")
    assert n_names > 60, "the recorder learns too few names"
    assert not broken, "\n".join(broken)
