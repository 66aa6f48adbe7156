"""A pytest plugin: files that ask for a long time begin first, lest one process works at one while the others are done.

pytest-xdist would begin with the files of most tests, and end with those that start whole installations.
"""

from collections import defaultdict
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    asked_s: dict[Path, float] = defaultdict(float)
    for item in items:
        if mark := item.get_closest_marker("timeout"):
            asked_s[item.path] = max(asked_s[item.path], mark.args[0])
    items.sort(key=lambda item: -asked_s[item.path])
