"""The preview shows each of the participant's screens from the draft, and leaves nothing behind."""

import json
import re

import pytest
from django.apps import apps

from studyapp.design.editor_sections import editor_sections
from studyapp.services.study_create import create_study
from tests.factories import make_user
from tests.studyapp.launched import make_set

pytestmark = pytest.mark.django_db
SCREENS = sorted({code for section in editor_sections() for code, _ in section.screens})


@pytest.fixture
def owner(client):
    user = make_user("owner")
    client.force_login(user)
    make_set(n_fake=2, n_real=2)
    return user


def counts():
    return {model._meta.label: model.objects.count() for model in apps.get_app_config("studyapp").get_models()}


def state_of(response):
    found = re.search(r'<script id="state" type="application/json">(.*?)</script>', response.content.decode(), re.S)
    return json.loads(found[1])


@pytest.mark.parametrize("task", ["yes_no", "rating", "naturalness", "two_interval"])
def test_every_screen_is_shown_and_nothing_is_stored(client, owner, task):
    config = {"slug": "s", "title": "T", "stimulus_set": "sounds", "task": {"type": task, "confidence": True}}
    create_study(config=config | {"practice": {"stimulus_set": "sounds"}, "language": "fr"}, owner=owner)
    before = counts()
    for screen in SCREENS:
        response = client.get(f"/studies/s/preview/{screen}/")
        assert response.status_code == 200, screen
        assert 'lang="fr"' in response.content.decode()
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert response["Cache-Control"] == "private, no-store"
    assert counts() == before


def test_a_trial_has_the_sets_sounds_and_the_drafts_settings(client, owner):
    config = {
        "slug": "s",
        "title": "T",
        "stimulus_set": "sounds",
        "task": {"plays": 3, "category_names": {"rain": "Rain!"}},
    }
    create_study(config=config, owner=owner)
    trial = state_of(client.get("/studies/s/preview/trial/"))["trial"]
    assert (trial["plays_left"], trial["category"], trial["phase"]) == (3, "Rain!", "play")
    assert client.get(trial["sounds"][0]).status_code == 200
    assert state_of(client.get("/studies/s/preview/reason/"))["trial"]["phase"] == "reason"
    assert "message" in state_of(client.get("/studies/s/preview/practice/"))
    assert state_of(client.get("/studies/s/preview/end_completed/"))["end"]["completion_code"] == "PREVIEW1"


@pytest.mark.parametrize("screen", ["nowhere", "end_nowhere", "end_"])
def test_an_unknown_screen_is_not_found(client, owner, screen):
    create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=owner)
    assert client.get(f"/studies/s/preview/{screen}/").status_code == 404


def test_the_first_page_can_start_nothing(client, owner):
    create_study(config={"slug": "s", "title": "T", "stimulus_set": "sounds"}, owner=owner)
    page = client.get("/studies/s/preview/landing/").content.decode()
    assert 'action="start/"' not in page
    assert "inert" in page
    assert client.post("/studies/s/preview/landing/").status_code == 405
