"""An answer is not lost: not by a closed page, a lost network, a browser that keeps nothing, or a wrong clock."""

import os
import signal
import time

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.chromium import LAUNCH_ARGUMENTS, find_chromium
from tests.browser.site_process import Site
from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]


def waiting(walker: Walker) -> int:
    """Return how many entries the browser holds for later."""
    script = """
        () => new Promise((resolve) => {
          const request = indexedDB.open("earwitness", 1);
          request.onsuccess = () => {
            const count = request.result.transaction("outbox").objectStore("outbox").count();
            count.onsuccess = () => { request.result.close(); resolve(count.result); };
          };
        })
    """
    return int(walker.page.evaluate(script))


def test_an_answer_given_offline_is_sent_by_the_next_page_when_this_one_is_closed(walker: Walker) -> None:
    context = walker.page.context
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    address = walker.page.url
    context.set_offline(True)
    walker.choice("real").click()
    walker.see(network="lost")
    walker.page.get_by_text("kept on this device").wait_for()
    assert waiting(walker) == 1
    walker.page.close(run_before_unload=False)
    context.set_offline(False)
    other = Walker(context.new_page(), walker.site)
    other.page.goto(address)
    other.see(phase="gate")
    other.button("continue").click()
    other.see(position=1, phase="play")
    answers = other.answers()
    assert (answers[0]["choice"], answers[1]["choice"]) == ("real", None)
    assert 0 < answers[0]["rt_from_offset_ms"] < 3000
    assert waiting(other) == 0


@pytest.mark.parametrize("open_ms", [0, 50, 200])
def test_a_tab_that_is_closed_after_an_answer_has_delivered_it(walker: Walker, open_ms: int) -> None:
    """Nobody opens the session again: what the server has is what the closed tab sent."""
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    token = walker.token
    walker.choice("real").click(no_wait_after=True)
    if open_ms:
        walker.page.wait_for_timeout(open_ms)
    walker.page.close(run_before_unload=False)
    assert stored(walker, token) == "real"


def test_a_tab_that_is_closed_before_the_server_has_the_hearing_delivers_the_answer_too(walker: Walker) -> None:
    """The answer waits for its turn behind the report that the sound was heard, which a slow network still carries."""
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    token, held = walker.token, []
    walker.page.route("**/act/played/", lambda route: held.append(route))
    walker.see(sound="ended")
    walker.choice("real").click(no_wait_after=True)
    while not held:
        walker.page.wait_for_timeout(10)
    held[0].continue_()
    walker.page.close(run_before_unload=False)
    assert stored(walker, token) == "real"


def test_a_browser_that_is_killed_keeps_what_was_acknowledged_and_the_address_goes_on(
    browser: Browser, site: Site
) -> None:
    doomed = browser.browser_type.launch(executable_path=find_chromium(), args=LAUNCH_ARGUMENTS)
    walker = Walker(doomed.new_page(), site)
    walker.begin("short")
    walker.trial(0, "real")
    walker.see(position=1, phase="play", sound="ready")
    walker.play_button.click()
    walker.see(sound="playing")
    address = walker.page.url
    processes = doomed.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    os.kill(next(process["id"] for process in processes if process["type"] == "browser"), signal.SIGKILL)
    context = browser.new_context()
    other = Walker(context.new_page(), site)
    other.page.goto(address)
    other.see(step="trials", phase="gate")
    other.button("continue").click()
    other.see(position=1, phase="play")
    other.listen()
    other.choice("real").click()
    other.see(position=2, phase="play")
    assert [answer["choice"] for answer in other.answers()[:3]] == ["real", "real", None]
    assert [(play["position"], play["number"]) for play in other.plays()] == [(0, 1), (1, 1), (1, 2)]
    context.close()


def stored(walker: Walker, token: str) -> str | None:
    """Return the answer to the session's first trial, as soon as there is one; None after five seconds without."""
    sql = """
        SELECT r.choice FROM studyapp_response r JOIN studyapp_trial t ON t.id = r.trial_id
        JOIN studyapp_session s ON s.id = t.session_id WHERE s.token = ? AND t.position = 0
    """
    end = time.monotonic() + 5
    while not (rows := walker.site.rows(sql, token)) and time.monotonic() < end:
        time.sleep(0.05)
    return rows[0]["choice"] if rows else None


def test_a_network_that_is_away_for_thirty_seconds_in_a_block_loses_nothing(walker: Walker) -> None:
    walker.begin("short")
    walker.trial(0, "real")
    walker.see(position=1, phase="play", sound="ready")
    walker.listen()
    walker.see(sending="")
    walker.page.context.set_offline(True)
    walker.choice("fake").click()
    walker.see(network="lost")
    walker.page.wait_for_timeout(30_000)
    assert walker.answers()[1]["choice"] is None
    walker.page.context.set_offline(False)
    walker.see(position=1, phase="reason", network="")
    walker.page.keyboard.press("1")
    walker.page.keyboard.press("Enter")
    # The sounds of the block were there before: the next one needs no more than its grant.
    walker.trial(2, "real")
    walker.see(position=3)
    assert [answer["choice"] for answer in walker.answers()[:3]] == ["real", "fake", "real"]
    assert 0 < walker.answers()[1]["rt_from_offset_ms"] < 3000
    assert [play["number"] for play in walker.plays()] == [1, 1, 1]


