"""A whole session, from consent to the end page, in a real browser with real sound."""

from typing import Any

import pytest

from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

N_CLIPS = 6
N_PRACTICE = 2
DURATION_MS = 1000
PAUSE_MS = 300  # a person's hesitation before every answer


def main_answers(walker: Walker) -> list[dict[str, Any]]:
    return [answer for answer in walker.answers() if answer["kind"] == "main"]


def check_what_was_stored(walker: Walker, *, sources: set[str]) -> None:
    session = walker.session()
    assert (session["step"], session["outcome"]) == ("ended", "completed")
    assert session["completion_code"]
    assert len(session["consent_sha256"]) == 64
    answers = main_answers(walker)
    assert len(answers) == N_CLIPS
    for number, answer in enumerate(answers):
        assert answer["choice"] == ("fake" if number % 2 == 0 else "real")
        assert answer["rt_from_offset_ms"] == pytest.approx(answer["rt_from_onset_ms"] - DURATION_MS, abs=0.1)
        # The pause, and what the machine needs to see the mark and press the key.
        assert PAUSE_MS - 50 < answer["rt_from_offset_ms"] < PAUSE_MS + 3000
        assert answer["completed_at"]
    assert {answer["response_source"] for answer in answers} == sources
    plays = walker.plays()
    assert [play["number"] for play in plays] == [1] * len(walker.answers())
    for play in plays:
        assert play["heard_ms"] == pytest.approx(DURATION_MS, abs=1)
        assert play["output_latency_ms"] is None or 0 <= play["output_latency_ms"] < 2000
    mains = {answer["position"] for answer in answers[::2]}
    assert {reason["position"] for reason in walker.reasons()} >= mains
    for answer in answers[::2]:
        assert answer["reason_rt_ms"] > 0


def check_the_end(walker: Walker) -> None:
    walker.see(step="ended")
    session = walker.session()
    shown = walker.page.locator("output").all_inner_texts()
    assert shown[0] == session["completion_code"]
    assert shown[1].replace("-", "") == session["withdrawal_code"]
    walker.shoot("end")


def press_answer(walker: Walker, *, is_fake: bool, with_digits: bool) -> None:
    is_left = walker.session()["fake_is_first"] == is_fake
    walker.page.keyboard.press({(True, 0): "f", (False, 0): "j", (True, 1): "1", (False, 1): "2"}[is_left, with_digits])


def tab_to(walker: Walker, selector: str) -> None:
    """Press Tab until the control has the focus, as somebody does who uses no mouse."""
    for _ in range(40):
        if walker.page.locator(f"{selector}:focus").count():
            return
        walker.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def choose_by_keyboard(walker: Walker, name: str, value: str) -> None:
    tab_to(walker, f"input[name={name}]")
    chosen = walker.page.locator(f"input[name={name}][value={value}]")
    for _ in range(6):
        walker.page.keyboard.press("Space")
        if chosen.is_checked():
            return
        walker.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name}={value} cannot be chosen by keyboard")


def screen_by_keyboard(walker: Walker, n_trials: int, shot: str) -> None:
    keyboard = walker.page.keyboard
    for position in range(n_trials):
        walker.see(step="screening", position=position, sound="ready")
        keyboard.press("1")  # locked until the sound has ended
        keyboard.press("Space")
        walker.see(step="screening", position=position, sound="playing")
        if position == 0:
            assert "The noise" not in walker.page.locator("#live").inner_text()
            walker.shoot(shot)
        walker.see(step="screening", position=position, sound="ended")
        keyboard.press(str(walker.right_screening_answer()))


def trial_by_keyboard(walker: Walker, position: int, *, is_fake: bool, with_digits: bool = False) -> None:
    keyboard = walker.page.keyboard
    walker.see(position=position, phase="play", sound="ready")
    keyboard.press("f")  # locked until the sound has ended
    keyboard.press("Space")
    walker.see(position=position, sound="playing")
    if position == N_PRACTICE:
        walker.shoot("trial-playing")
    walker.see(position=position, sound="ended", phase="answer")
    walker.page.wait_for_timeout(PAUSE_MS)
    press_answer(walker, is_fake=is_fake, with_digits=with_digits)
    if is_fake:
        walker.see(position=position, phase="reason")
        keyboard.press("3")
        if position == N_PRACTICE:
            walker.shoot("reason")
        keyboard.press("Enter")


