"""The page of a study's people: who is in, as what, and who owns it."""

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import AuditEntry, Invitation, StudyMember, User
from tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("owner")


@pytest.fixture
def study(owner: User):
    return make_version(slug="study", owner=owner).study


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def member(study) -> StudyMember:
    return StudyMember.objects.create(study=study, user=make_user("ada"), role="viewer")


def ask(page: Client, name: str, *args: object, **body: str):
    return page.post(reverse(name, args=["study", *args]), body, follow=True)


def test_an_account_is_added_by_name(page: Client, study) -> None:
    make_user("ada")
    answer = ask(page, "add_member", **{"add-username": "ada", "add-role": "assistant"})
    assert b"ada takes part now" in answer.content
    assert study.members.get().role == "assistant"
    assert AuditEntry.objects.get(action="add_member").detail == {"user": "ada", "role": "assistant"}


@pytest.mark.parametrize(
    ("name", "role", "why"),
    [
        ("nobody", "viewer", "No account has the name"),
        ("owner", "viewer", "owns this study"),
        ("ada", "viewer", "takes part already"),
        ("", "viewer", "required"),
        ("grace", "owner", "not one of the available choices"),
    ],
)
def test_who_cannot_be_added_is_told_at_the_field(page: Client, member, name: str, role: str, why: str) -> None:
    make_user("grace")
    answer = ask(page, "add_member", **{"add-username": name, "add-role": role})
    assert answer.status_code == 400 and why in answer.content.decode()
    assert StudyMember.objects.count() == 1


def test_a_role_is_changed(page: Client, member: StudyMember) -> None:
    ask(page, "set_role", member.pk, role="editor")
    member.refresh_from_db()
    assert member.role == "editor"
    assert AuditEntry.objects.get(action="change_role").detail == {"user": "ada", "role": "editor", "was": "viewer"}
    assert b"no such role" in ask(page, "set_role", member.pk, role="owner").content


def test_a_member_is_removed(page: Client, member: StudyMember, client: Client) -> None:
    assert b"takes no part" in ask(page, "remove_member", member.pk).content
    ada = Client()
    ada.force_login(member.user)
    assert ada.get("/studies/study/").status_code == 404


def test_a_member_of_another_study_is_not_there(page: Client, study, owner: User) -> None:
    other = make_version(slug="other", owner=make_user("eve")).study
    theirs = StudyMember.objects.create(study=other, user=make_user("bob"), role="viewer")
    for name in ("set_role", "remove_member"):
        assert ask(page, name, theirs.pk, role="editor").status_code == 404
    assert ask(page, "hand_over", member=str(theirs.pk), sure="on").status_code == 404
    theirs.refresh_from_db()
    assert theirs.role == "viewer"


def test_a_study_is_handed_over(page: Client, study, member: StudyMember, owner: User) -> None:
    answer = ask(page, "hand_over", member=str(member.pk), sure="on")
    assert b"ada owns this study now" in answer.content
    study.refresh_from_db()
    assert study.owner.username == "ada"
    assert list(study.members.values_list("user__username", "role")) == [("owner", "editor")]
    assert page.get("/studies/study/people/").status_code == 403


def test_a_study_is_not_handed_over_to_a_closed_account(page: Client, study, member, owner: User) -> None:
    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert b"The account of ada is closed" in ask(page, "hand_over", member=str(member.pk), sure="on").content
    study.refresh_from_db()
    assert study.owner == owner and study.members.filter(pk=member.pk).exists()


@pytest.mark.parametrize(
    "body", [{}, {"member": ""}, {"sure": "on"}, {"member": "x", "sure": "on"}, {"member": "²", "sure": "on"}]
)
def test_a_study_is_not_handed_over_by_accident(page: Client, study, member, owner: User, body: dict) -> None:
    assert b"tick that you mean it" in ask(page, "hand_over", **body).content
    study.refresh_from_db()
    assert study.owner == owner


def test_an_invitation_is_made_shown_once_and_withdrawn(page: Client, study) -> None:
    shown = ask(page, "invite_member", **{"invite-note": "Grace", "invite-role": "editor"}).content.decode()
    assert "http://testserver/invitations/" in shown
    again = page.get("/studies/study/people/").content.decode()
    assert "/invitations/" not in again.replace("/people/invitations/", "") and "Grace" in again
    made = Invitation.objects.get()
    assert b"opens nothing any more" in ask(page, "revoke_invitation", made.pk).content
    assert ask(page, "revoke_invitation", 10**9).status_code == 404


def test_an_invitation_of_another_study_is_not_there(page: Client, study) -> None:
    other = make_version(slug="other").study
    theirs = Invitation.objects.create(
        token_sha256="0" * 64, study=other, role="viewer", note="x", expires_at=other.created_at
    )
    assert ask(page, "revoke_invitation", theirs.pk).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"invite-note": "", "invite-role": "editor"}, {"invite-note": "x", "invite-role": "owner"}]
)
def test_a_bad_invitation_is_not_made(page: Client, study, body: dict) -> None:
    assert ask(page, "invite_member", **body).status_code == 400
    assert not Invitation.objects.exists()


def test_words_of_others_are_only_words(page: Client, study) -> None:
    shown = ask(page, "invite_member", **{"invite-note": "<script>alert(1)</script>", "invite-role": "viewer"})
    assert b"<script>alert" not in shown.content


def test_the_page_asks_as_often_for_many_as_for_few(page: Client, study, django_assert_max_num_queries) -> None:
    for n in range(12):
        StudyMember.objects.create(study=study, user=make_user(f"m{n}"), role="viewer")
    with django_assert_max_num_queries(8):
        page.get("/studies/study/people/")
