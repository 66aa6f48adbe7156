"""Double clicks, two tabs, a lost network, a broken sound: nothing is stored twice and nothing is lost."""

import pytest
from playwright.sync_api import Route

from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

# The page keeps its audio context to itself; this keeps a hold of it, to stop it as a phone call would.
HOLD_CONTEXT = """
    const Plain = AudioContext;
    AudioContext = class extends Plain { constructor() { super(); window.held = this; } }
"""


def test_a_double_click_on_an_answer_stores_one_response(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.choice("real").dblclick()
    walker.see(position=1, phase="play")
    answers = walker.answers()
    assert answers[0]["choice"] == "real"
    assert answers[1]["choice"] is None


def test_pressing_play_twice_stores_one_play(walker: Walker) -> None:
    walker.begin("short")
    walker.play_button.dblclick()
    walker.see(sound="ended", phase="answer", sending="")
    walker.page.keyboard.press("Space")
    walker.page.wait_for_timeout(300)
    assert len(walker.plays()) == 1


def test_a_second_play_is_offered_where_the_study_grants_two(walker: Walker) -> None:
    walker.begin("twice")
    walker.listen()
    walker.page.get_by_text("Play again").wait_for()
    walker.play_button.click()
    walker.see(sound="playing")
    assert walker.choice("fake").is_disabled()
    walker.see(sound="ended", sending="")
    assert walker.play_button.is_disabled()
    walker.choice("real").click()
    walker.see(position=1, phase="play")
    assert [play["number"] for play in walker.plays()] == [1, 2]


def test_two_tabs_cannot_answer_one_trial_twice(walker: Walker) -> None:
    walker.begin("short")
    second = walker.page.context.new_page()
    other = Walker(second, walker.site)
    second.goto(walker.page.url)
    other.button("continue").click()
    other.see(position=0, phase="play")
    other.listen()
    walker.play_button.click()  # the other tab has heard it: no play is left
    walker.page.get_by_text("perhaps it is open in another tab").wait_for()
    walker.see(position=0, phase="answer")
    other.choice("real").click()
    other.see(position=1, phase="play")
    walker.choice("fake").click()
    walker.see(position=1, phase="play")
    answers = walker.answers()
    assert answers[0]["choice"] == "real"
    assert answers[1]["choice"] is None
    second.close()


def test_an_answer_given_without_a_network_is_sent_when_it_is_back(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    walker.page.context.set_offline(True)
    walker.choice("real").click()
    walker.see(network="lost")
    walker.page.get_by_text("No connection.").wait_for()
    assert walker.answers()[0]["choice"] is None
    walker.page.context.set_offline(False)
    walker.see(position=1, phase="play", network="")
    answer = walker.answers()[0]
    assert answer["choice"] == "real"
    assert 0 < answer["rt_from_offset_ms"] < 3000


def test_an_answer_whose_acknowledgement_is_lost_is_stored_once(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    walker.page.route("**/act/answer/", lose_the_first)
    walker.choice("real").click()
    walker.see(position=1, phase="play")
    assert lost == [200]
    answers = walker.answers()
    assert [answers[0]["choice"], answers[1]["choice"]] == ["real", None]


def test_a_sound_that_cannot_be_decoded_is_reported_and_tried_again(walker: Walker) -> None:
    walker.page.route(
        "**/sound/*", lambda route: route.fulfill(status=200, body=b"no sound at all", content_type="audio/wav")
    )
    walker.begin("short")
    walker.play_button.click()
    walker.page.locator(".status", has_text="could not be read").wait_for()
    assert walker.plays() == []
    walker.shoot("sound-failed")
    walker.page.unroute("**/sound/*")
    walker.listen()
    walker.choice("real").click()
    walker.see(position=1, phase="play")
    assert "sound_decode_failed" in walker.events()


def test_a_sound_that_cannot_be_fetched_is_reported_and_tried_again(walker: Walker) -> None:
    walker.page.route("**/sound/*", lambda route: route.fulfill(status=404))
    walker.begin("short")
    walker.play_button.click()
    walker.page.locator(".status", has_text="could not be loaded").wait_for()
    walker.page.unroute("**/sound/*")
    walker.listen()
    assert "sound_fetch_failed" in walker.events()


def test_several_reasons_and_words_of_ones_own_are_stored(walker: Walker) -> None:
    walker.begin("words")
    walker.listen()
    walker.choice("real").click()
    walker.see(phase="reason")
    walker.page.keyboard.press("1")
    walker.page.keyboard.press("3")
    walker.button("next").click()
    walker.page.get_by_text("Write your reason first.").wait_for()
    walker.page.keyboard.type("A click at 1 s, f and j")
    walker.page.keyboard.press("Enter")
    walker.see(position=1, phase="play")
    stored = [(reason["code"], reason["text"]) for reason in walker.reasons()]
    assert stored == [("distorted", ""), ("other", "A click at 1 s, f and j")]


def test_audio_that_the_browser_stops_in_the_middle_of_a_sound_is_resumed_by_a_dialog(walker: Walker) -> None:
    walker.page.add_init_script(HOLD_CONTEXT)
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    walker.page.wait_for_timeout(300)  # the sound is scheduled a little ahead
    walker.page.evaluate("held.suspend()")
    walker.see(audio="suspended")
    walker.button("resume").wait_for()
    walker.page.wait_for_timeout(1200)
    walker.see(sound="playing")  # the clock of the sound stands still
    walker.button("resume").click()
    walker.see(sound="ended", audio="running")
    assert not walker.page.locator("dialog[open]").count()
    walker.choice("real").click()
    walker.see(position=1, phase="play")
    assert "audio_stopped" in walker.events()
    answer = walker.answers()[0]
    assert 0 < answer["rt_from_offset_ms"] < 3000
    assert answer["rt_from_onset_ms"] is None  # the audio clock stood still after the onset


def test_who_gets_no_sound_back_can_withdraw(walker: Walker) -> None:
    """The page's own control lies behind the dialog."""
    walker.page.add_init_script(HOLD_CONTEXT)
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    walker.page.evaluate("held.suspend()")
    walker.button("leave").click()
    walker.button("confirm-withdraw").click()
    walker.see(step="ended")
    assert not walker.page.locator("dialog[open]").count()
    assert walker.session()["outcome"] == "withdrawn"


def test_a_play_that_was_granted_late_can_be_heard_though_no_other_is_granted(walker: Walker) -> None:
    def late(route: Route) -> None:
        response = route.fetch()
        walker.page.wait_for_timeout(4500)
        route.fulfill(response=response)

    walker.begin("once")
    walker.page.route("**/act/play/", late, times=1)
    walker.play_button.click()
    walker.page.locator("#run").get_by_text("connection is back").wait_for()
    walker.listen()
    walker.choice("real").click()
    walker.see(position=1)
    assert [play["number"] for play in walker.plays()] == [1]
    assert walker.plays()[0]["heard_ms"] > 900


def test_a_play_asked_for_offline_is_not_spent_by_the_next_page(walker: Walker) -> None:
    walker.begin("once")
    # The network is away until the next page is there: back any sooner, this page's next attempt would be granted.
    away = [True]
    walker.page.on("framenavigated", lambda frame: away.clear())
    walker.page.route("**/act/play/", lambda route: route.abort() if away else route.continue_())
    walker.play_button.click()
    walker.see(network="lost")
    walker.page.on("dialog", lambda dialog: dialog.accept())
    walker.page.reload()
    walker.button("continue").click()
    walker.see(position=0, phase="play", sound="ready")
    assert walker.plays() == []
    walker.listen()
    walker.choice("real").click()
    walker.see(position=1)