def test_a_session_by_keyboard_alone_is_stored_whole(walker: Walker) -> None:
    come_to_the_trials_by_keyboard(walker)
    answer_by_keyboard(walker)
    check_the_end(walker)
    check_what_was_stored(walker, sources={"keyboard"})
    assert {reason["code"] for reason in walker.reasons()} == {"background_artifacts"}
    given = walker.question_answers()
    assert (given["adult"], given["age"], given["gender"]) == ("yes", "34", "woman")
    assert "hearing" not in given
    rows = walker.page.locator(".debrief tbody tr")
    assert rows.count() == N_CLIPS
    right = sum(answer["choice"] == answer["label"] for answer in main_answers(walker))
    walker.page.get_by_text(f"You were right about {right} of 6 sounds.").wait_for()


def come_to_the_trials_by_keyboard(walker: Walker) -> None:
    page, keyboard = walker.page, walker.page.keyboard
    page.goto(f"{walker.site.url}/s/whole/")
    walker.shoot("landing")
    keyboard.press("Tab")
    keyboard.press("Enter")
    walker.see(step="consent")
    tab_to(walker, "#tick-take_part")
    keyboard.press("Space")
    walker.shoot("consent")
    tab_to(walker, "[data-action=agree]")
    keyboard.press("Enter")
    walker.see(step="eligibility")
    for name in ("adult", "normal_hearing"):
        choose_by_keyboard(walker, name, "yes")
    keyboard.press("Enter")
    walker.see(step="volume", audio="running")
    keyboard.press("Enter")  # locked until the noise was heard
    keyboard.press("Space")
    walker.see(step="volume", sound="playing")
    walker.shoot("volume")
    keyboard.press("Enter")
    screen_by_keyboard(walker, 4, "channels")
    screen_by_keyboard(walker, 2, "screening")
    walker.see(step="instructions")
    assert page.locator("#live").inner_text() == ""
    choose_by_keyboard(walker, "noise", "true")  # not right
    choose_by_keyboard(walker, "anywhere", "true")
    walker.shoot("instructions")
    keyboard.press("Enter")
    page.get_by_text("Not every answer was right.").wait_for()
    choose_by_keyboard(walker, "noise", "false")
    choose_by_keyboard(walker, "anywhere", "true")
    keyboard.press("Enter")


def answer_by_keyboard(walker: Walker) -> None:
    page, keyboard = walker.page, walker.page.keyboard
    for position in range(N_PRACTICE):
        walker.see(step="practice", position=position)
        trial_by_keyboard(walker, position, is_fake=position == 0)
        walker.see(position=position, phase="feedback")
        keyboard.press("Enter")
    for number in range(N_CLIPS):
        position = N_PRACTICE + number
        walker.see(step="trials", position=position)
        if number == 3:
            walker.see(position=position, phase="break")
            walker.shoot("break")
            keyboard.press("Enter")
        trial_by_keyboard(walker, position, is_fake=number % 2 == 0, with_digits=number >= 3)
    walker.see(step="questions")
    tab_to(walker, "[name=age]")
    keyboard.type("17")  # nobody under 18 takes part
    keyboard.press("Enter")
    page.get_by_text("Write a whole number from 18 to 120.").wait_for()
    keyboard.press("Control+a")
    keyboard.type("34")
    choose_by_keyboard(walker, "gender", "woman")
    walker.shoot("questions")
    keyboard.press("Enter")


def test_a_session_by_mouse_is_stored_whole(walker: Walker) -> None:
    page = walker.page
    page.goto(f"{walker.site.url}/s/strict/")
    walker.button("start").click()
    walker.see(step="consent")
    walker.button("agree").click()  # a box is missing
    page.get_by_text("Tick this box").wait_for()
    page.locator("#tick-take_part").check()
    walker.button("agree").click()
    walker.see(step="eligibility")
    walker.button("next").click()
    assert page.get_by_text("Choose an answer.").count() == 2
    walker.answer(adult="yes", normal_hearing="yes")
    walker.see(step="volume")
    assert walker.button("next").is_disabled()
    walker.play_button.click()
    walker.see(sound="playing")
    walker.play_button.click()
    walker.see(sound="ready")
    walker.button("next").click()
    walker.check_channels()
    walker.see(step="screening", position=0, sound="ready")
    assert walker.choice("1").is_disabled()
    walker.screen(0)
    walker.understand()
    for position in range(N_CLIPS):
        walker.see(step="trials", position=position, phase="play", sound="ready")
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
    walker.see(step="questions")
    walker.answer()
    check_the_end(walker)
    assert page.locator(".debrief").count() == 0
    check_what_was_stored(walker, sources={"button"})
    assert {reason["code"] for reason in walker.reasons()} == {"repetitive"}
    assert walker.session()["consent_ticks"] == '["take_part"]'
