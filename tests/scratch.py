"""A pytest plugin, loaded before Django: tests write to a scratch folder, never to the installation's data.

The test database on PostgreSQL and the keys in Redis are named for this process: two runs side by side never meet.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

published: list[str] = []  # the tasks that this process has sent since the queues were last emptied
IS_ONE_OF_SEVERAL = "PYTEST_XDIST_WORKER" in os.environ  # its environment is that of the process that started it

if IS_ONE_OF_SEVERAL or "EARWITNESS_DATA_DIR" not in os.environ:
    os.environ["EARWITNESS_DATA_DIR"] = tempfile.mkdtemp(prefix="earwitness-tests-")
    atexit.register(shutil.rmtree, os.environ["EARWITNESS_DATA_DIR"], ignore_errors=True)
if IS_ONE_OF_SEVERAL or "REDIS_KEY_PREFIX" not in os.environ:
    os.environ["REDIS_KEY_PREFIX"] = f"earwitness-test-{os.getpid()}:"


# On a busy machine an example that is slow is no fault.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_configure() -> None:
    from celery.signals import before_task_publish
    from django.conf import settings

    before_task_publish.connect(_note, weak=False)
    settings.CHECK_CHARTS = True

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database.setdefault("TEST", {})["NAME"] = f"test_earwitness_{os.getpid()}"
    else:
        # A file, as the site has one: in memory, threads would share one connection's locks, and races go untested.
        folder = Path(os.environ["EARWITNESS_DATA_DIR"])
        database.setdefault("TEST", {})["NAME"] = str(folder / f"test-{os.getpid()}.sqlite3")


def _note(sender: str, **_: object) -> None:
    published.append(sender)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Empty the queues after a test that may have sent something: the next one must not find messages of its jobs."""
    from celery import current_app
    from django.conf import settings
    from django.core.cache import cache

    cache.clear()  # starts are counted there, and all tests come from one address
    mark = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    is_committing = "transactional_db" in fixtures or bool(mark and mark.kwargs.get("transaction"))
    if not (is_committing or published):
        return
    published.clear()
    with current_app.connection_for_write() as broker:
        for queue in settings.QUEUES:
            broker.default_channel.queue_purge(queue)