def test_what_is_too_old_is_forgotten_whoever_left_it(walker: Walker) -> None:
    walker.begin("short")
    walker.page.evaluate("""
        () => new Promise((resolve) => {
          const request = indexedDB.open("earwitness", 1);
          request.onsuccess = () => {
            const change = request.result.transaction("outbox", "readwrite");
            const days = 86400000;
            [["old-entry", Date.now() - 31 * days], ["new-entry", Date.now() - 29 * days], ["no-time"]].forEach(
              ([key, at]) => change.objectStore("outbox").add({ key, action: "answer", body: {}, session: "/x/", at }));
            change.oncomplete = () => { request.result.close(); resolve(); };
          };
        })
    """)
    assert waiting(walker) == 3
    walker.page.reload()
    walker.see(phase="gate")
    assert waiting(walker) == 2


def test_what_a_proxy_refuses_is_said_and_sent_again_when_asked(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    tries = []

    def refuse(route: Route) -> None:
        tries.append(route.request.url)
        route.fulfill(status=403, body="<h1>Forbidden</h1>", content_type="text/html")

    walker.page.route("**/act/answer/", refuse)
    walker.choice("real").click()
    walker.page.get_by_text("refuses your answers").wait_for(timeout=60_000)
    assert len(tries) == 6
    walker.page.unroute("**/act/answer/")
    walker.button("again").click()
    walker.see(position=1, phase="play")
    assert walker.answers()[0]["choice"] == "real"
    assert walker.page.locator("#offline").is_hidden()


def test_the_sounds_of_a_block_are_fetched_before_its_first_trial_and_none_after(walker: Walker) -> None:
    asked: list[str] = []
    walker.page.on("request", lambda request: asked.append(request.url) if "/sound/" in request.url else None)
    walker.begin("short")
    assert len(asked) == len(set(asked)) == 6
    for position in range(3):
        walker.trial(position, "real")
    walker.see(position=3, sound="ready")
    assert len(asked) == 6


def test_a_sound_that_arrives_damaged_is_fetched_again(walker: Walker) -> None:
    """Its length is right and it can be decoded: only the checksum tells."""
    damaged: list[str] = []

    def damage(route) -> None:  # type: ignore[no-untyped-def]
        if damaged:
            route.continue_()
            return
        damaged.append(route.request.url)
        response = route.fetch()
        body = bytearray(response.body())
        body[2000] ^= 0xFF
        route.fulfill(response=response, body=bytes(body))

    asked: list[str] = []
    walker.page.on("request", lambda request: asked.append(request.url) if "/sound/" in request.url else None)
    walker.page.route("**/sound/*", damage)
    walker.begin("short")
    assert asked.count(damaged[0]) == 2
    walker.trial(0, "real")
    walker.see(position=1)


def test_a_slow_network_shows_how_far_the_sounds_are(walker: Walker) -> None:
    held = []
    walker.page.route("**/sound/*", lambda route: held.append(route))
    walker.page.goto(walker.site.start_session("short"))
    walker.agree()
    walker.see(step="instructions")
    walker.button("next").click()
    walker.see(step="trials", phase="play")
    walker.page.get_by_text("Loading the sounds: 0 of 6").wait_for()
    assert walker.play_button.is_disabled()
    assert len(held) == 4  # at most so many at once
    for _ in range(6):
        while not held:
            walker.page.wait_for_timeout(20)
        held.pop(0).continue_()
    walker.page.locator("button.play:enabled").wait_for()
    assert not walker.page.get_by_text("Loading the sounds").is_visible()


def test_a_browser_that_keeps_nothing_says_so_and_loses_nothing(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('no'); }})")
    walker = Walker(context.new_page(), site)
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    context.set_offline(True)
    walker.choice("real").click()
    walker.page.get_by_text("this browser keeps nothing on the device").wait_for()
    context.set_offline(False)
    walker.see(position=1, phase="play")
    assert walker.answers()[0]["choice"] == "real"
    context.close()


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_that_jumps_changes_no_time(walker: Walker, years: int) -> None:
    walker.page.add_init_script(
        f"const plain = Date.now; Date.now = () => plain() + (window.jumped ? {years} * 31557600000 : 0);"
        "addEventListener('keydown', (event) => { if (event.key === 'Shift') window.jumped = true; }, true);"
    )
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    walker.page.keyboard.press("Shift")
    walker.see(sound="ended", phase="answer")
    walker.choice("real").click()
    walker.see(position=1)
    answer = walker.answers()[0]
    assert 0 < answer["rt_from_offset_ms"] < 3000
    assert answer["rt_from_onset_ms"] == pytest.approx(answer["rt_from_offset_ms"] + 1000, abs=0.1)
    (play,) = walker.plays()
    assert play["ended_at"] > play["started_at"]


def test_no_player_of_the_browsers_own_can_be_seen_or_used(walker: Walker) -> None:
    """No seek bar, no download, no media keys."""
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    assert walker.page.locator("audio, video, a[download], input[type=range]").count() == 0
    session = "({state: navigator.mediaSession.playbackState, data: navigator.mediaSession.metadata})"
    assert walker.page.evaluate(session) == {"state": "none", "data": None}


def test_going_back_after_an_answer_shows_the_servers_state(walker: Walker) -> None:
    walker.begin("short")
    walker.trial(0, "real")
    walker.see(position=1, phase="play")
    walker.page.go_back()
    walker.page.go_forward()
    walker.page.locator('#run[data-position="1"]').wait_for()
    assert [answer["choice"] for answer in walker.answers()[:2]] == ["real", None]
