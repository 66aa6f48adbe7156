"""A launch on its page: asked for, watched, cancelled, failed in words; the editor and the API say so too."""

from typing import Any

import pytest
from django.test import Client

from studyapp.models import Study, StudyLaunch, User
from studyapp.services.api_tokens import make_token
from studyapp.services.jobs import claim
from studyapp.services.study_create import create_study
from studyapp.vocab import JobState
from tests.factories import make_user
from tests.studyapp.launched import do_launches, make_set
from tests.studyapp.views.test_pilot_page import PAGE, text_of

pytestmark = pytest.mark.django_db
LAUNCH = "/studies/study/launch/"


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_user("ada")
    client.force_login(user)
    make_set(n_fake=2, n_real=2)
    create_study(config={"slug": "study", "title": "A study", "stimulus_set": "sounds"}, owner=user)
    return user


def test_the_page_shows_how_far_a_launch_is_and_offers_no_second(client: Client, ada: User) -> None:
    assert client.post(LAUNCH, {"as": "pilot"})["Location"] == PAGE
    asked = StudyLaunch.objects.get()
    content = client.get(PAGE).content.decode()
    watch = f"/studies/study/launches/{asked.pk}/progress"
    assert f'data-job="{watch}"' in content and "A launch as a pilot is at work for ada" in content
    assert "It waits for a worker" in content and "0 of 4 copies" in content
    assert "Launch the study</button>" not in content and "as a pilot</button>" not in content
    assert client.get(watch).json() | {"seconds_left": None} == {
        "state": "queued",
        "is_open": True,
        "n_done": 0,
        "n_total": 4,
        "unit": "copies",
        "seconds_left": None,
        "error": "",
    }
    assert "at work already" in text_of(client.post(LAUNCH, follow=True))
    claim(job=StudyLaunch, pk=asked.pk).beat(n_done=3, now=True)
    assert "3 of 4 copies" in client.get(PAGE).content.decode() and client.get(watch).json()["n_done"] == 3


def test_a_launch_whose_worker_died_comes_back_by_the_page_alone(client: Client, ada: User) -> None:
    client.post(LAUNCH)
    asked = StudyLaunch.objects.get()
    claim(job=StudyLaunch, pk=asked.pk)
    StudyLaunch.objects.update(heartbeat_at="2020-01-01T00:00Z")
    assert client.get(f"/studies/study/launches/{asked.pk}/progress").json()["state"] == "queued"
    do_launches()
    assert "The study is live: send its link below" in text_of(client.get(PAGE))
    assert Study.objects.get().versions.count() == 1


def test_a_cancelled_launch_leaves_the_study_as_it_was(client: Client, ada: User) -> None:
    client.post(LAUNCH)
    asked = StudyLaunch.objects.get()
    assert b"Cancel the launch</button>" in client.get(PAGE).content
    said = text_of(client.post(f"/studies/study/launches/{asked.pk}/cancel", follow=True))
    assert "was cancelled; it opened nothing" in said and "Launch the study" in said and "A draft" in said
    again = text_of(client.post(f"/studies/study/launches/{asked.pk}/cancel", follow=True))
    assert "had ended before it could be cancelled" in again


def test_a_failed_launch_says_why_and_can_be_asked_for_again(client: Client, ada: User) -> None:
    sounds = Study.objects.get().stimulus_set.own_stimuli.order_by("pk")[:2]
    for number, sound in enumerate(sounds):
        sound.audio_path = f"stimuli/gone-<b>{number}.wav"
        sound.save()
    client.post(LAUNCH)
    do_launches()
    content = client.get(PAGE).content.decode()
    assert "did not work, and nothing was opened" in content and content.count('<li class="text-break">') == 2
    assert f"{sounds[0].name}: " in content and f"{sounds[1].name}: " in content
    assert "Launch the study</button>" in content
    client.post(LAUNCH)
    assert "did not work" not in client.get(PAGE).content.decode()


def test_the_editor_says_that_a_launch_is_at_work(client: Client, ada: User) -> None:
    editor = "/studies/study/edit/task/"
    assert b"A launch is at work" not in client.get(editor).content
    client.post(LAUNCH)
    assert "What you change now is for the next launch" in text_of(client.get(editor))
    do_launches()
    assert b"A launch is at work" not in client.get(editor).content


def test_a_script_watches_a_launch_until_it_is_done(ada: User) -> None:
    headers = {"Authorization": f"Bearer {make_token(user=ada, name='script', may_write=True)[1]}"}
    api = "/api/v1/studies/study"

    def ask(method: str, path: str) -> Any:
        return Client().generic(method, f"{api}{path}", content_type="application/json", headers=headers)

    asked = ask("POST", "/launch?as_pilot=true")
    assert asked.status_code == 202 and (asked.json()["state"], asked.json()["version"]) == ("queued", None)
    address = f"/launches/{asked.json()['id']}"
    refused = ask("POST", "/launch")
    assert refused.status_code == 409 and "at work already" in refused.json()["detail"]
    do_launches()
    done = ask("GET", address).json()
    assert (done["state"], done["n_done"], done["n_total"], done["as_pilot"]) == ("done", 4, 4, True)
    assert done["version"] == ask("GET", "").json()["versions"][0]
    assert Study.objects.get().state == "pilot"
    assert ask("POST", f"{address}/cancel").status_code == 409
    second = ask("POST", "/launch").json()
    cancelled = ask("POST", f"/launches/{second['id']}/cancel").json()
    assert cancelled["state"] == JobState.CANCELLED.value and Study.objects.get().state == "pilot"


def test_the_api_lets_nobody_cancel_the_launch_of_somebody_else(client: Client, ada: User) -> None:
    from studyapp.models import StudyMember

    client.post(LAUNCH)
    asked, bob = StudyLaunch.objects.get(), make_user("bob")
    StudyMember.objects.create(study=Study.objects.get(), user=bob, role="editor")
    headers = {"Authorization": f"Bearer {make_token(user=bob, name='b', may_write=True)[1]}"}
    address = f"/api/v1/studies/study/launches/{asked.pk}"
    assert Client().get(address, headers=headers).json()["state"] == "queued"
    assert Client().post(f"{address}/cancel", headers=headers).status_code == 403
    client.force_login(bob)
    assert client.post(f"/studies/study/launches/{asked.pk}/cancel").status_code == 403
    assert b"Cancel the launch" not in client.get(PAGE).content
    assert StudyLaunch.objects.get().state == "queued"
