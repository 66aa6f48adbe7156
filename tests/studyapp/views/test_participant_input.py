"""What a hostile or broken client sends is answered with 4xx, never stored, never a server error."""

import json

import pytest
from django.core import signing

from studyapp.models import ClientEvent, Participant, Response, Session, SessionAction
from studyapp.services.bot_tokens import SALT, mint_bot_token
from studyapp.services.study_state import close_study
from tests.studyapp.launched import BARE, Walker, launch

pytestmark = pytest.mark.django_db
CONFIG = BARE
KEY = '"key": "abcdefgh"'


@pytest.fixture
def walker():
    walker = Walker(launch(n_fake=1, n_real=1, config=CONFIG).study)
    walker.to("consent")
    SessionAction.objects.all().delete()
    return walker


def post(walker, action, body, content_type="application/json"):
    return walker.client.post(f"{walker.base}act/{action}/", body, content_type=content_type)


BODIES = {
    "empty": b"",
    "not JSON": b"agree=true",
    "not UTF-8": b'{"key": "abcdefgh", "agree": true, "x": "\xff"}',
    "a list": b"[]",
    "a number": b"3",
    "NaN": b'{"key": "abcdefgh", "agree": NaN}',
    "no key": b'{"agree": true}',
    "short key": b'{"key": "a", "agree": true}',
    "key with NUL": b'{"key": "abcdefgh\\u0000", "agree": true}',
    "key of the wrong type": b'{"key": 12345678, "agree": true}',
    "wrong type": b'{"key": "abcdefgh", "agree": 1}',
    "unknown field": b'{"key": "abcdefgh", "agree": true, "outcome": "completed"}',
    "missing field": b'{"key": "abcdefgh"}',
    "deep": b"[" * 16_000,
    "too long": b'{"key": "abcdefgh", "agree": true' + b" " * 17_000 + b"}",
    "huge": b"x" * 3_000_000,
}


def test_a_wrong_body_is_answered_with_422(walker, subtests):
    for name, body in BODIES.items():
        with subtests.test(name):
            response = post(walker, "consent", body)
            assert response.status_code == 422, response.content
            assert response.json()["error"]["code"] == "invalid"
    assert walker.state()["step"] == "consent"
    assert SessionAction.objects.count() == 0


def test_a_body_that_another_site_could_send_is_refused(walker):
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]:
        assert post(walker, "consent", json.dumps({"key": "abcdefgh", "agree": True}), content_type).status_code == 422
    assert walker.state()["step"] == "consent"


WRONG_ANSWERS = [
    '"position": 0, "choice": "maybe", "source": "button"',
    '"position": -1, "choice": "real", "source": "button"',
    '"position": 1e999, "choice": "real", "source": "button"',
    '"position": 99999999999999999999999, "choice": "real", "source": "button"',
    '"position": true, "choice": "real", "source": "button"',
    '"position": 0, "choice": "real", "source": "telepathy"',
    '"position": 0, "choice": "real", "source": "button", "rt_from_onset_ms": 1e999',
    '"position": 0, "choice": "real", "source": "button", "rt_from_onset_ms": -Infinity',
    '"position": 0, "choice": "real", "source": "button", "rt_from_onset_ms": "12"',
    '"position": 0, "choice": "real", "source": "button", "confidence": 3',
]


def test_a_wrong_answer_is_refused(walker, subtests):
    walker.hear(walker.to_trials())
    for fields in WRONG_ANSWERS:
        with subtests.test(fields[:60]):
            assert post(walker, "answer", f"{{{KEY}, {fields}}}").status_code == 422
    assert Response.objects.count() == 0


WRONG_EVENTS = [
    '"event": "a b", "data": {}',
    '"event": "x", "data": {"a": {"b": 1}}',
    '"event": "x", "data": {"a\\u0000": 1}',
    '"event": "x", "data": {"a": "\\u0000"}',
    '"event": "x", "data": {"a": "\\ud800"}',
    '"event": "x", "data": {"a": 1e999}',
    f'"event": "x", "data": {{"a": 1{"0" * 400}}}',
    f'"event": "x", "data": {{"a": 1{"0" * 6000}}}',
    f'"event": "x", "data": {{"a": "{"y" * 600}"}}',
    f'"event": "x", "data": {json.dumps({str(i): i for i in range(21)})}',
]


