"""A pytest plugin, loaded before Django: tests write to a scratch folder, never to the installation's data.

The test database on PostgreSQL and the keys in Redis are named for this process: two runs side by side never meet.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "EARWITNESS_DATA_DIR" not in os.environ:
    os.environ["EARWITNESS_DATA_DIR"] = tempfile.mkdtemp(prefix="earwitness-tests-")
    atexit.register(shutil.rmtree, os.environ["EARWITNESS_DATA_DIR"], ignore_errors=True)
os.environ.setdefault("REDIS_KEY_PREFIX", f"earwitness-test-{os.getpid()}:")


def pytest_configure() -> None:
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database.setdefault("TEST", {})["NAME"] = f"test_earwitness_{os.getpid()}"
    else:
        # A file, as the site has one: in memory, threads would share one connection's locks, and races go untested.
        folder = Path(os.environ["EARWITNESS_DATA_DIR"])
        database.setdefault("TEST", {})["NAME"] = str(folder / f"test-{os.getpid()}.sqlite3")
