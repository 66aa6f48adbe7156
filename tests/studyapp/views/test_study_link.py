"""The page that tries a study's link, and the figures of the headphone tests in the editor."""

import re

import pytest

from studyapp.models import Participant, Session, Study
from studyapp.services.study_create import create_study
from tests.factories import make_user
from tests.studyapp.launched import BARE, launch, make_set

pytestmark = pytest.mark.django_db

LINKS = {
    "prolific": "?PROLIFIC_PID={{%PROLIFIC_PID%}}&amp;STUDY_ID={{%STUDY_ID%}}&amp;SESSION_ID={{%SESSION_ID%}}",
    "sona": "?survey_code=%SURVEY_CODE%",
    "mturk": "",
    "link": "",
}


@pytest.fixture
def owner(client):
    user = make_user("owner")
    client.force_login(user)
    return user


def launched(owner, **config):
    version = launch(n_fake=1, n_real=1, config=BARE | config)
    Study.objects.update(owner=owner)
    return version


@pytest.mark.parametrize("recruiter", LINKS)
def test_the_link_is_the_recruiters_own(client, owner, recruiter):
    launched(owner, recruitment={"recruiter": recruiter})
    page = client.get("/studies/study/link/").content.decode()
    assert f"<code>http://testserver/s/study/{LINKS[recruiter]}</code>" in page


def test_a_personal_link_stands_apart_and_is_no_id_until_it_is_filled_in(client, owner):
    launched(owner)
    page = client.get("/studies/study/link/").content.decode()
    assert "<code>http://testserver/s/study/?participant={{ID}}</code>" in page
    tried = client.get("/studies/study/link/", {"url": "http://testserver/s/study/?participant={{ID}}"})
    assert b"missing" in tried.content


def test_a_study_that_needs_an_id_gives_no_link_for_everybody(client, owner):
    launched(owner, recruitment={"require_person": True})
    page = client.get("/studies/study/link/").content.decode()
    assert "<code>http://testserver/s/study/</code>" not in page
    assert "<code>http://testserver/s/study/?participant={{ID}}</code>" in page


def test_a_link_is_tried_without_storing_anything(client, owner):
    launched(owner, recruitment={"recruiter": "prolific", "require_person": True})
    url = "http://testserver/s/study/?PROLIFIC_PID=5f2a&SESSION_ID={{%SESSION_ID%}}&utm=1"
    page = client.get("/studies/study/link/", {"url": url}).content.decode()
    assert re.search(r"<code>PROLIFIC_PID</code></td><td[^>]*>5f2a</td>", page)
    assert re.search(r"<code>SESSION_ID</code></td><td[^>]*><span class=\"text-danger\">missing", page)
    assert "Left out: utm." in page
    page = client.get("/studies/study/link/", {"url": "http://testserver/s/study/"}).content.decode()
    assert "nobody can start without it" in page
    assert Participant.objects.count() == 0


def test_every_end_is_shown_with_its_code_and_address(client, owner):
    launched(
        owner,
        recruitment={"recruiter": "prolific"},
        end={
            "completed": {"text": "Done", "code": "C1"},
            "failed_attention": {"text": "", "code": "C1", "url": "http://x.org/{code}"},
        },
    )
    page = client.get("/studies/study/link/").content.decode()
    assert "https://app.prolific.com/submissions/complete?cc=C1" in page
    assert "end.failed_attention gives the code of completed sessions." in page
    assert "end.failed_attention.url is not https" in page
    assert "(no text)" in page
    assert page.count("our own last page") == 9


def test_a_preview_is_started_from_the_page(client, owner):
    launched(owner)
    page = client.get("/studies/study/link/").content.decode()
    token = re.search(r'name="preview" value="([^"]+)"', page)[1]
    assert client.post("/s/study/start/", {"preview": token}).status_code == 303
    assert Session.objects.get().origin == "preview"


def test_the_link_of_a_draft_and_of_somebody_elses_study(client, owner):
    make_set("drafted")
    create_study(config={"slug": "draft", "title": "T", "stimulus_set": "drafted"}, owner=owner)
    assert "not launched yet" in client.get("/studies/draft/link/").content.decode()
    Study.objects.update(owner=make_user("other"))
    assert client.get("/studies/draft/link/").status_code == 404
    client.logout()
    assert client.get("/studies/draft/link/").status_code == 302


def test_the_editor_shows_what_is_published_of_the_headphone_tests(client, owner):
    launched(owner)
    page = client.get("/studies/study/edit/screening/").content.decode()
    table = re.sub(r"<[^>]+>", " ", page)
    assert re.search(
        r"huggins 6/6\s+81 % \[72 %, 87 %\], n = 100\s+20 % \[13 %, 29 %\], n = 100\s+0.14 %\s+0.27 %", table
    )
    assert "huggins 6/6 and antiphase 5/6" in table
