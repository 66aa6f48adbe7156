"""The editor saves setting by setting, and as a plain form; and refuses who may not, what is wrong and what is late."""

import json

import pytest
from django.test import Client

from studyapp.design.editor_sections import editor_sections
from studyapp.models import StimulusSet, Study, StudyMember
from studyapp.services.study_create import create_study
from studyapp.services.study_edit import set_setting
from tests.factories import make_user
from tests.studyapp.launched import launch, make_set

pytestmark = pytest.mark.django_db
CONFIG = {"slug": "s", "title": "T", "stimulus_set": "sounds"}


@pytest.fixture
def owner(client):
    user = make_user("owner")
    client.force_login(user)
    return user


@pytest.fixture
def study(owner):
    make_set(n_fake=2, n_real=2)
    return create_study(config=CONFIG, owner=owner)


def patch(client, slug="s", *, content_type="application/json", **body):
    return client.patch(f"/studies/{slug}/setting/", json.dumps(body), content_type=content_type)


def member(study, role):
    user = make_user(role)
    StudyMember.objects.create(study=study, user=user, role=role)
    return user


def test_every_section_opens_with_few_queries(client, study, django_assert_max_num_queries):
    for section in editor_sections():
        with django_assert_max_num_queries(14):
            response = client.get(f"/studies/s/edit/{section.code}/")
        assert response.status_code == 200
        assert section.title in response.content.decode()
    assert client.get("/studies/s/edit/").context["section"].code == "about"
    assert client.get("/studies/s/edit/nowhere/").status_code == 404


def test_a_setting_is_saved_and_what_follows_from_it_is_told(client, study):
    response = patch(client, path="task.reasons.after", value="never", base=1)
    assert response.status_code == 200
    told = response.json()
    assert (told["revision"], told["differs"], told["html"]) == (2, True, None)
    assert told["estimate"]["words"].endswith("4 trials")
    study.refresh_from_db()
    assert study.config == CONFIG | {"task": {"reasons": {"after": "never"}}}
    items = [{"code": "a", "label": "A"}, {"code": "b", "label": "B", "needs_text": True}]
    assert patch(client, path="task.reasons.items", value=items, base=2).status_code == 200
    told = patch(client, path="task.reasons.items", reset=True, base=3).json()
    assert told["differs"] is False
    assert "background_artifacts" in told["html"]
    study.refresh_from_db()
    assert study.config["task"] == {"reasons": {"after": "never"}}


@pytest.mark.parametrize(
    ("path", "value", "at", "words"),
    [
        ("task.plays", 0, "task.plays", "must be at least 1, not 0; allowed: a whole number from 1 to 10"),
        ("task.plays", None, "task.plays", "must be a whole number from 1 to 10, not nothing"),
        ("task.type", "guess", "task.type", "must be 'yes_no', 'rating'"),
        ("task.reasons.items", [{"code": "A", "label": ""}], "task.reasons.items.0.label", "must not be empty"),
        ("stimulus_set", "nowhere", "stimulus_set", "sets that you may use: sounds"),
        ("slug", "other", "slug", "stays 's'"),
        ("title", "a\u0007b", "title", "control character"),
        ("task.category_names", {"rain\x00": "Rain"}, "task.category_names.rain\x00", "allowed"),
        ("screening.pass_mark", 7, "screening", "nobody could pass"),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_not_stored(client, study, path, value, at, words):
    response = patch(client, path=path, value=value, base=1)
    assert response.status_code == 422
    assert words in {each["path"]: each["message"] for each in response.json()["problems"]}[at]
    study.refresh_from_db()
    assert (study.config, study.revision) == (CONFIG, 1)


@pytest.mark.parametrize(
    "body",
    [
        '{"path": "task.colour", "value": 1, "base": 1}', '{"path": "task.plays", "base": 1}', "[]", "{", "[" * 9000,
        '{"path": 3, "value": 1, "base": 1}', '{"path": "task.plays", "value": 2}',
        '{"path": "x", "value": 2, "base": 1}',
        '{"path": "task.plays", "value": NaN, "base": 1}', '{"path": "task.plays", "value": 2, "base": true}', "\xff",
    ],
)  # fmt: skip
def test_a_body_that_is_no_change_is_refused(client, study, body):
    response = client.patch("/studies/s/setting/", body.encode("latin-1"), content_type="application/json")
    assert response.status_code in (400, 422)
    study.refresh_from_db()
    assert study.config == CONFIG


def test_another_type_and_too_long_a_body_and_a_missing_form_token_are_refused(client, study, owner):
    assert patch(client, path="task.plays", value=2, base=1, content_type="text/plain").status_code == 400
    assert patch(client, path="title", value="x" * 300_000, base=1).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert patch(strict, path="task.plays", value=2, base=1).status_code == 403


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("recruitment.closes_at", "2020-01-31T18:00+01:00"), ("analysis.stop_at", "2027-03-31"),
        ("end.completed.url", "https://example.org/"), ("practice.stimulus_set", "other"),
    ],
)  # fmt: skip
def test_a_field_that_may_be_empty_can_be_emptied_again(client, study, path, value):
    assert patch(client, path=path, value=value, base=1).status_code in (200, 422)  # there is no other set
    study.refresh_from_db()
    emptied = patch(client, path=path, value="", base=study.revision)
    assert emptied.status_code == 200 and not emptied.json()["differs"], emptied.json()


