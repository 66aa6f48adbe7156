"""Pages that list rows ask as often for one row as for eleven."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studyapp.models import (
    AuditEntry,
    BotRun,
    QuestionAnswer,
    StimulusSet,
    StimulusUpload,
    Study,
    StudyExport,
    StudyMember,
    StudyRevision,
    StudyVersion,
    UploadedFile,
    User,
)
from studyapp.selectors.stimulus_filter import StimulusFilter
from studyapp.services.api_tokens import make_token
from studyapp.services.invitation import invite
from studyapp.services.listening import start_pass
from studyapp.vocab import Label, StudyRole
from tests.access.world import World, make_world
from tests.factories import make_session, make_stimulus, make_user, make_version

pytestmark = pytest.mark.django_db


def _study() -> Study:
    return Study.objects.get(slug="study")


def _owner() -> User:
    return User.objects.get(username="owner")


def _home() -> StimulusSet:
    return _study().stimulus_set


def _token(n: int) -> None:
    make_token(user=_owner(), name=f"token {n}", may_write=False)


def _set(n: int) -> None:
    made = StimulusSet.objects.create(slug=f"more-{n}", owner=_owner())
    make_stimulus(made, label=Label.FAKE)


def _entry(n: int) -> None:
    AuditEntry.objects.create(actor=_owner(), action=f"act_{n}", object_type="study", object_id="study")


def _bots(n: int) -> None:
    BotRun.objects.create(study=_study(), owner=_owner(), n=1, seed=n, d_prime=1.0, criterion_c=0.0, state="done")


def _upload(n: int) -> None:
    StimulusUpload.objects.create(
        stimulus_set=_home(), owner=_owner(), state="failed", submitted_at="2026-01-01T00:00Z"
    )


def _file(n: int) -> None:
    upload, _ = StimulusUpload.objects.get_or_create(stimulus_set=_home(), owner=_owner(), submitted_at=None)
    UploadedFile.objects.create(upload=upload, name=f"{n}.wav", kind="sound", n_bytes=1, sha256=f"{n:064d}")


def _export(n: int) -> None:
    StudyExport.objects.create(study=_study(), origin="live", owner=_owner(), state="done")


def _revision(n: int) -> None:
    author = make_user()
    StudyRevision.objects.create(study=_study(), number=100 + n, config=_study().config, changed=["x"], author=author)


def _member(n: int) -> None:
    StudyMember.objects.create(study=_study(), user=make_user(), role="viewer")
    invite(inviter=_owner(), note="x", study=_study(), role=StudyRole.VIEWER)


def _invitation(n: int) -> None:
    invite(inviter=make_user(), note="x")


def _pass(n: int) -> None:
    start_pass(user=_owner(), stimulus_set=_home(), chosen=StimulusFilter(), is_blind=True, seed=n)


def _session(n: int) -> None:
    make_session(StudyVersion.objects.get(study__slug="study"), outcome=None, n_answers=1)


def _completed(n: int) -> None:
    session = make_session(StudyVersion.objects.get(study__slug="study"))
    QuestionAnswer.objects.create(session=session, step="questions", code="gender", answer="woman")


def _other_study(n: int) -> None:
    make_session(make_version(owner=_owner(), n_fake=1, n_real=1))


def _stimulus(n: int) -> None:
    make_stimulus(_home(), label=Label.REAL)


PAGES: list[tuple[str, Callable[[int], None]]] = [
    ("/", _other_study),
    ("/studies/", _other_study),
    ("/studies/study/", _export),
    ("/studies/study/people/", _member),
    ("/studies/study/log/", _entry),
    ("/studies/study/history/", _revision),
    ("/studies/study/pilot/", _bots),
    ("/studies/study/analysis/", _completed),
    ("/studies/study/monitor/", _session),
    ("/studies/study/monitor/live/", _session),
    ("/studies/study/monitor/sounds/", _session),
    ("/stimuli/", _set),
    ("/stimuli/{set}/", _upload),
    ("/stimuli/{set}/", _stimulus),
    ("/stimuli/{set}/add/", _file),
    ("/stimuli/{set}/listen/", _pass),
    ("/tokens/", _token),
    ("/log/", _entry),
    ("/accounts/invite/", _invitation),
    ("/sets/build/?sets={set}", _stimulus),
    ("/admin/studyapp/session/", _session),
    ("/api/v1/studies", _other_study),
    ("/api/v1/sets", _set),
    ("/api/v1/studies/study/sessions", _session),
]


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


@pytest.mark.parametrize(("address", "make"), PAGES, ids=[f"{path}{make.__name__}" for path, make in PAGES])
def test_ten_times_the_rows_cost_no_query_more(
    world: World, client: Client, address: str, make: Callable[[int], None]
) -> None:
    is_of_staff = address.startswith(("/log/", "/admin/", "/accounts/"))
    client.force_login(world.users["staff" if is_of_staff else "owner"])
    address = address.format(set=world.things["set"])

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return [each["sql"] for each in captured.captured_queries]

    make(1)
    queries()  # what is looked up once for all
    make(2)  # an analysis is stored until its data change: here, as below, it is computed
    few = queries()
    for number in range(3, 21):
        make(number)
    many = queries()
    assert len(many) == len(few), "\n".join(sorted(set(many) - set(few)))
