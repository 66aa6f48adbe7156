"""The experimenter's pages of studies: what works, who may see it, and every refusal."""

import pytest

from studyapp.design.config_yaml import write_yaml
from studyapp.models import StimulusSet, Study
from studyapp.services.study_create import create_study
from tests.factories import make_session, make_user
from tests.studyapp.launched import Walker, do_launches, launch, make_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    user = make_user("owner")
    client.force_login(user)
    return user


@pytest.fixture
def study(owner):
    version = launch()
    version.study.owner = owner
    version.study.save()
    return version.study


ADDRESSES = ["/", "/studies/", "/studies/new/", "/studies/study/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_visitor_is_asked_to_sign_in(client, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert b"Sign in" in client.get(response["Location"]).content


def test_every_page_opens_before_there_is_anything(client, owner):
    for address in ADDRESSES[:3]:
        assert client.get(address).status_code == 200
    assert b"/sets/new/" in client.get("/studies/new/").content
    assert b"There is no study yet" in client.get("/studies/").content


def test_somebody_elses_study_is_not_found(client, study):
    client.force_login(make_user("other"))
    assert client.get("/studies/study/").status_code == 404
    assert client.get("/studies/study/edit/").status_code == 404
    for action in ("launch", "close", "reopen"):
        assert client.post(f"/studies/study/{action}/").status_code == 404
    assert b"A study" not in client.get("/studies/").content
    client.force_login(make_user("staff", is_staff=True))
    assert client.get("/studies/study/").status_code == 200


def test_a_draft_leads_to_the_page_that_launches_it(client, owner):
    make_set(n_fake=2, n_real=2)
    create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=owner)
    page = client.get("/studies/s/").content
    assert b'href="/studies/s/pilot/"' in page and b"Nobody can take part yet" in page
    client.post("/studies/s/launch/")
    do_launches()
    page = client.get("/studies/s/").content
    assert b"http://testserver/s/s/" in page and b"Nobody can take part yet" not in page


def test_sessions_are_counted_by_origin_and_place(client, study):
    version = study.versions.get()
    Walker(study)
    for _ in range(2):
        make_session(version)
    response = client.get("/studies/study/")
    counts = {(count.origin, count.place): count.n for count in response.context["counts"]}
    assert counts == {("live", "completed"): 2, ("bot", "open, at device"): 1}
    row = client.get("/studies/").context["listing"].page[0]
    assert (row.n_live, row.n_completed, row.n_bots) == (2, 2, 1)


def test_the_page_loads_no_sound_however_many_there_are(client, owner, django_assert_max_num_queries):
    for slug, n in (("few", 2), ("many", 6)):
        version = launch(slug=slug, n_fake=n, n_real=n)
        Study.objects.filter(pk=version.study_id).update(owner=owner)
        for _ in range(n):
            make_session(version)
        with django_assert_max_num_queries(15) as launched:
            assert b"next launch" not in client.get(f"/studies/{slug}/").content
        Study.objects.filter(pk=version.study_id).update(config=version.config | {"title": "Another"})
        with django_assert_max_num_queries(16) as changed:
            assert b">launch</a>" in client.get(f"/studies/{slug}/").content
        for captured in (launched, changed):
            assert not any("audio_path" in query["sql"] for query in captured.captured_queries)


def test_the_start_page_counts_a_selection_and_not_an_import_that_took_nothing(client, owner):
    StimulusSet.objects.create(slug="refused", provenance={"kind": "import", "layout": "folders"})
    assert client.get("/").context["counts"].n_selections == 0
    StimulusSet.objects.create(slug="chosen", provenance={"kind": "selection", "rule": {}})
    assert client.get("/").context["counts"].n_selections == 1


@pytest.mark.parametrize("model", ["session", "block", "frozenstimulus"])
def test_a_list_of_the_admin_names_each_rows_study_without_a_query_for_each(
    client, model, django_assert_max_num_queries
):
    client.force_login(make_user("staff", is_staff=True))
    for slug in ("one", "two", "three"):
        make_session(launch(slug=slug, n_fake=2, n_real=2))
    with django_assert_max_num_queries(8):
        content = client.get(f"/admin/studyapp/{model}/").content.decode()
    assert all(f"{slug} version 1" in content for slug in ("one", "two", "three"))


def test_changes_need_the_form_token(study, owner):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post("/studies/study/close/").status_code == 403
    assert Study.objects.get().state == "live"


def test_a_change_waits_for_the_next_launch(client, study):
    config = study.config | {"order": {"kind": "by_category"}}
    client.post("/studies/study/yaml/", {"text": write_yaml(config)})
    assert b"has changed since the latest version" in client.get("/studies/study/").content
    assert study.versions.count() == 1
    client.post("/studies/study/launch/")
    do_launches()
    assert study.versions.get(number=2).config["order"]["kind"] == "by_category"
    assert b"has changed since" not in client.get("/studies/study/").content
