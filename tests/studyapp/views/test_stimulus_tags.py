import pytest
from django.test import Client
from django.urls import reverse

from studyapp.design.config_reading import read_config
from studyapp.models import AuditEntry, ClipNote, StimulusSet, Study, StudyMember, User
from studyapp.services.study_create import create_study
from studyapp.vocab import Label, StudyRole, StudyState
from tests.factories import make_stimulus

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def tagged(ada: User) -> StimulusSet:
    made = StimulusSet.objects.create(slug="mine", owner=ada)
    for tags in (["echo"], ["echo", "hum"]):
        ClipNote.objects.create(stimulus=make_stimulus(made, label=Label.FAKE), author=ada, tags=tags)
    return made


def draft(owner: User, slug: str = "mine-too") -> Study:
    return create_study(config={"slug": slug, "title": slug.title(), "stimulus_set": "mine"}, owner=owner)


def address() -> str:
    return reverse("stimulus_tags", args=["mine"])


def test_shows_the_menu_and_puts_it_into_a_draft(client: Client, tagged: StimulusSet, ada: User) -> None:
    study = draft(ada)
    page = client.get(address()).text
    assert "code: echo" in page and "echo: 2" in page and "Mine-Too (mine-too)" in page
    assert client.post(address(), {"study": study.slug})["Location"] == reverse("study_edit", args=[study.slug])
    study.refresh_from_db()
    reasons = read_config(study.config).task.reasons
    assert [item.code for item in reasons.items] == ["echo", "hum", "other"]
    assert AuditEntry.objects.filter(action="tags_to_reasons", object_id=study.slug, actor=ada).count() == 1


def test_without_tags_or_drafts_it_says_what_to_do(client: Client, tagged: StimulusSet, ada: User) -> None:
    assert "You have no draft to put them into" in client.get(address()).text
    ClipNote.objects.all().delete()
    assert "tag what you hear" in client.get(address()).text
    answer = client.post(address(), {"study": draft(ada).slug}, follow=True)
    assert "Nothing was stored. No clip of this set has a tag yet." in answer.text


@pytest.mark.parametrize("state", [StudyState.LIVE, StudyState.PAUSED, StudyState.CLOSED, StudyState.PILOT])
def test_a_launched_study_keeps_its_reasons(client: Client, tagged: StimulusSet, ada: User, state: StudyState) -> None:
    study = draft(ada)
    Study.objects.update(state=state.value)
    assert "mine-too" not in client.get(address()).text
    answer = client.post(address(), {"study": study.slug}, follow=True)
    assert "Nothing was stored." in answer.text and "was launched" in answer.text
    assert Study.objects.get().config == study.config


def test_a_draft_that_does_not_read_stays_as_it_is(client: Client, tagged: StimulusSet, ada: User) -> None:
    study = draft(ada)
    for broken in ({"plays": 0}, "none", {"reasons": [1]}):
        Study.objects.update(config={**study.config, "task": broken})
        answer = client.post(address(), {"study": study.slug}, follow=True)
        assert "Nothing was stored." in answer.text
        assert Study.objects.get().config["task"] == broken


def test_refuses_who_may_not_edit_the_study(client: Client, tagged: StimulusSet, ada: User) -> None:
    study = draft(User.objects.create_user("bob", is_staff=True))
    assert client.post(address(), {"study": study.slug}).status_code == 404
    assert client.post(address(), {"study": "no-such"}).status_code == 404
    assert client.post(address()).status_code == 404
    StudyMember.objects.create(study=study, user=ada, role=StudyRole.VIEWER.value)
    assert client.post(address(), {"study": study.slug}).status_code == 403
    StudyMember.objects.update(role=StudyRole.EDITOR.value)
    assert client.post(address(), {"study": study.slug}).status_code == 302


def test_a_set_of_somebody_else_does_not_exist(client: Client, tagged: StimulusSet) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(address()).status_code == 404
    client.logout()
    assert client.get(address())["Location"].startswith(reverse("login"))
