"""A preview of any step leaves nothing: the tables hold as many rows after it as before."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from studyapp.models import Session
from studyapp.selectors.preview_steps import preview_steps
from studyapp.services.preview import forget_previews, start_preview
from studyapp.services.session_delete import delete_sessions
from tests.factories import make_session, make_user
from tests.studyapp.launched import BARE, Walker, launch
from tests.studyapp.preview_walk import PreviewWalker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def table_counts() -> dict[str, int]:
    models = apps.get_app_config("studyapp").get_models()
    return {model.__name__: model._default_manager.count() for model in models}


def mine(client: Client, version: Any) -> Client:
    version.study.owner = make_user("ada")
    version.study.save()
    client.force_login(version.study.owner)
    return client


def test_every_step_and_every_end_can_be_looked_at_and_leaves_no_row(client):
    version = launch(n_fake=2, n_real=2, config={"order": {"block_size": 2}})
    page = mine(client, version)
    before = table_counts()
    for step in preview_steps(version):
        answer = page.post("/studies/study/preview/", {"place": step.code})
        assert answer.status_code == 302, step.code
        walker = PreviewWalker(answer["Location"])
        assert Session.objects.get().origin == "preview"
        state = walker.state()
        assert state["step"] == step.step, step.code
        if step.code == "break":
            assert state["trial"]["phase"] == "break" and state["trial"]["position"] == 2
        if step.is_end:
            assert step.code == f"end-{state['end']['outcome']}"
        else:
            walker.leave()
        assert table_counts() == before, step.code
        assert walker.client.get(f"{walker.base}state/").status_code == 404


def test_a_preview_walked_to_its_end_shows_the_end_and_leaves_no_row():
    version = launch(n_fake=1, n_real=1, config=BARE | {"debrief": {"reveal": "score"}})
    before = table_counts()
    walker = PreviewWalker(f"/p/{start_preview(study=version.study, place='consent').token}/")
    end = walker.to("ended")["end"]
    assert (end["outcome"], end["debrief"]["n_judged"]) == ("completed", 2)
    assert table_counts() == before


def test_a_preview_that_nobody_ends_is_forgotten_after_an_hour():
    version = launch(n_fake=1, n_real=1)
    before = table_counts()
    old, new = (start_preview(study=version.study, place="trials") for _ in range(2))
    Session.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(minutes=61))
    assert forget_previews() == 1
    assert Session.objects.get() == new
    assert forget_previews(study=version.study) == 1
    assert table_counts() == before


def test_what_the_study_does_not_have_is_refused_in_words(client):
    version = launch(n_fake=1, n_real=1)
    page = mine(client, version)
    for place in ("practice", "break", "no-such-step", ""):
        answer = page.post("/studies/study/preview/", {"place": place}, follow=True)
        assert b"has no step" in answer.content
    assert not Session.objects.exists()


def test_sessions_of_people_are_never_deleted():
    version = launch(n_fake=1, n_real=1)
    kept = [make_session(version), Session.objects.get(token=Walker(version.study, bot=False).token)]
    Walker(version.study)
    assert delete_sessions(Session.objects.all()) == 1
    assert set(Session.objects.all()) == set(kept)


def test_the_deletion_knows_every_table_that_hangs_on_a_session():
    from studyapp.services import session_delete

    hanging = {relation.related_model.__name__ for relation in Session._meta.related_objects}
    # The visit goes with the session by itself; bots and previews have none.
    assert hanging - {"RecruiterVisit"} <= set(vars(session_delete))
