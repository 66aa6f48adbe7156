"""Studies are made from a preset, from YAML and from another study; and nothing is made of what is wrong."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from studyapp.design.config_yaml import load_yaml
from studyapp.models import StimulusSet, Study
from studyapp.services.study_create import create_study
from tests.factories import make_user
from tests.studyapp.design.test_config_yaml import EXPECTED, TWENTY

pytestmark = pytest.mark.django_db
CONFIG = {"slug": "s", "title": "T", "stimulus_set": "sounds", "task": {"plays": 2}}
FIELDS = {"title": "Real or fake?", "slug": "s", "stimulus_set": "sounds", "preset": "rating"}


@pytest.fixture
def owner(client):
    user = make_user("owner")
    client.force_login(user)
    StimulusSet.objects.create(slug="sounds")
    return user


def test_a_preset_makes_a_draft_at_once(client, owner):
    page = client.get("/studies/new/?set=sounds").content.decode()
    assert '<option value="sounds" selected>' in page
    assert "Two-interval forced choice" in page
    response = client.post("/studies/new/", FIELDS)
    assert response["Location"] == "/studies/s/edit/"
    study = Study.objects.get()
    assert (study.owner, study.state, study.config["task"]["type"]) == (owner, "draft", "rating")
    assert b"saved as you type" in client.get(response["Location"]).content


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"slug": "Not good"}, "slug", "allowed: a-z, 0-9"),
        ({"slug": "new"}, "slug", "choose another"),
        ({"slug": "taken"}, "slug", "is taken by another study"),
        ({"title": "a\x07b"}, "title", "control character"),
        ({"title": ""}, "title", "required"),
        ({"stimulus_set": "theirs"}, "stimulus_set", "valid choice"),
        ({"stimulus_set": ""}, "stimulus_set", "required"),
        ({"preset": "best"}, "preset", "valid choice"),
    ],
)
def test_a_problem_stands_at_its_field(client, owner, change, field, words):
    StimulusSet.objects.create(slug="theirs", owner=make_user("other"))
    create_study(config=CONFIG | {"slug": "taken"}, owner=None)
    response = client.post("/studies/new/", FIELDS | change)
    assert response.status_code == 400
    assert words in " ".join(response.context["form"].errors[field])
    assert Study.objects.count() == 1


def test_every_problem_is_marked_at_once(client, owner):
    page = client.post("/studies/new/", {"slug": "No!", "preset": "paper"}).content.decode()
    assert "3 problems to put right" in page
    assert set(client.post("/studies/new/", {}).context["form"].errors) == {"title", "slug", "stimulus_set", "preset"}


def test_sets_of_one_title_are_told_apart_and_none_is_chosen_beforehand(client, owner):
    for slug in ("first", "second"):
        StimulusSet.objects.create(slug=slug, title="Rain")
    page = client.get("/studies/new/").content.decode()
    assert '<option value="" selected>' in page
    assert "Rain (first, 0 sounds)" in page
    assert "Rain (second, 0 sounds)" in page


def test_twenty_mistakes_are_shown_with_their_lines_and_nothing_is_stored(client, owner):
    for fields in ({"text": TWENTY}, {"file": SimpleUploadedFile("s.yaml", TWENTY.encode())}):
        response = client.post("/studies/new/yaml/", fields)
        problems = response.context["problems"]
        assert len(problems) == 20
        assert b"20 problems to put right" in response.content
        for words, (line, path, _) in zip(problems, EXPECTED, strict=True):
            assert words.startswith(f"line {line}: {path}: ")
    assert Study.objects.count() == 0


def test_yaml_makes_a_draft_and_comes_out_again(client, owner):
    text = "slug: s\ntitle: Ä\nstimulus_set: sounds\ntask:\n  plays: 2\n"
    assert client.post("/studies/new/yaml/", {"text": text})["Location"] == "/studies/s/edit/"
    response = client.get("/studies/s/config.yaml")
    assert response["Content-Disposition"] == 'attachment; filename="s.yaml"'
    assert load_yaml(response.content.decode()) == Study.objects.get().config
    upload = SimpleUploadedFile("s.yaml", text.replace("plays: 2", "plays: 3").encode("utf-8-sig"))
    assert client.post("/studies/s/yaml/", {"file": upload, "base": "1"}).status_code == 302
    study = Study.objects.get()
    assert (study.config["task"], study.revision, study.revisions.count()) == ({"plays": 3}, 2, 2)
    assert b"in another window" in client.post("/studies/s/yaml/", {"text": text, "base": "1"}).content


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "slug: t\ntitle: T\nstimulus_set: sounds"}, "line 1: slug: is the study"),
        ({"text": "slug: s\nstimulus_set: nowhere\ntask: {plays: 0}"}, "3 problems"),
        ({"text": "slug: ["}, "line 1"),
        ({"text": "  "}, "Choose a file, or paste"),
        ({"text": f"slug: s\ntitle: 0x{'F' * 6000}"}, "a number of thousands of digits"),
        ({"file": SimpleUploadedFile("s.yaml", b"\xff\xfe\x00")}, "not UTF-8"),
        ({"file": SimpleUploadedFile("s.yaml", b"a" * 300_000)}, "larger than 256 KiB"),
    ],
)
def test_wrong_yaml_is_refused_with_what_to_do(client, owner, fields, words):
    create_study(config=CONFIG, owner=owner)
    assert words in client.post("/studies/s/yaml/", fields).content.decode()
    study = Study.objects.get()
    assert (study.config, study.revision) == (CONFIG, 1)


def test_a_copy_has_every_setting_and_an_owner_and_address_of_its_own(client, owner):
    create_study(config=CONFIG, owner=owner)
    StimulusSet.objects.create(slug="more")
    initial = client.get("/studies/s/duplicate/").context["form"].initial
    assert initial == {"title": "T (copy)", "slug": "s-copy", "stimulus_set": "sounds"}
    assert b"is taken" in client.post("/studies/s/duplicate/", initial | {"slug": "s"}).content
    response = client.post("/studies/s/duplicate/", initial | {"stimulus_set": "more"})
    assert response["Location"] == "/studies/s-copy/edit/"
    copy = Study.objects.get(slug="s-copy")
    assert (copy.config["task"], copy.stimulus_set.slug, copy.revision) == ({"plays": 2}, "more", 1)


def test_the_schema_is_published(client):
    response = client.get("/studies/config.schema.json")
    assert response["Content-Type"] == "application/schema+json"
    assert {"slug", "title", "stimulus_set"} == set(json.loads(response.content)["required"])
    assert client.post("/studies/config.schema.json").status_code == 405


def test_a_visitor_is_asked_to_sign_in(client):
    for address in ("/studies/new/", "/studies/new/yaml/"):
        for response in (client.get(address), client.post(address)):
            assert response["Location"].startswith("/accounts/login/")
