"""Who gets in, what a page of rows costs, and what never leaves or comes in."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studyapp.models import ApiToken, AuditEntry, Session, Stimulus, StimulusSet
from studyapp.selectors.uploads import bytes_of_user
from studyapp.services.api_tokens import make_token
from tests.factories import make_session
from tests.studyapp.api.world import CALLS, Call, World, make_world, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def _get(world: World, path: str, who: str = "owner") -> Any:
    return world.ask("GET", Call(path=path), world.tokens[who])


def test_a_signed_in_person_reads_and_does_not_write(world: World, client: Client) -> None:
    client.force_login(world.owner)
    assert client.get("/api/v1/studies/study").status_code == 200
    refused = client.post("/api/v1/studies/study/close", content_type="application/json")
    assert refused.status_code == 403 and "token" in refused.json()["detail"]
    assert client.get("/api/v1/studies", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("address", ["/api/v1/openapi.json", "/api/v1/docs/"])
def test_the_documents_are_for_people_and_tokens(world: World, client: Client, address: str) -> None:
    assert client.get(address).status_code == 401
    assert client.get(address, headers={"Authorization": f"Bearer {world.tokens['reader']}"}).status_code == 200
    client.force_login(world.owner)
    assert b"judgements" in client.get(address).content


def test_what_is_not_there_and_what_is_too_large_is_a_problem_too(world: World) -> None:
    assert _get(world, "/nothing").json()["status"] == 404
    assert world.ask("DELETE", Call(path="/studies"), world.tokens["owner"])["Allow"] == "GET, POST"
    large = {"title": "x" * 2_000_000}
    assert world.ask("POST", CALLS["create_study"], world.tokens["owner"], body=large).status_code == 413
    bearer = {"Authorization": f"Bearer {world.tokens['owner']}"}
    for content, kind, status in ((b"\xff", "application/json", 400), (b"{", "application/json", 400)):
        assert Client().post("/api/v1/studies", content, content_type=kind, headers=bearer).status_code == status
    yaml = b"slug: from-yaml\ntitle: A study\nstimulus_set: study-sounds\n"
    assert Client().post("/api/v1/studies", yaml, content_type="application/yaml", headers=bearer).status_code == 201


def test_the_time_of_use_is_written_once_a_minute(world: World) -> None:
    found = ApiToken.objects.get(name="own")
    _get(world, "/studies")
    first = ApiToken.objects.get(pk=found.pk).last_used_at
    _get(world, "/studies")
    assert first is not None and ApiToken.objects.get(pk=found.pk).last_used_at == first
    ApiToken.objects.filter(pk=found.pk).update(last_used_at=timezone.now() - timedelta(minutes=2))
    _get(world, "/studies")
    assert ApiToken.objects.get(pk=found.pk).last_used_at > first


def test_a_closed_account_opens_nothing(world: World) -> None:
    world.owner.is_active = False
    world.owner.save()
    assert _get(world, "/studies").status_code == 401


@pytest.mark.parametrize(
    "path", ["/sets/study-sounds/stimuli", "/sets/study-sounds/scores", "/studies", "/studies/study/sessions"]
)
def test_rows_cost_no_queries_each(world: World, path: str, django_assert_max_num_queries: Any) -> None:
    _get(world, path)
    with django_assert_max_num_queries(9):
        assert _get(world, path).json()["items"]


def test_a_page_of_judgements_reads_its_sessions_alone(world: World, django_assert_max_num_queries: Any) -> None:
    version = Session.objects.get().version
    for _ in range(3):
        make_session(version, reason=None)
    everything = _get(world, "/studies/study/judgements").json()
    with django_assert_max_num_queries(21):
        page = _get(world, "/studies/study/judgements?limit=3&offset=6").json()
    assert page["n"] == everything["n"] == 16 and page["items"] == everything["items"][6:9]


def test_an_assistant_sees_how_far_sessions_are_and_no_answer_or_secret(world: World) -> None:
    (row,) = _get(world, "/studies/study/sessions", "assistant").json()["items"]
    assert row["n_answered"] == row["n_trials"] == 4
    assert not {"token", "seed", "completion_code", "withdrawal_code", "client"} & set(row)
    assert _get(world, "/sets/study-sounds", "assistant").status_code == 404


def test_a_set_keeps_what_was_sent_once_and_says_why_it_refuses(world: World) -> None:
    call, token = CALLS["upload_stimulus"], world.tokens["owner"]
    first = world.ask("POST", call, token)
    assert first.json()["stimulus"]["sha256"] == hashlib.sha256(wav(9)).hexdigest()
    again = world.ask("POST", call, token)
    assert (again.status_code, again.json()["was_there"]) == (200, True)
    other = Call(**{**call.__dict__, "form": {**(call.form or {}), "name": "rain/other.wav"}})
    assert world.ask("POST", other, token).json()["rejected"]["reason"] == "duplicate"
    for name in ("../up.wav", "/abs.wav", "a//b.wav", "a\nb.wav"):
        hostile = Call(**{**call.__dict__, "form": {**(call.form or {}), "name": name}})
        assert world.ask("POST", hostile, token).status_code == 422
    assert Stimulus.objects.filter(home_set__slug="study-sounds").count() == 5
    assert AuditEntry.objects.filter(action="upload_stimulus").count() == 3


def test_a_sound_that_there_is_no_room_for_is_refused_as_on_the_page(world: World, settings: Any) -> None:
    call, token = CALLS["upload_stimulus"], world.tokens["owner"]
    for name, value, status, words in (
        ("MIN_FREE_BYTES", 1 << 60, 409, "disk is nearly full"),
        ("UPLOAD_MAX_FILE_BYTES", 1000, 413, "at most 0.0 MiB"),
        ("UPLOAD_QUOTA_BYTES", bytes_of_user(world.owner) + len(wav(9)) - 1, 409, "one account may use"),
    ):
        before = getattr(settings, name)
        setattr(settings, name, value)
        answer = world.ask("POST", call, token)
        assert answer.status_code == status and words in answer.json()["detail"]
        setattr(settings, name, before)
    assert Stimulus.objects.filter(home_set__slug="study-sounds").count() == 4
    settings.UPLOAD_QUOTA_BYTES = bytes_of_user(world.owner) + len(wav(9))
    assert world.ask("POST", call, token).status_code == 201


def test_nobody_makes_themselves_what_they_are_not(world: World) -> None:
    body = {"title": "Mine", "owner": 1, "is_stand_in": True}
    assert world.ask("POST", CALLS["create_set"], world.tokens["stranger"], body=body).status_code == 422
    assert StimulusSet.objects.count() == 1


def test_saving_over_an_older_revision_is_refused(world: World) -> None:
    call = Call(path="/studies/draft/config?revision=999", json={"slug": "draft"})
    answer = world.ask("PUT", call, world.tokens["owner"])
    assert answer.status_code == 409


def test_results_that_were_seen_are_in_the_log(world: World) -> None:
    for path in ("analysis", "judgements", "judgements.csv"):
        _get(world, f"/studies/study/{path}")
    assert AuditEntry.objects.filter(object_id="study", detail__by="api").count() == 3


def test_a_token_is_shown_once_and_only_its_hash_is_kept(world: World, client: Client) -> None:
    client.force_login(world.owner)
    made = client.post("/tokens/", {"name": "laptop", "may_write": "yes", "lasts": "30"})
    secret = made.context["secret"]
    assert secret in made.content.decode() and secret not in client.get("/tokens/").content.decode()
    token = ApiToken.objects.get(name="laptop")
    assert token.token_sha256 == hashlib.sha256(secret.encode()).hexdigest() and token.may_write
    bearer = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/studies", headers=bearer).status_code == 200
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/studies", headers=bearer).status_code == 401
    assert AuditEntry.objects.filter(action__in=["make_api_token", "revoke_api_token"], object_id=token.pk).count() == 2


def test_tokens_are_ones_own_and_bad_forms_make_none(world: World, client: Client) -> None:
    assert client.get("/tokens/").status_code == 302
    client.force_login(world.owner)
    foreign = ApiToken.objects.get(name="stranger")
    assert client.post(f"/tokens/{foreign.pk}/revoke/").status_code == 404
    n = ApiToken.objects.count()
    for form in ({"name": ""}, {"name": "x", "may_write": "all"}, {"name": "x", "may_write": "no", "lasts": "9"}):
        assert b"text-danger" in client.post("/tokens/", form).content
    assert ApiToken.objects.count() == n
    assert make_token(user=world.owner, name="one more", may_write=False)[0].pk
