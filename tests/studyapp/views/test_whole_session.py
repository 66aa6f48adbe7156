"""A whole session over the addresses of the protocol, from the landing page to the completion code."""

import base64
import hashlib
import re
import zlib
from typing import Any

import pytest

from studyapp.models import Session, Stimulus, Trial
from studyapp.vocab import PAPER_REASONS
from tests.studyapp.launched import Walker, launch

pytestmark = pytest.mark.django_db

COMMON = {"step", "title", "session", "progress", "notice"}
QUESTION = {"code", "text", "kind", "options", "required", "minimum", "maximum"}
FIELDS = {
    "consent": {"html", "ticks", "agree_label", "decline_label"},
    "eligibility": {"questions"},
    "volume": {"sound"},
    "screening": {
        "test", "attempt", "attempts", "position", "n_trials", "played", "wait_ms", "sound", "next_sound", "answers",
        "failed_before", "example",
    },
    "instructions": {"html", "questions", "tries", "wrong"},
    "trial": {
        "position", "number", "n_trials", "phase", "task", "answer", "wait_ms", "category", "sounds", "gap_ms", "ahead",
        "duration_s", "plays_left", "choices", "confidence", "reasons", "reason_mode", "feedback", "may_skip",
    },
    "questions": {"questions"},
    "end": {
        "outcome", "heading", "html", "completion_code", "withdrawal_code", "withdrawal_url", "exit", "debrief",
    },
}  # fmt: skip
PART_OF_STEP = {"trials": "trial", "practice": "trial", "ended": "end"}


def test_a_session_goes_from_the_landing_page_to_the_completion_code():
    version = launch()
    walker = Walker(version.study, seed=11)
    assert walker.client.get("/s/study/").status_code == 200
    assert walker.client.get(walker.base).status_code == 200
    state = walker.to_trials()
    assert state["progress"] == {"done": 0, "total": 6}
    choices = ["fake", "real"] * 3
    for choice in choices:
        assert state["step"] == "trials"
        state = walker.trial(state, choice)
    assert state["step"] == "questions"
    state = walker.act("questions", answers={"age": "34", "gender": "woman"})
    assert state["step"] == "ended"
    assert state["end"]["outcome"] == "completed"
    assert len(state["end"]["completion_code"]) == 10
    assert state["progress"] == {"done": 6, "total": 6}
    session = Session.objects.get(token=walker.token)
    assert (session.outcome, session.origin, session.seed) == ("completed", "bot", 11)
    trials = list(session.trials.order_by("position").select_related("response"))
    assert [trial.response.choice for trial in trials] == choices
    assert [trial.response.chosen_reasons.count() for trial in trials] == [1, 0] * 3
    assert trials[0].response.chosen_reasons.get().code == next(iter(PAPER_REASONS))
    assert all(trial.presentations.get().plays.get().heard_ms == 500.0 for trial in trials)


def _check_fields(state: dict[str, Any]) -> None:
    if state["step"] == "device":
        assert set(state) == COMMON
        return
    part = PART_OF_STEP.get(state["step"], state["step"])
    assert set(state) == COMMON | {part}
    assert set(state[part]) == FIELDS[part]
    assert all(set(question) == QUESTION for question in state[part].get("questions", []))
    if part == "trial":
        assert all(set(reason) == {"code", "label", "needs_text"} for reason in state["trial"]["reasons"])
        assert all(set(choice) == {"value", "label"} for choice in state["trial"]["choices"])


def _forms(secret: str) -> list[bytes]:
    """Return the secret in the encodings that it could hide in."""
    raw = secret.encode()
    forms = [
        raw,
        raw.upper(),
        raw[::-1],
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"="),
        secret.encode("utf-16-le"),
    ]
    return [form for form in forms if len(form) >= 6]


