from pathlib import Path
from typing import Any

import pytest

from studyapp.models import StimulusSet, User
from tests.factories import make_user
from tests.studyapp.uploads.sending import make_set


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    settings.MIN_FREE_BYTES = 0
    return tmp_path / "media"


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada")


@pytest.fixture
def mine(ada: User) -> StimulusSet:
    return make_set(ada)
