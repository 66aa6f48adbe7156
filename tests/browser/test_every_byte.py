"""Every byte that a participant's browser receives in a whole session, read for what it must not tell."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.browser.recording_proxy import Answer, record
from tests.browser.walker import Walker
from tests.leak_audit import SOUND_HEADERS, find_canaries, wav_chunks
from tests.studyapp.views.test_whole_session import COMMON, FIELDS, PART_OF_STEP, QUESTION

pytestmark = [pytest.mark.browser, pytest.mark.once]


def walk_whole_session(walker: Walker) -> None:
    """Take the study from its landing page, with a reload in the middle."""
    page = walker.page
    page.goto(f"{walker.site.url}/s/blind/")
    walker.button("start").click()
    walker.agree()
    walker.see(step="eligibility")
    walker.answer(adult="yes", normal_hearing="yes")
    walker.set_volume()
    walker.check_channels()
    walker.screen(0)
    walker.screen(1)
    walker.understand()
    for position in range(8):
        if position == 4:
            walker.see(phase="break")
            page.reload()
            walker.see(phase="gate")
            walker.button("continue").click()
            walker.see(phase="break")
            walker.button("next").click()
        walker.see(step="trials", position=position, sound="ready")
        walker.listen()
        # The built-in catch trial takes a number.
        is_beeps = page.locator(".task-beeps").count() == 1
        builtin = walker.answers()[position]["builtin"]
        walker.choice(builtin.split(":")[1] if is_beeps else "fake").click()
        if not is_beeps:
            walker.see(position=position, phase="reason")
            page.keyboard.press("1")
            page.keyboard.press("Enter")
    walker.see(step="questions")
    walker.answer(age="41", remarks="Nothing.")
    walker.see(step="ended")


def canaries(walker: Walker) -> list[str]:
    """Return what the database knows of the sounds that were heard, and of those of the headphone test."""
    rows = walker.site.rows(
        """
        SELECT s.sha256, s.name, s.generator, s.audio_path, f.copy_path, f.copy_sha256 FROM studyapp_frozenstimulus f
        JOIN studyapp_stimulus s ON s.id = f.stimulus_id JOIN studyapp_studyversion v ON v.id = f.version_id
        JOIN studyapp_study y ON y.id = v.study_id WHERE y.slug = 'blind'
        """
    )
    version = walker.site.rows(
        "SELECT v.sha256, v.screening FROM studyapp_studyversion v JOIN studyapp_study y ON y.id = v.study_id "
        "WHERE y.slug = 'blind'"
    )[0]
    found = {text for row in rows for text in row.values() if text} | {version["sha256"]}
    found |= {"canarygenerator", "canaryname", "canaryset", "0.8675309", "presentation/", "right_answer", "fake_score"}

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value[name] for name in ("path", "sha256") if name in value)
            for each in value.values():
                collect(each)

    collect(json.loads(version["screening"]))
    return sorted(found)


def check_fields(state: dict[str, Any]) -> None:
    """The fields of a state are those of the protocol: no more, and no fewer."""
    state = state.get("state", state)
    part = PART_OF_STEP.get(state["step"], state["step"])
    assert set(state) == COMMON | ({part} if state["step"] != "device" else set())
    if part in state:
        assert set(state[part]) == FIELDS[part]
        assert all(set(question) == QUESTION for question in state[part].get("questions", []))
    trial = state.get("trial")
    if trial:
        assert trial["feedback"] is None
        assert all(set(choice) == {"value", "label"} for choice in trial["choices"])
        assert all(set(reason) == {"code", "label", "needs_text"} for reason in trial["reasons"])


def check_sounds(sounds: list[Answer]) -> None:
    for sound in sounds:
        assert set(sound.headers) <= SOUND_HEADERS, sound.headers
        assert wav_chunks(sound.body) == [b"fmt ", b"data"]
        assert sound.headers["cache-control"] == "private, no-store"
    for name in ("content-type", "cache-control", "referrer-policy"):
        assert len({sound.headers[name] for sound in sounds}) == 1
    tokens = [sound.target.rsplit("/", 1)[-1] for sound in sounds]
    of_clips = [token for token in tokens if len(token) == 22]
    assert len(of_clips) > 8
    # Each is random: no two begin alike beyond chance.
    assert len({token[:4] for token in set(of_clips)}) == len(set(of_clips))


def test_no_byte_of_a_whole_session_tells_what_a_sound_is(walker: Walker) -> None:
    outside: list[str] = []
    with record(walker.site.url) as recorder:
        walker.site = replace(walker.site, url=recorder.url)
        walker.page.on(
            "request", lambda each: outside.append(each.url) if not each.url.startswith(recorder.url) else None
        )
        walk_whole_session(walker)
        secrets = canaries(walker)
        assert len(secrets) > 60
        assert find_canaries(recorder.all_received, secrets) == []
        received = recorder.answers()
    assert outside == []  # nobody else is asked for anything
    # What a reload cut off was read for the canaries above; it has no fields yet.
    answers = [each for each in received if each.is_whole]
    assert len(received) - len(answers) < 8
    states = [json.loads(each.body) for each in answers if each.headers.get("content-type") == "application/json"]
    assert len(states) > 40
    for state in states:
        check_fields(state)
    check_sounds([each for each in answers if "/sound/" in each.target and each.status == 200])
    assert {each.status for each in answers} <= {200, 303, 304}
    assert not any("set-cookie" in each.headers for each in answers)
    # The reading itself: a byte of the answers that is there is found.
    assert find_canaries(recorder.all_received, [walker.session()["completion_code"]])
