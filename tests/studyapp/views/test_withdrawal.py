"""Withdrawal by the code of the last page: what is said, what is deleted, and twice."""

import pytest

from studyapp.errors import NotFound
from studyapp.models import AuditEntry, Session, StudyExport
from studyapp.services import media
from tests.studyapp.launched import Walker, launch
from tests.studyapp.views.test_session_flow import to_end

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("policy", "words"), [("erase", "answers were deleted"), ("keep", "answers are kept")])
def test_who_withdraws_is_told_what_becomes_of_the_answers_and_so_is_who_comes_twice(client, policy, words):
    version = launch(n_fake=1, n_real=1, config={"consent": {"on_withdrawal": policy}})
    walker = Walker(version.study)
    code = to_end(walker)["withdrawal_code"]
    page = f"/s/{version.study.slug}/withdraw/"
    first, second = (client.post(page, {"code": code}).content.decode() for _ in range(2))
    assert words in first
    assert words in second
    assert "before" not in first
    assert "You had withdrawn from the study before" in second
    assert AuditEntry.objects.filter(action="withdraw").count() == 1
    end = walker.state()["end"]
    assert words in end["html"]
    assert end["withdrawal_code"] is None


def test_a_withdrawal_deletes_the_exports_that_hold_the_answers(client, django_capture_on_commit_callbacks):
    version = launch(n_fake=1, n_real=1)
    code = to_end(Walker(version.study))["withdrawal_code"]
    name = media.store("exports/a.zip", b"answers")
    export = StudyExport.objects.create(study=version.study, origin="live", state="done", file_name=name)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/s/{version.study.slug}/withdraw/", {"code": code})
    export.refresh_from_db()
    assert export.file_name == ""
    with pytest.raises(NotFound):
        media.read(name)


def test_a_tab_left_open_stores_nothing_more_of_who_withdrew():
    walker = Walker(launch(n_fake=1, n_real=1).study)
    walker.act("withdraw")
    assert walker.send("event", event="audio_ready", data={"sample_rate_hz": 48000, "typed": "I"}).status_code == 200
    session = Session.objects.get()
    assert (session.client, session.events.count()) == ({}, 0)
