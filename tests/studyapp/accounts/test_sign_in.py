"""Signing in: throttled by name and address, the same words for every failure, and on record."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory

from studyapp.client_address import client_address
from studyapp.models import AuditEntry, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIMIT = 8
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(settings) -> User:
    settings.PASSWORD_HASHERS = FAST  # what is counted here is attempts, not time
    user = make_user("ada")
    user.set_password("right and long")
    user.save()
    return user


def sign_in(name: str, password: str, *, address: str = "192.0.2.1", **more):
    client = Client(REMOTE_ADDR=address)
    return client.post("/accounts/login/", {"username": name, "password": password, **more})


def test_somebody_signs_in_and_it_is_on_record(ada: User) -> None:
    answer = sign_in("ada", "right and long", next="/studies/")
    assert (answer.status_code, answer["Location"]) == (302, "/studies/")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id) == (ada, "sign_in", "ada")


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_next_never_leaves_the_site(ada: User, next: str) -> None:
    assert sign_in("ada", "right and long", next=next)["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(ada: User) -> None:
    told = [sign_in(name, "wrong") for name in ("ada", "eve")]
    assert [answer.status_code for answer in told] == [200, 200]
    texts = [answer.content.decode().replace("ada", "eve") for answer in told]
    tail = [text[text.index('role="alert"') :][:120] for text in texts]
    assert tail[0] == tail[1] and "do not match" in tail[0]


def test_a_wrong_name_takes_as_long_as_a_wrong_password(ada: User, monkeypatch) -> None:
    """Nearly all of the time goes into the password's hash, so it is made as often: counted, since clocks waver."""
    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        made.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    times = []
    for name in ("ada", "eve"):
        made.clear()
        sign_in(name, "wrong")
        times.append(len(made))
    assert times == [1, 1]


def test_a_name_that_no_account_has_is_not_on_record(ada: User) -> None:
    sign_in("my password", "x")
    sign_in("ada", "x")
    assert sorted(AuditEntry.objects.values_list("action", "object_id")) == [
        ("fail_sign_in", ""),
        ("fail_sign_in", "ada"),
    ]


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_guessing_locks_the_name_at_that_address_only(ada: User, name: str) -> None:
    codes = [sign_in(name, f"guess {n}").status_code for n in range(LIMIT + 2)]
    assert codes == [200] * (LIMIT - 1) + [429] * 3
    locked = sign_in(name, "right and long")
    assert locked.status_code == 429 and b"15 minutes" in locked.content
    assert sign_in("ada", "right and long", address="192.0.2.77").status_code == 302
    # Those who guess on do not fill the log.
    assert AuditEntry.objects.filter(action="fail_sign_in").count() == LIMIT


def test_a_room_behind_one_address_goes_on(ada: User) -> None:
    others = [make_user(f"student{n}") for n in range(40)]
    for other in others:
        other.set_password("right and long")
        other.save()
    for n in range(LIMIT + 1):
        sign_in("ada", f"guess {n}")
    assert sign_in("ada", "right and long").status_code == 429
    assert {sign_in(other.username, "right and long").status_code for other in others} == {302}


def test_signing_in_clears_what_was_counted(ada: User) -> None:
    for _ in range(3):
        codes = [sign_in("ada", "wrong").status_code for _ in range(LIMIT - 1)]
        assert codes == [200] * (LIMIT - 1)
        assert sign_in("ada", "right and long").status_code == 302


def test_a_name_with_a_null_byte_is_a_wrong_name(ada: User) -> None:
    assert sign_in("a\x00da", "x").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "told"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the left one was sent along
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, "", "192.0.2.1"),
        (1, "nonsense", None),
        (1, "2001:db8::1:2", "2001:db8::"),
        (1, "2001:db8::1%eth0", "2001:db8::"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_address_is_what_the_trusted_proxies_saw(settings, proxies: int, forwarded: str, told: str | None) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == told


def test_the_administration_has_no_sign_in_of_its_own(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/admin/")


def test_a_password_is_changed_and_other_sign_ins_end(ada: User) -> None:
    elsewhere, here = Client(), Client()
    elsewhere.force_login(ada)
    here.force_login(ada)
    old = {
        "old_password": "right and long",
        "new_password1": "another and longer",
        "new_password2": "another and longer",
    }
    assert here.post("/accounts/password/", old).status_code == 302
    assert here.get("/studies/").status_code == 200
    assert elsewhere.get("/studies/").status_code == 302
    assert AuditEntry.objects.filter(action="change_password", object_id="ada").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"old_password": "no"}, {"new_password2": "different"}, {"new_password1": "ada", "new_password2": "ada"}]
)
def test_a_bad_new_password_changes_nothing(ada: User, wrong: dict[str, str]) -> None:
    client = Client()
    client.force_login(ada)
    given = {"old_password": "right and long", "new_password1": "another longer", "new_password2": "another longer"}
    answer = client.post("/accounts/password/", given | wrong)
    assert answer.status_code == 400 and b'role="alert"' in answer.content
    ada.refresh_from_db()
    assert ada.check_password("right and long")


def test_audit_entries_never_change(ada: User) -> None:
    from studyapp.errors import FrozenError

    sign_in("ada", "wrong")
    entry = AuditEntry.objects.get()
    entry.action = "nothing"
    for change in (entry.save, entry.delete):
        with pytest.raises(FrozenError):
            change()
