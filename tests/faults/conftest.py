"""PostgreSQL and Redis for the fault tests, and an installation for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.installation import Installation, fault_installation
from tests.faults.services import Servers, missing_programs, servers


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Servers]:
    if missing := missing_programs():
        pytest.skip(missing)
    with servers() as started:
        yield started


@pytest.fixture
def place(own_servers: Servers, tmp_path: Path) -> Iterator[Installation]:
    with fault_installation(own_servers, tmp_path) as made:
        yield made
    print(made.logs())  # shown where the test failed
