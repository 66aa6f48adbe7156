"""The experimenter's pages of studies: what works, who may see it, and every refusal."""

import pytest

from studyapp.models import StimulusSet, Study
from studyapp.services.study_create import create_study
from tests.factories import make_session, make_user
from tests.studyapp.launched import Walker, launch, make_set

pytestmark = pytest.mark.django_db
FIELDS = {
    "title": "Real or fake?",
    "slug": "s",
    "stimulus_set": "sounds",
    "screening_test": "antiphase",
    "screening_action": "exclude",
    "volume_enabled": "on",
    "show_category": "on",
    "plays": "1",
    "reasons_after": "fake",
    "order_kind": "random",
    "more": "",
}


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
    assert b"import_stimuli" in client.get("/studies/new/").content
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


def test_the_form_makes_a_draft(client, owner):
    StimulusSet.objects.create(slug="sounds")
    more = "consent:\n  text: Agree?\ntask:\n  reasons:\n    shuffle: true\n"
    response = client.post("/studies/new/", FIELDS | {"more": more, "show_category": ""})
    assert response.status_code == 302, response.content
    study = Study.objects.get()
    assert study.owner == owner
    assert study.config["consent"] == {"text": "Agree?"}
    assert study.config["task"] == {
        "reasons": {"shuffle": True, "after": "fake"}, "show_category": False, "plays": 1,
    }  # fmt: skip
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"slug": "Not good"}, "slug", "must match"),
        ({"slug": "new"}, "slug", "choose another"),
        ({"title": "a\x07b"}, "title", "control character"),
        ({"plays": "11"}, "plays", "less than or equal"),
        ({"stimulus_set": "unknown"}, "stimulus_set", "valid choice"),
        ({"more": "screening:\n  pass_mark: 7"}, "more", "screening: pass_mark (7) is above n_trials (6)"),
        ({"more": "order:\n  kind: random"}, "more", "order.kind: is set in the field"),
        ({"more": "task: 3"}, "more", "task: must be a mapping"),
        ({"more": "a: [", }, "more", "line 1"),
        ({"more": "colour: red"}, "more", "colour: is not a setting"),
    ],
)  # fmt: skip
def test_a_problem_stands_at_its_field(client, owner, change, field, words):
    StimulusSet.objects.create(slug="sounds")
    response = client.post("/studies/new/", FIELDS | change)
    assert response.status_code == 200
    assert words in " ".join(response.context["form"].errors[field])
    assert Study.objects.count() == 0


def test_every_problem_of_the_form_is_marked_at_once_and_counted(client, owner):
    StimulusSet.objects.create(slug="sounds")
    create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=owner)
    change = {"slug": "My Study!", "plays": "0", "more": "screening: {pass_mark: 7}\ncolour: red"}
    response = client.post("/studies/new/", FIELDS | change)
    errors = response.context["form"].errors
    assert {field: len(messages) for field, messages in errors.items()} == {"slug": 1, "plays": 1, "more": 2}
    assert "4 problems to put right" in response.content.decode()
    response = client.post("/studies/new/", FIELDS | {"more": "a: [", "stimulus_set": ""})
    assert set(response.context["form"].errors) == {"slug", "stimulus_set", "more"}
    assert "is taken by another study" in " ".join(response.context["form"].errors["slug"])
    assert set(client.post("/studies/new/", {}).context["form"].errors) > {"title", "slug", "stimulus_set", "plays"}
    response = client.post("/studies/s/edit/", {"config": "slug: t\nstimulus_set: nowhere\ntask: {plays: 0}"})
    assert "4 problems to put right" in response.content.decode()
    assert Study.objects.count() == 1


def test_sets_of_one_title_are_told_apart_and_none_is_chosen_beforehand(client, owner):
    for slug in ("first", "second"):
        StimulusSet.objects.create(slug=slug, title="Rain")
    page = client.get("/studies/new/").content.decode()
    assert '<option value="" selected>' in page
    assert "Rain (first, 0 sounds)" in page
    assert "Rain (second, 0 sounds)" in page
    assert '<option value="second" selected>' in client.get("/studies/new/?set=second").content.decode()