def test_no_received_byte_tells_what_a_sound_is():
    version = launch()
    walker = Walker(version.study)
    walker.received += [walker.client.get("/s/study/"), walker.client.get(walker.base)]
    walker.state()
    state = walker.to_trials()
    while state["step"] == "trials":
        state = walker.trial(walker.state(), "fake")
    walker.finish(state)
    secrets = ["canarygen", "canaryname", "_path", "/presentation", "presentation/", "right_answer"]
    for stimulus in Stimulus.objects.all():
        secrets += [stimulus.sha256, stimulus.name, stimulus.audio_path]
    for frozen in version.frozen_stimuli.all():
        secrets += [frozen.copy_sha256, frozen.copy_path]
    secrets.append(version.sha256)
    for response in walker.received:
        head = "\n".join(f"{name}: {value}" for name, value in response.items()).encode()
        is_sound = response["Content-Type"] == "audio/wav"
        for secret in secrets:
            for form in _forms(secret):
                assert form not in head, (secret, response.request["PATH_INFO"])
                assert is_sound or form not in response.content, (secret, response.request["PATH_INFO"])
    for response in walker.received:
        if response["Content-Type"] == "application/json":
            _check_fields(response.json())


def test_no_state_tells_the_truth_of_a_sound():
    """The words real and fake stand in a state only as answers, in the same number for every sound."""
    version = launch()
    walker = Walker(version.study)
    state = walker.to_trials()
    counts = set()
    while state["step"] == "trials":
        text = str({key: value for key, value in state["trial"].items() if key not in ("sounds", "ahead")})
        counts.add((text.lower().count("real"), text.lower().count("fake")))
        state = walker.trial(state, "real")
    assert counts == {(2, 2)}


def test_every_sound_has_the_same_headers_and_no_name():
    version = launch()
    walker = Walker(version.study)
    state = walker.to_trials()
    headers = []
    while state["step"] == "trials":
        response = walker.sound(state["trial"]["sounds"][0])
        headers.append(dict(response.items()))
        assert headers[-1].pop("X-Checksum") == f"{zlib.crc32(response.content):08x}"
        state = walker.trial(state, "real")
    names = {each.pop("X-Request-ID") for each in headers}
    assert len(names) == len(headers) and all(len(name) == 16 for name in names)  # drawn for each request
    assert all(each == headers[0] for each in headers)
    assert headers[0]["Content-Type"] == "audio/wav"
    assert headers[0]["Cache-Control"] == "private, no-store"
    assert headers[0]["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers[0]["X-Content-Type-Options"] == "nosniff"
    assert not {"Content-Disposition", "Last-Modified", "ETag"} & set(headers[0])


def test_a_sound_is_served_to_its_own_session_and_trial_only():
    version = launch(config={"order": {"block_size": 3}})
    one, other = Walker(version.study, seed=1), Walker(version.study, seed=2)
    state = one.to_trials()
    other.to_trials()
    (token,), ahead = state["trial"]["sounds"], state["trial"]["ahead"]
    assert len(ahead) == 2
    assert {one.sound(each).status_code for each in (token, *ahead)} == {200}
    assert one.sound(token, Range="bytes=0-1").status_code == 206
    assert other.sound(token).status_code == 404
    of_next_block = Trial.objects.get(session__token=one.token, position=3).presentations.get().token
    assert one.sound(of_next_block).status_code == 404
    state = one.trial(state, "real")
    assert one.sound(token).status_code == 404
    state = one.trial(one.trial(state, "real"), "real")
    assert (state["trial"]["phase"], state["trial"]["sounds"]) == ("break", [of_next_block])
    assert one.sound(of_next_block).status_code == 200  # loaded in the break


def test_the_served_copy_is_the_frozen_one():
    version = launch()
    walker = Walker(version.study)
    token = walker.to_trials()["trial"]["sounds"][0]
    content = walker.sound(token).content
    frozen = Trial.objects.get(session__token=walker.token, position=0).presentations.get().frozen_stimulus
    assert hashlib.sha256(content).hexdigest() == frozen.copy_sha256
    assert content[:4] == b"RIFF"


def test_no_cookie_is_set_and_nothing_is_cached():
    version = launch()
    walker = Walker(version.study)
    walker.received += [walker.client.get("/s/study/"), walker.client.get(walker.base)]
    walker.state()
    for response in walker.received:
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert not re.search("last-modified|etag", " ".join(dict(response.items())).lower())


def test_the_landing_page_says_how_long_it_takes(client):
    # Six sounds of 0.5 s, four of the channel check, six of the headphone test of 5 s, 4 s for each answer: 100 s.
    launch()
    assert b"about 2 minutes." in client.get("/s/study/").content
    launch(slug="few", n_fake=1, n_real=1, config={"screening": {"test": "none"}, "channels": {"enabled": False}})
    assert b"about a minute." in client.get("/s/few/").content