def test_an_event_that_cannot_be_stored_is_refused(walker, subtests):
    for fields in WRONG_EVENTS:
        with subtests.test(fields[:60]):
            assert post(walker, "event", f"{{{KEY}, {fields}}}").status_code == 422
    assert ClientEvent.objects.count() == 0


def test_unknown_tokens_and_actions_are_not_found(walker):
    nobody = "A" * 43
    body = json.dumps({"key": "abcdefgh", "agree": True})
    client = walker.client
    assert client.get(f"/p/{nobody}/").status_code == 404
    assert client.get(f"/p/{nobody}/state/").status_code == 404
    assert client.post(f"/p/{nobody}/act/consent/", body, content_type="application/json").status_code == 404
    assert client.get(f"/p/{nobody}/sound/{nobody}").status_code == 404
    assert post(walker, "finish", body).status_code == 404
    for odd in ("/p/a%00b/state/", "/p/..%2f..%2fetc/state/", f"{walker.base}sound/%00", "/s/%00/", "/s/caf%C3%A9/"):
        assert client.get(odd).status_code == 404, odd


def test_only_the_right_methods_are_taken(walker):
    client = walker.client
    assert client.get(f"{walker.base}act/consent/").status_code == 405
    assert client.post(f"{walker.base}state/").status_code == 405
    assert client.get("/s/study/start/").status_code == 405
    assert client.head(walker.base).status_code == 200


def test_the_landing_page_stores_nothing(walker):
    before = Session.objects.count()
    for _ in range(3):
        walker.client.get("/s/study/")
        walker.client.head("/s/study/")
    assert Session.objects.count() == before


def test_a_study_that_is_not_open_admits_nobody():
    version = launch(config=CONFIG)
    walker = Walker(version.study)
    close_study(study=version.study)
    for response in (walker.client.get("/s/study/"), walker.client.post("/s/study/start/")):
        assert response.status_code == 404
        assert b"not open" in response.content
    assert walker.client.get("/s/other/").status_code == 404
    assert Session.objects.count() == 1
    assert walker.to_trials()["step"] == "trials"  # who has begun may finish


FORGED = [
    "nonsense",
    "\x00",
    signing.dumps({"study": "study", "seed": 1, "time_scale": 0.0}, salt="another"),
    signing.dumps({"study": "study", "seed": 1, "time_scale": 0.0}, key="another key of thirty-two letters", salt=SALT),
]


def test_a_forged_bot_token_is_refused(client, subtests):
    launch(config=CONFIG)
    for token in FORGED:
        with subtests.test(token[:30]):
            assert client.post("/s/study/start/", {"bot": token}).status_code == 403
    assert Session.objects.count() == Participant.objects.count() == 0


def test_a_bot_token_of_another_study_is_refused(client):
    launch(config=CONFIG)
    token = mint_bot_token(study="elsewhere", seed=1, time_scale=0.0)
    assert client.post("/s/study/start/", {"bot": token}).status_code == 403


def test_a_session_without_a_token_is_live_and_never_hurries():
    walker = Walker(launch(config=CONFIG).study, bot=False)
    session = Session.objects.get(token=walker.token)
    assert (session.origin, session.time_scale) == ("live", 1.0)


def test_a_full_study_ends_the_session_at_once():
    version = launch(n_fake=1, n_real=1, config=CONFIG | {"recruitment": {"quota": 1}})
    first = Walker(version.study, bot=False)
    first.to("consent")
    first.act("consent", agree=True, ticks=[])
    assert Walker(version.study, bot=False).state()["end"]["outcome"] == "quota_full"  # the first is still open
    assert Walker(version.study).state()["step"] == "device"  # simulated participants take no place
    Session.objects.filter(token=first.token).update(step="ended", outcome="completed")
    late = Walker(version.study, bot=False)
    assert late.state()["end"]["outcome"] == "quota_full"
    # The study has closed by itself; who comes still gets the exit and its code, not a closed door.
    version.study.refresh_from_db()
    assert version.study.state == "closed"
    assert Walker(version.study, bot=False).state()["end"]["outcome"] == "quota_full"
