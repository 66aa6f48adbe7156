"""Fields that a form does not have change nothing: who sends them gets what the form does, and no more."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from studyapp.models import Session, Stimulus, StimulusSet, Study, StudyMember, StudyVersion, User
from tests.access.cases import Case, ask
from tests.access.frozen import FROZEN, Frozen
from tests.access.works import WORKS
from tests.access.world import World, make_world

pytestmark = pytest.mark.django_db
STRANGER = "{stranger}"
# Columns that no form sets, with what somebody would like to have in them.
WANTED: dict[str, Any] = {
    "is_staff": "on", "is_superuser": "on", "is_active": "", "date_joined": "2000-01-01", "last_login": "2000-01-01",
    "owner": STRANGER, "owner_id": STRANGER, "user_id": STRANGER, "launched_by": STRANGER, "actor": STRANGER,
    "author": STRANGER, "sha256": "f" * 64, "home_set": "1", "home_set_id": "1", "outcome": "completed",
    "participant": "1", "participant_id": "1", "pseudonym": "P1", "token": "t", "seed_locked": "1", "pk": "1",
    "frozen_at": "2000-01-01", "code_version": "x", "revoked_at": "", "opened_as": "live",
}  # fmt: skip
GUARDED = (
    (User, ("username", "password", "is_staff", "is_superuser", "is_active", "date_joined")),
    (Study, ("slug", "owner_id", "opened_as")),
    (StudyVersion, ("study_id", "number", "sha256", "launched_by_id", "code_version")),
    (StudyMember, ("study_id", "user_id")),
    (StimulusSet, ("slug", "owner_id")),
    (Stimulus, ("sha256", "home_set_id", "name")),
    (Session, ("token", "participant_id", "seed", "version_id")),
)
OF_NEW_ROWS = {"pk", "study_id", "version_id", "home_set_id", "participant_id", "token", "seed"}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def guarded(model: Any, columns: tuple[str, ...], before: set[int]) -> list[dict[str, Any]]:
    """Return the rows' guarded columns; of new rows not those that each time are others: keys, tokens and seeds."""
    rows = list(model.objects.order_by("pk").values("pk", *columns))
    return [row if row["pk"] in before else {key: row[key] for key in row if key not in OF_NEW_ROWS} for row in rows]


def outcome(name: str, case: Case, world: World) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Return the answer's status and the guarded columns afterwards, of which nothing is kept."""
    before = {model: set(model.objects.values_list("pk", flat=True)) for model, _ in GUARDED}
    with transaction.atomic():
        status, _ = ask(name, case, world)
        found = {model.__name__: guarded(model, columns, before[model]) for model, columns in GUARDED}
        transaction.set_rollback(True)
    return status, found


def test_fields_that_a_form_does_not_have_change_nothing(world: World) -> None:
    forms = {name: [line.case] for name, line in FROZEN.items() if isinstance(line, Frozen) and not line.is_refused}
    for name, cases in WORKS.items():
        forms.setdefault(name, []).extend(case for case in cases if case.body)
    wanted = {key: str(world.users["stranger"].pk) if value == STRANGER else value for key, value in WANTED.items()}
    tried, wrong = 0, []
    for name, cases in forms.items():
        for case in cases:
            if not case.body:
                continue
            tried += 1
            more = replace(case, body={**wanted, **case.body})
            if outcome(name, case, world) != outcome(name, more, world):
                wrong.append(name)
    assert tried > 15
    assert wrong == []