def test_who_is_late_is_told_and_nothing_is_overwritten(client, study):
    set_setting(study=study, path="title", value="Theirs", user=make_user("ada"), base=1)
    response = patch(client, path="title", value="Mine", base=1)
    assert response.status_code == 409
    assert "ada changed this study" in response.json()["message"]
    response = client.post(
        "/studies/s/edit/about/", {"title": "Mine", "stimulus_set": "sounds", "base": "1"}, follow=True
    )
    assert b"Nothing was stored. ada changed" in response.content
    assert Study.objects.get().title == "Theirs"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("task.plays", {"value": 2}), ("language", {"value": "fr"}), ("title", {"value": "New"}),
        ("order.block_size", {"value": None}), ("consent.text", {"reset": True}),
    ],
)  # fmt: skip
def test_a_change_whose_answer_was_lost_is_taken_when_it_is_sent_again(client, study, path, change):
    set_setting(study=study, path="consent.text", value="Ours", user=make_user("ada"), base=1)
    first = patch(client, path=path, base=2, **change).json()
    again = patch(client, path=path, base=2, **change)
    assert (again.status_code, again.json()) == (200, first)
    assert patch(client, path="order.n_repeats", value=1, base=first["revision"]).status_code == 200
    assert study.revisions.count() == 4


def test_only_the_own_latest_change_of_the_same_value_counts_as_sent_again(client, study, owner):
    assert patch(client, path="task.plays", value=2, base=1).status_code == 200
    assert patch(client, path="task.plays", value=3, base=1).status_code == 409
    assert patch(client, path="title", value="T", base=1).status_code == 409  # it stands so, but plays changed
    study.refresh_from_db()
    set_setting(study=study, path="title", value="Theirs", user=make_user("ada"), base=2)
    assert patch(client, path="title", value="Theirs", base=2).status_code == 409
    assert patch(client, path="task.plays", value=2, base=1).status_code == 409  # a change of ada's came between


def test_the_headphone_test_as_it_is_set_is_told_below_its_mark(client, study):
    page = client.get("/studies/s/edit/screening/").content.decode()
    assert "Of those who only guess 0.27 % pass (huggins 6 of 6, 2 attempts)." in page
    assert "with headphones 81 % [72 %, 87 %], n = 100; pass with loudspeakers 20 % [13 %, 29 %], n = 100 (" in page
    told = [
        patch(client, path=path, value=value, base=base).json()["notes"]["screening.pass_mark"]
        for base, (path, value) in enumerate(
            [
                ("screening.pass_mark", 4), ("screening.attempts", 1), ("screening.n_trials", 12),
                ("screening.test", "huggins+beat"), ("screening.test", "none"),
            ],
            start=1,
        )
    ]  # fmt: skip
    assert told == [
        "Of those who only guess 19.02 % pass (huggins 4 of 6, 2 attempts). Nothing is published of this rule.",
        "Of those who only guess 10.01 % pass (huggins 4 of 6, one attempt). Nothing is published of this rule.",
        "Of those who only guess 60.69 % pass (huggins 4 of 12, one attempt). Nothing is published of this rule.",
        "Of those who only guess 36.84 % pass (huggins 4 of 12 and beat 4 of 12, one attempt). Nothing is published of "
        "this rule.",
        "",
    ]


PLACES = ["edit/", "edit/task/", "history/", "yaml/", "config.yaml", "duplicate/", "preview/consent/"]


@pytest.mark.parametrize("place", PLACES)
def test_who_may_not_edit_sees_no_page_of_it(client, study, place):
    address = f"/studies/s/{place}"
    assert client.get(address).status_code == 200
    client.force_login(make_user("other"))
    assert client.get(address).status_code == 404
    for role in ("viewer", "assistant"):
        client.force_login(member(study, role))
        assert client.get(address).status_code == 403
    client.force_login(member(study, "editor"))
    assert client.get(address).status_code == 200
    client.logout()
    assert client.get(address).status_code == 302


