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
