"""A reload at any point of a trial goes on at the same trial."""

import pytest

from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]


def reload_and_go_on(walker: Walker) -> None:
    walker.page.reload()
    walker.see(step="trials", phase="gate")
    walker.button("continue").click()


def finish_trial(walker: Walker) -> None:
    walker.choice("real").click()
    walker.see(position=1, phase="play")


def test_a_reload_before_the_play_goes_on_at_the_same_trial(walker: Walker) -> None:
    walker.begin("short")
    reload_and_go_on(walker)
    walker.see(position=0, phase="play")
    walker.listen()
    finish_trial(walker)
    assert [play["position"] for play in walker.plays()] == [0]


def test_a_reload_during_the_play_counts_it_and_grants_one_more(walker: Walker) -> None:
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    reload_and_go_on(walker)
    walker.see(position=0, phase="play")
    walker.listen()
    finish_trial(walker)
    interrupted, whole = walker.plays()
    assert interrupted["ended_at"] is None
    assert whole["ended_at"]
    assert whole["number"] == 2


def test_a_reload_during_the_only_play_leads_to_the_answer_without_times(walker: Walker) -> None:
    walker.begin("once")
    walker.play_button.click()
    walker.see(sound="playing")
    reload_and_go_on(walker)
    walker.see(position=0, phase="answer")
    assert walker.play_button.is_disabled()
    walker.page.locator(".status", has_text="what you heard").wait_for()
    finish_trial(walker)
    answer = walker.answers()[0]
    assert answer["choice"] == "real"
    assert answer["rt_from_onset_ms"] is None
    assert answer["rt_from_offset_ms"] is None
    assert len(walker.plays()) == 1


def test_a_reload_after_the_play_keeps_the_answers_open(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    reload_and_go_on(walker)
    walker.see(position=0, phase="answer")
    finish_trial(walker)
    assert len(walker.plays()) == 1


def test_a_reload_in_the_reason_menu_comes_back_to_the_menu(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.choice("fake").click()
    walker.see(position=0, phase="reason")
    reload_and_go_on(walker)
    walker.see(position=0, phase="reason")
    walker.page.get_by_role("heading", name="You answered “fake”. Why?").wait_for()
    walker.page.keyboard.press("1")
    walker.page.keyboard.press("Enter")
    walker.see(position=1, phase="play")
    assert [reason["code"] for reason in walker.reasons()] == ["distorted"]


def test_a_reload_at_the_end_shows_the_end_again(walker: Walker) -> None:
    walker.page.goto(walker.site.start_session("short"))
    walker.button("decline").click()
    walker.see(step="ended")
    walker.page.reload()
    walker.see(step="ended")


def test_going_back_and_forward_in_the_history_shows_the_servers_state(walker: Walker) -> None:
    walker.begin("short")
    walker.page.goto("about:blank")
    walker.page.go_back()
    walker.page.locator('#run[data-step="trials"][data-position="0"]').wait_for()


def test_a_reload_at_every_step_comes_back_to_it(walker: Walker) -> None:
    """And once more in the middle of the headphone test: a sound that was played is not played again."""

    def reload(step: str, *, has_sound: bool = True) -> None:
        walker.see(step=step)
        walker.page.reload()
        walker.see(step=step)
        if has_sound:
            walker.see(step=step, phase="gate")
            walker.button("continue").click()
            walker.page.locator('#run:not([data-phase="gate"])').wait_for()

    walker.page.goto(walker.site.start_session("whole"))
    reload("consent", has_sound=False)
    walker.agree()
    reload("eligibility", has_sound=False)
    walker.answer(adult="yes", normal_hearing="yes")
    reload("volume")
    walker.set_volume()
    reload("screening")
    walker.screen(0)
    walker.see(step="screening", position=1, sound="ready")
    walker.play_button.click()
    walker.see(sound="playing")
    reload("screening")
    walker.page.locator(".status", has_text="The sound was played before the page was loaded again.").wait_for()
    assert not walker.play_button.is_enabled()
    # The server still holds the answer until the sound can have ended.
    walker.choice(str(walker.right_screening_answer())).click()
    walker.screen(2)
    walker.screen(3)  # the last of the channel check
    walker.screen(0)
    walker.screen(1)
    reload("instructions")
    walker.understand()
    reload("practice")
    walker.trial(0, "real")
    walker.see(position=0, phase="feedback")
    reload("practice")
    walker.see(position=0, phase="feedback")
    walker.button("next").click()
    walker.trial(1, "real")
    walker.see(position=1, phase="feedback")
    walker.button("next").click()
    for position in range(2, 5):
        walker.trial(position, "real")
    walker.see(position=5, phase="break")
    reload("trials")
    walker.see(position=5, phase="break")
    walker.button("next").click()
    for position in range(5, 8):
        walker.trial(position, "real")
    reload("questions", has_sound=False)
    walker.answer(age="50")
    reload("ended", has_sound=False)
    assert walker.session()["outcome"] == "completed"
    assert len([answer for answer in walker.answers() if answer["choice"]]) == 8