def test_a_set_of_somebody_else_cannot_be_used(client, owner):
    StimulusSet.objects.create(slug="sounds", owner=make_user("other"))
    StimulusSet.objects.create(slug="mine", owner=owner)
    response = client.post("/studies/new/", FIELDS)
    assert "stimulus_set" in response.context["form"].errors


def test_a_draft_is_launched_closed_and_opened_from_its_page(client, owner):
    make_set(n_fake=2, n_real=2)
    create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=owner)
    page = client.get("/studies/s/").content
    assert b"Launch the study" in page
    assert b"consent text is the default" in page
    assert client.get("/studies/s/launch/").status_code == 405
    assert b"The study is live" in client.post("/studies/s/launch/", follow=True).content
    assert b"http://testserver/s/s/" in client.get("/studies/s/").content
    assert b"Open again" in client.post("/studies/s/close/", follow=True).content
    assert b"is closed; only a study" in client.post("/studies/s/close/", follow=True).content
    client.post("/studies/s/reopen/")
    assert Study.objects.get().state == "live"


def test_a_draft_without_sounds_says_what_is_missing(client, owner):
    StimulusSet.objects.create(slug="sounds")
    create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=owner)
    assert b"holds no sounds" in client.get("/studies/s/").content
    assert b"holds no sounds" in client.post("/studies/s/launch/", follow=True).content


def test_sessions_are_counted_by_origin_and_place(client, study):
    version = study.versions.get()
    Walker(study)
    for _ in range(2):
        make_session(version)
    response = client.get("/studies/study/")
    counts = {(count.origin, count.place): count.n for count in response.context["counts"]}
    assert counts == {("live", "completed"): 2, ("bot", "open, at consent"): 1}
    row = client.get("/studies/").context["studies"][0]
    assert (row.n_live, row.n_completed, row.n_bots) == (2, 2, 1)


def test_the_list_asks_no_more_queries_for_more_studies(client, owner, django_assert_max_num_queries):
    stimulus_set = StimulusSet.objects.create(slug="sounds")
    for index in range(8):
        Study.objects.create(slug=f"s{index}", title="T", owner=owner, stimulus_set=stimulus_set, config={})
    with django_assert_max_num_queries(4):
        client.get("/studies/")


def test_the_page_loads_no_sound_however_many_there_are(client, owner, django_assert_max_num_queries):
    for slug, n in (("few", 2), ("many", 6)):
        version = launch(slug=slug, n_fake=n, n_real=n)
        Study.objects.filter(pk=version.study_id).update(owner=owner)
        for _ in range(n):
            make_session(version)
        with django_assert_max_num_queries(10) as launched:
            assert b"Launch the study" not in client.get(f"/studies/{slug}/").content
        Study.objects.filter(pk=version.study_id).update(config=version.config | {"title": "Another"})
        with django_assert_max_num_queries(12) as changed:
            assert b"Launch the study" in client.get(f"/studies/{slug}/").content
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
    page = client.get("/studies/study/edit/")
    config = page.context["form"].initial["config"]
    assert "slug: study" in config
    response = client.post("/studies/study/edit/", {"config": config + "order:\n  kind: by_category\n"}, follow=True)
    assert b"has changed since the latest version" in response.content
    assert b"as version 2" in response.content
    assert study.versions.count() == 1
    client.post("/studies/study/launch/")
    assert study.versions.get(number=2).config["order"]["kind"] == "by_category"
    assert b"has changed since" not in client.get("/studies/study/").content


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slug: other\ntitle: T\nstimulus_set: study-sounds", "stays &#x27;study&#x27;"),
        ("slug: study\ntitle: T\nstimulus_set: theirs", "no set &#x27;theirs&#x27; that you may use"),
        ("slug: study\nstimulus_set: study-sounds\ntask: {plays: 0}", "task.plays: must be at least 1"),
        (f"slug: study\ntitle: T\nstimulus_set: 0x{'F' * 6000}", "must be text, not a number of thousands of digits"),
        ("slug: [", "line 1"),
        ("", "required"),
    ],
)
def test_a_wrong_change_is_refused(client, study, text, words):
    StimulusSet.objects.create(slug="theirs", owner=make_user("other"))
    response = client.post("/studies/study/edit/", {"config": text})
    assert words in response.content.decode()
    study.refresh_from_db()
    assert study.title == "A study"