def test_who_may_not_edit_changes_nothing(client, study):
    posts = ["edit/task/", "undo/", "redo/", "history/1/restore/", "yaml/", "duplicate/"]

    def statuses():
        found = {client.post(f"/studies/s/{place}", {"base": "1"}).status_code for place in posts}
        return found | {patch(client, path="task.plays", value=2, base=1).status_code}

    client.force_login(make_user("other"))
    assert statuses() == {404}
    client.force_login(member(study, "viewer"))
    assert statuses() == {403}
    client.logout()
    assert statuses() == {302}
    study.refresh_from_db()
    assert (study.revision, Study.objects.count()) == (1, 1)


def reasons_form(*codes):
    fields = {"task.reasons.after": "both", "task.reasons.mode": "single", "base": "1"}
    for index, code in enumerate(codes):
        fields |= {f"task.reasons.items.{index}.code": code, f"task.reasons.items.{index}.label": code.upper()}
    return fields


def test_a_section_is_stored_as_a_plain_form_where_no_script_runs(client, study):
    response = client.post("/studies/s/edit/reasons/", reasons_form("a", "b"), follow=True)
    assert b"The section is stored" in response.content
    study.refresh_from_db()
    assert [item["code"] for item in study.config["task"]["reasons"]["items"]] == ["a", "b"]
    assert study.config["task"]["reasons"]["after"] == "both"
    client.post("/studies/s/edit/reasons/", reasons_form("a", "b") | {"do": "up task.reasons.items 1", "base": "2"})
    study.refresh_from_db()
    assert [item["code"] for item in study.config["task"]["reasons"]["items"]] == ["b", "a"]
    client.post("/studies/s/edit/reasons/", reasons_form("b", "a") | {"do": "remove task.reasons.items 0", "base": "3"})
    client.post("/studies/s/edit/reasons/", reasons_form("a") | {"do": "reset task.reasons.after", "base": "4"})
    study.refresh_from_db()
    assert study.config["task"]["reasons"] == {"items": [{"code": "a", "label": "A", "needs_text": False}]}


def test_a_plain_form_keeps_what_was_entered_when_it_is_wrong(client, study):
    response = client.post("/studies/s/edit/reasons/", reasons_form("Not a code"))
    page = response.content.decode()
    assert "Nothing was stored: 1 problem" in page
    assert 'value="Not a code"' in page
    assert "a-z, 0-9 and _, at most 40 characters" in page
    response = client.post("/studies/s/edit/reasons/", reasons_form("a") | {"do": "add task.reasons.items"})
    assert 'name="task.reasons.items.1.code"' in response.content.decode()
    assert "Not stored yet" in response.content.decode()
    for command in (
        "up task.reasons.items 0",
        "remove nowhere 1",
        "remove task.reasons.items x",
        "explode",
        "add title",
    ):
        assert client.post("/studies/s/edit/reasons/", reasons_form("a", "b") | {"do": command}).status_code in (
            200,
            302,
        )
    twice = {f"task.category_names.{n}.{part}": "rain" for n in (0, 1) for part in ("key", "value")}
    page = client.post("/studies/s/edit/task/", twice).content.decode()
    assert "&#x27;rain&#x27; is given twice" in page


def test_undo_and_redo_show_the_section_that_they_changed(client, study):
    patch(client, path="task.reasons.mode", value="multiple", base=1)
    response = client.post("/studies/s/undo/", {"base": "2", "section": "about"}, follow=True)
    assert response.context["section"].code == "reasons"
    assert b"The latest change is undone" in response.content
    response = client.post("/studies/s/redo/", {"base": "3"}, follow=True)
    assert b"done again" in response.content
    assert b"nothing to redo" in client.post("/studies/s/redo/", {"base": "x"}, follow=True).content
    assert b"in another window" in client.post("/studies/s/undo/", {"base": "1"}, follow=True).content


def test_a_launched_version_stays_as_it_is(client, owner):
    version = launch()
    Study.objects.update(owner=owner)
    before = version.config
    assert patch(client, "study", path="task.plays", value=2, base=version.study.revision).status_code == 200
    version.refresh_from_db()
    assert version.config == before
    assert b"The draft differs from version 1" in client.get("/studies/study/edit/").content


def test_a_draft_that_cannot_be_read_says_so_and_can_be_put_right(client, study):
    Study.objects.update(config=CONFIG | {"task": {"plays": 99}})
    response = client.get("/studies/s/edit/task/")
    assert b"The stored draft has problems" in response.content
    assert b"task.plays: must be at most 10" in response.content
    assert b"The draft has problems" in client.get("/studies/s/preview/trial/").content
    assert patch(client, path="task.plays", value=2, base=1).status_code == 200


def test_sets_of_others_are_not_offered(client, study):
    StimulusSet.objects.create(slug="theirs", owner=make_user("other"))
    assert b"theirs" not in client.get("/studies/s/edit/practice/").content
    assert b"rain" in client.get("/studies/s/edit/task/").content
    assert b"canaryname-0.wav" in client.get("/studies/s/edit/attention/").content
