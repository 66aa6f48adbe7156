"""The history: who changed what, what differs between two states, and going back."""

import pytest

from studyapp.design.texts import CONSENT
from studyapp.models import Study
from studyapp.services.study_edit import set_setting
from tests.factories import make_user
from tests.studyapp.launched import launch

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client):
    owner = make_user("owner")
    client.force_login(owner)
    version = launch()
    Study.objects.update(owner=owner)
    study = Study.objects.get(pk=version.study_id)
    study = set_setting(study=study, path="task.plays", value=3, user=owner, base=1)
    return set_setting(study=study, path="title", value="<b>New</b>", user=make_user("ada"), base=2)


def changed(pieces):
    return [piece.text for piece in pieces if piece.kind == "changed"]


def test_of_a_long_text_the_line_that_differs_is_shown(client, study):
    longer = f"{CONSENT.rstrip()}\n- One line <more>.\n"
    set_setting(study=study, path="consent.text", value=longer, user=study.owner, base=3)
    response = client.get("/studies/study/history/?from=r3&to=r4")
    (row,) = response.context["compared"]["rows"]
    assert (changed(row["sides"].before), changed(row["sides"].after)) == ([], ["- One line <more>.\n"])
    page = response.content.decode()
    assert "<ins>- One line &lt;more&gt;.\n</ins>" in page
    assert "<del>" not in page
    assert CONSENT.splitlines()[0] not in page


def test_revisions_and_versions_are_listed_and_compared(client, study, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = client.get("/studies/study/history/").content.decode()
    assert "ada" in page
    assert "task.plays" in page
    assert "version 1, launched" in page
    response = client.get("/studies/study/history/?from=r1&to=r3")
    rows = response.context["compared"]["rows"]
    assert [(row["path"], changed(row["sides"].before), changed(row["sides"].after)) for row in rows] == [
        ("title", ["A study"], ["<b>New</b>"]),
        ("task.plays", ["1"], ["3"]),
    ]
    assert b"&lt;b&gt;New" in response.content
    rows = client.get("/studies/study/history/?from=v1&to=r3").context["compared"]["rows"]
    assert "task.plays" in [row["path"] for row in rows]
    assert b"They are the same" in client.get("/studies/study/history/?from=r2&to=r2").content


@pytest.mark.parametrize("query", ["from=r9&to=r1", "from=x&to=r1", "from=r&to=r1", "from=r1&to=v99999999999999999999"])
def test_a_state_that_never_was_is_not_found(client, study, query):
    assert client.get(f"/studies/study/history/?{query}").status_code == 404


def test_a_revision_is_restored_as_a_new_one(client, study):
    response = client.post("/studies/study/history/1/restore/", {"base": "3"}, follow=True)
    assert b"as it was at revision 1" in response.content
    study.refresh_from_db()
    assert (study.title, study.revision, "task" in study.config) == ("A study", 4, False)
    assert (
        b"Nothing was changed" in client.post("/studies/study/history/2/restore/", {"base": "3"}, follow=True).content
    )
    assert client.post("/studies/study/history/99/restore/", {"base": "4"}).status_code == 404
    assert client.get("/studies/study/history/1/restore/").status_code == 405
