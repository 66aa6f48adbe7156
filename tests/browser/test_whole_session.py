"""A whole session, from consent to the end page, in a real browser with real sound."""

import pytest

from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

N_CLIPS = 6
DURATION_MS = 1000
PAUSE_MS = 300  # a person's hesitation before every answer


def check_what_was_stored(walker: Walker, *, sources: set[str]) -> None:
    session = walker.session()
    assert (session["step"], session["outcome"]) == ("ended", "completed")
    assert session["completion_code"]
    assert len(session["consent_sha256"]) == 64
    answers = walker.answers()
    assert len(answers) == N_CLIPS
    for answer in answers:
        assert answer["choice"] == ("fake" if answer["position"] % 2 == 0 else "real")
        assert answer["rt_from_offset_ms"] == pytest.approx(answer["rt_from_onset_ms"] - DURATION_MS, abs=0.1)
        # The pause, and what the machine needs to see the mark and press the key.
        assert PAUSE_MS - 50 < answer["rt_from_offset_ms"] < PAUSE_MS + 3000
        assert answer["completed_at"]
    assert {answer["response_source"] for answer in answers} == sources
    plays = walker.plays()
    assert [play["number"] for play in plays] == [1] * N_CLIPS
    for play in plays:
        assert play["heard_ms"] == pytest.approx(DURATION_MS, abs=1)
        assert play["output_latency_ms"] is None or 0 <= play["output_latency_ms"] < 2000
    reasons = walker.reasons()
    assert [reason["position"] for reason in reasons] == [0, 2, 4]
    for answer in answers[::2]:
        assert answer["reason_rt_ms"] > 0


def check_the_end(walker: Walker) -> None:
    walker.see(step="ended")
    assert walker.page.locator("output").inner_text() == walker.session()["completion_code"]
    walker.shoot("end")


def test_a_session_by_keyboard_alone_is_stored_whole(walker: Walker) -> None:
    page, keyboard = walker.page, walker.page.keyboard
    page.goto(f"{walker.site.url}/s/whole/")
    walker.shoot("landing")
    keyboard.press("Tab")
    keyboard.press("Enter")
    walker.see(step="consent")
    walker.shoot("consent")
    keyboard.press("Tab")
    keyboard.press("Enter")
    walker.see(step="volume", audio="running")
    keyboard.press("Enter")  # locked until the noise was heard
    keyboard.press("Space")
    walker.see(step="volume", sound="playing")
    walker.shoot("volume")
    keyboard.press("Enter")
    for position in range(2):
        walker.see(step="screening", position=position, sound="ready")
        keyboard.press("1")  # locked until the sound has ended
        keyboard.press("Space")
        walker.see(step="screening", position=position, sound="playing")
        if position == 0:
            assert "The noise" not in page.locator("#live").inner_text()
            assert page.get_by_text("You will hear three tones").is_visible()
            walker.shoot("screening")
        walker.see(step="screening", position=position, sound="ended")
        keyboard.press(str(walker.right_screening_answer()))
    walker.see(step="instructions")
    assert page.locator("#live").inner_text() == ""
    walker.shoot("instructions")
    keyboard.press("Enter")
    for position in range(N_CLIPS):
        walker.see(step="trials", position=position, phase="play")
        keyboard.press("f")  # locked until the sound has ended
        keyboard.press("Space")
        walker.see(position=position, sound="playing")
        if position == 0:
            walker.shoot("trial-playing")
        walker.see(position=position, sound="ended", phase="answer")
        page.wait_for_timeout(PAUSE_MS)
        is_fake = position % 2 == 0
        is_left = walker.session()["fake_is_first"] == is_fake
        keyboard.press({(True, 0): "f", (False, 0): "j", (True, 1): "1", (False, 1): "2"}[is_left, position // 3])
        if is_fake:
            walker.see(position=position, phase="reason")
            keyboard.press("3")
            if position == 0:
                walker.shoot("reason")
            keyboard.press("Enter")
    check_the_end(walker)
    check_what_was_stored(walker, sources={"keyboard"})
    assert {reason["code"] for reason in walker.reasons()} == {"background_artifacts"}


def test_a_session_by_mouse_is_stored_whole(walker: Walker) -> None:
    page = walker.page
    page.goto(f"{walker.site.url}/s/strict/")
    walker.button("start").click()
    walker.see(step="consent")
    walker.button("agree").click()
    walker.see(step="volume")
    assert walker.button("next").is_disabled()
    walker.play_button.click()
    walker.see(sound="playing")
    walker.play_button.click()
    walker.see(sound="ready")
    walker.button("next").click()
    walker.see(step="screening", position=0, sound="ready")
    assert walker.choice("1").is_disabled()
    walker.play_button.click()
    walker.see(position=0, sound="ended")
    walker.choice(str(walker.right_screening_answer())).click()
    walker.see(step="instructions")
    walker.button("next").click()
    for position in range(N_CLIPS):
        walker.see(step="trials", position=position, phase="play")
        assert walker.choice("fake").is_disabled()
        walker.play_button.click()
        walker.see(position=position, sound="ended", phase="answer")
        if position == 0:
            walker.shoot("trial-answer")
        page.wait_for_timeout(PAUSE_MS)
        walker.choice("real" if position % 2 else "fake").click()
        if position % 2 == 0:
            walker.see(position=position, phase="reason")
            walker.button("next").click()  # nothing is chosen yet
            page.get_by_text("Choose a reason first.").wait_for()
            page.get_by_label("The sound is too repetitive").check()
            walker.button("next").click()
    check_the_end(walker)
    check_what_was_stored(walker, sources={"button"})
    assert {reason["code"] for reason in walker.reasons()} == {"repetitive"}


def test_declining_ends_the_session_without_a_code(walker: Walker) -> None:
    walker.page.goto(walker.site.start_session("whole"))
    walker.see(step="consent")
    walker.button("decline").click()
    walker.see(step="ended")
    assert walker.page.locator("output").count() == 0
    assert walker.session()["outcome"] == "no_consent"


def test_failing_the_headphone_check_twice_ends_the_session(walker: Walker) -> None:
    walker.page.goto(walker.site.start_session("strict"))
    walker.button("agree").click()
    walker.see(step="volume")
    walker.play_button.click()
    walker.see(sound="playing")
    walker.button("next").click()
    for attempt in range(2):
        walker.see(step="screening", position=0, sound="ready")
        if attempt == 1:
            walker.page.get_by_text("This is the last attempt").wait_for()
            walker.shoot("screening-again")
        walker.play_button.click()
        walker.see(position=0, sound="ended")
        walker.choice(str(walker.right_screening_answer() % 3 + 1)).click()
    walker.see(step="ended")
    assert walker.session()["outcome"] == "failed_headphone"
