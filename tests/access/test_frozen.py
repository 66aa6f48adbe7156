"""A launched version stays as it is, whatever is done to its study and to its sounds."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from studyapp.models import AuditEntry
from studyapp.services.launch import launch_study
from studyapp.services.study_edit import set_setting
from tests.access.bad_input import BAD, DETECTOR
from tests.access.cases import ask, problem_of
from tests.access.frozen import FROZEN, Frozen
from tests.access.snapshot import everything, frozen_rows
from tests.access.table import CHANGE_SET, EDIT, OWN_EXPORT, TABLE
from tests.access.world import World, make_world
from tests.factories import make_user
from tests.studyapp.launched import BARE, launch

pytestmark = pytest.mark.django_db
CASES = {name: each for name, each in FROZEN.items() if isinstance(each, Frozen)}
# Files of uploads on their way, and exports of answers: neither is any part of a version.
OUTSIDE = {name for name in TABLE if "upload" in name or name in ("discard_waiting", "cancel_export", "retry_export")}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def test_every_address_that_edits_a_study_or_a_set_has_a_line() -> None:
    # By identity: rules about people, which no version names, read the same.
    rules = [id(rule) for rule in (EDIT, CHANGE_SET, OWN_EXPORT)]
    writes = {name for name, line in TABLE.items() if id(line.rule) in rules and name in BAD}
    assert writes - set(DETECTOR) - OUTSIDE - set(FROZEN) == set(), "write a line into tests/access/frozen.py"


@pytest.mark.parametrize("name", CASES)
def test_what_is_done_leaves_the_launched_version_alone(world: World, name: str) -> None:
    before = frozen_rows()
    assert len(before) > 20
    line = CASES[name]
    assert problem_of(name, line.case, world, everything if line.is_refused else frozen_rows) == ""
    if not line.is_refused:
        with transaction.atomic():
            was, n_entries = everything(), AuditEntry.objects.count()
            ask(name, line.case, world)
            # Else nothing was tried that could have changed a version.
            assert everything() != was or AuditEntry.objects.count() > n_entries or name in ("cancel_bots",)
            transaction.set_rollback(True)


def test_a_launch_adds_a_version_and_leaves_the_one_before(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    study = launch(config=BARE, n_fake=2, n_real=2).study
    before = frozen_rows()
    set_setting(study=study, path="task.plays", value=3, user=make_user(is_staff=True), base=None)
    study.refresh_from_db()
    made = launch_study(study=study)
    after = frozen_rows()
    assert made.number == 2 and study.versions.count() == 2
    assert {key: after[key] for key in before} == before and len(after) > len(before)
