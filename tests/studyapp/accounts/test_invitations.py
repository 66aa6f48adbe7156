"""Invitations: a link that is good once, for a week, and opens nothing else."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studyapp.errors import InvalidAction, NotFound
from studyapp.models import AuditEntry, Invitation, StudyMember, User
from studyapp.selectors.people import find_invitation
from studyapp.services.invitation import accept_invitation, invite, revoke_invitation
from studyapp.vocab import StudyRole
from tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db
NEW = {"username": "grace", "password1": "a compiler for all", "password2": "a compiler for all"}


@pytest.fixture(autouse=True)
def fast(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner() -> User:
    return make_user("owner")


@pytest.fixture
def study(owner: User):
    return make_version(slug="study", owner=owner).study


def link_of(study=None, inviter=None, role=StudyRole.ASSISTANT) -> str:
    _, token = invite(inviter=inviter, note="Grace", study=study, role=role if study else None)
    return reverse("invitation", args=[token])


def test_a_link_makes_an_account_that_takes_part(client: Client, study, owner: User) -> None:
    link = link_of(study, owner)
    page = client.get(link)
    assert b"owner asks you" in page.content and "no-store" in page["Cache-Control"]
    assert not StudyMember.objects.exists()  # opening the link changes nothing
    answer = client.post(link, NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/studies/study/")
    grace = User.objects.get(username="grace")
    assert (grace.is_staff, grace.is_superuser, grace.is_active) == (False, False, True)
    assert grace.memberships.get().role == "assistant"
    assert client.get("/studies/study/").status_code == 200
    assert Client().get(link).status_code == 404  # good once
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"invite", "make_account", "accept_invitation"}


def test_what_is_stored_is_no_token(study) -> None:
    made, token = invite(inviter=None, note="Grace")
    assert token not in str(Invitation.objects.filter(pk=made.pk).values().get())
    assert made.token_sha256 != token and find_invitation(token) == made


def test_who_is_signed_in_joins_with_their_account(client: Client, study, owner: User) -> None:
    ada = make_user("ada")
    client.force_login(ada)
    link = link_of(study, owner, StudyRole.EDITOR)
    assert b"Take part as ada" in client.get(link).content
    assert client.post(link).status_code == 302
    assert study.members.get().role == "editor"
    assert User.objects.count() == 2


def test_who_takes_part_already_leaves_the_link_good(client: Client, study, owner: User) -> None:
    client.force_login(owner)
    link = link_of(study, owner)
    assert client.post(link, follow=True).status_code == 200
    assert not study.members.exists()
    assert Client().get(link).status_code == 200


def test_an_experimenters_invitation_says_so_to_who_has_an_account(client: Client) -> None:
    client.force_login(make_user("ada"))
    link = link_of()
    assert b"have an account already" in client.get(link).content
    client.post(link)
    assert Client().get(link).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"username": "OWNER"},
        {"username": "a b"},
        {"username": "x" * 151},
        {"username": "gr\x00ace"},
        {"password2": "another"},
        {"password1": "password", "password2": "password"},
        {"password1": "1234", "password2": "1234"},
    ],
)
def test_a_bad_account_is_told_and_nothing_is_stored(client: Client, study, owner: User, wrong: dict) -> None:
    link = link_of(study, owner)
    answer = client.post(link, NEW | wrong)
    assert answer.status_code == 400 and b'role="alert"' in answer.content
    assert User.objects.count() == 1
    assert client.get(link).status_code == 200


def test_more_than_asked_for_is_not_taken(client: Client) -> None:
    client.post(link_of(), NEW | {"is_staff": "on", "is_superuser": "on", "email": "x@example.org", "role": "editor"})
    grace = User.objects.get()
    assert (grace.is_staff, grace.is_superuser, grace.email) == (False, False, "")


@pytest.mark.parametrize("over", ["expired", "revoked", "used"])
def test_a_link_that_is_over_opens_nothing(client: Client, study, owner: User, over: str) -> None:
    made, token = invite(inviter=owner, note="Grace", study=study, role=StudyRole.VIEWER)
    if over == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif over == "revoked":
        revoke_invitation(invitation=made, actor=owner)
    else:
        accept_invitation(invitation=made, user=make_user("ada"))
    link = reverse("invitation", args=[token])
    assert client.get(link).status_code == 404
    assert client.post(link, NEW).status_code == 404
    with pytest.raises(NotFound):
        accept_invitation(invitation=made, user=make_user("late"))
    assert not User.objects.filter(username="grace").exists()


def test_an_unknown_link_opens_nothing(client: Client) -> None:
    assert client.get(reverse("invitation", args=["x" * 43])).status_code == 404


def test_too_many_open_invitations_are_refused(study, owner: User, monkeypatch) -> None:
    monkeypatch.setattr("studyapp.services.invitation.MOST_OPEN", 1)
    invite(inviter=owner, note="one", study=study, role=StudyRole.VIEWER)
    with pytest.raises(InvalidAction):
        invite(inviter=owner, note="two", study=study, role=StudyRole.VIEWER)


def test_staff_invite_experimenters_and_withdraw(client: Client) -> None:
    client.force_login(make_user("staff", is_staff=True))
    page = client.post("/accounts/invite/", {"note": "Grace"}).content.decode()
    made = Invitation.objects.get()
    assert "http://testserver/invitations/" in page and made.study is None
    assert "/invitations/" not in client.get("/accounts/invite/").content.decode()  # shown once
    assert client.post("/accounts/invite/", {"note": ""}).status_code == 400
    assert Invitation.objects.count() == 1
    client.post(reverse("revoke_experimenter", args=[made.pk]))
    assert client.post(reverse("revoke_experimenter", args=[made.pk]), follow=True).status_code == 200
    assert client.post(reverse("revoke_experimenter", args=[10**9])).status_code == 404
    assert Invitation.objects.get().revoked_at is not None


def test_the_command_prints_a_link(client: Client, study) -> None:
    out = StringIO()
    call_command("invite", "Grace", study="study", role="viewer", site="https://listen.example.org/", stdout=out)
    link = out.getvalue().splitlines()[0]
    assert link.startswith("https://listen.example.org/invitations/")
    assert client.post(link.removeprefix("https://listen.example.org"), NEW).status_code == 302
    with pytest.raises(CommandError, match="go together"):
        call_command("invite", "Grace", study="study")
    with pytest.raises(CommandError, match="no study"):
        call_command("invite", "Grace", study="other", role="viewer")
