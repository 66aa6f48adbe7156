"""Every way in which a session ends, and every recruiter, as a participant sees them."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.site_process import Site
from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

PHONE = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/147.0.0.0 Mobile Safari/537.36"
)


def check_end(walker: Walker, outcome: str, heading: str) -> None:
    walker.see(step="ended")
    assert walker.page.locator("section").get_attribute("data-outcome") == outcome
    walker.page.get_by_role("heading", name=heading, level=1).wait_for()
    assert walker.session()["outcome"] == outcome
    assert not walker.button("withdraw").is_visible()
    walker.page.reload()  # the end is shown again
    walker.see(step="ended")
    walker.page.get_by_role("heading", name=heading, level=1).wait_for()


def test_declining_ends_the_session_without_a_code(walker: Walker) -> None:
    walker.page.goto(walker.site.start_session("whole"))
    walker.see(step="consent")
    walker.button("decline").click()
    check_end(walker, "no_consent", "You are not taking part")
    assert walker.page.locator("output").count() == 0


def test_a_phone_is_asked_to_come_back_on_a_computer(browser: Browser, site: Site) -> None:
    size = {"width": 360, "height": 740}
    context = browser.new_context(user_agent=PHONE, viewport=size, has_touch=True, is_mobile=True)
    walker = Walker(context.new_page(), site)
    walker.page.goto(site.start_session("whole"))
    check_end(walker, "device_unsuitable", "Please use another device")
    context.close()


def test_an_answer_that_does_not_admit_ends_the_session(walker: Walker) -> None:
    walker.page.goto(walker.site.start_session("whole"))
    walker.agree()
    walker.see(step="eligibility")
    walker.answer(adult="no", normal_hearing="yes")
    check_end(walker, "ineligible", "You cannot take part")


def to_screening(walker: Walker, slug: str) -> None:
    walker.page.goto(walker.site.start_session(slug))
    walker.agree()
    walker.see(step="eligibility")
    walker.answer(adult="yes", normal_hearing="yes")
    walker.set_volume()


def test_failing_the_headphone_check_twice_ends_the_session(walker: Walker) -> None:
    to_screening(walker, "strict")
    walker.check_channels()
    walker.screen(0, right=False)
    walker.see(step="screening", position=0, sound="ready")
    walker.page.get_by_text("This is the last attempt").wait_for()
    walker.shoot("screening-again")
    walker.screen(0, right=False)
    check_end(walker, "failed_headphone", "The headphone test was not passed")


def test_exchanged_sides_are_only_warned_of(walker: Walker) -> None:
    to_screening(walker, "strict")
    for position in range(4):
        walker.see(step="screening", position=position, sound="ready")
        walker.play_button.click()
        walker.see(position=position, sound="ended")
        walker.choice({1: "2", 2: "1", 3: "3"}[walker.right_screening_answer()]).click()
    walker.see(step="screening", position=0, sound="ready")
    notice = walker.page.get_by_role("alert").get_by_text("turn your headphones round")
    notice.wait_for()
    walker.screen(0)
    walker.see(step="instructions")  # where there is no headphone test, it is said here only
    notice.wait_for()


def test_miscounted_beeps_end_the_session(walker: Walker) -> None:
    walker.begin("catch")
    for position in range(8):
        walker.see(step="trials", position=position, sound="ready")
        is_beeps = walker.page.locator(".task-beeps").count() == 1
        builtin = walker.answers()[position]["builtin"]
        assert is_beeps == bool(builtin)
        walker.listen()
        if is_beeps:
            walker.page.get_by_text("How many beeps did you hear?").wait_for()
            walker.choice("3" if builtin != "beeps:3" else "4").click()
            break
        walker.choice("real").click()
    check_end(walker, "failed_attention", "The study has ended")


def test_a_sound_that_cannot_be_read_is_skipped_and_one_too_many_ends_the_session(walker: Walker) -> None:
    walker.page.route("**/sound/*", lambda route: route.fulfill(status=200, body=b"no sound", content_type="audio/wav"))
    walker.begin("fragile")
    assert not walker.button("skip").is_visible()
    for _ in range(2):
        walker.play_button.click()
        walker.page.locator(".status", has_text="could not be read").wait_for()
    walker.shoot("sound-failed")
    walker.button("skip").click()
    check_end(walker, "technical_error", "The sounds could not be played")
    assert [answer["skipped"] for answer in walker.answers()][:2] == ["decode", ""]


@pytest.mark.parametrize("step", ["volume", "screening"])
def test_a_first_sound_that_cannot_be_read_has_an_exit(walker: Walker, step: str) -> None:
    if step == "screening":
        to_screening(walker, "strict")
        walker.page.route("**/sound/*", lambda route: route.abort())
        walker.page.reload()
        walker.button("continue").click()
        walker.see(step="screening", sound="ready")
    walker.page.route("**/sound/*", lambda route: route.fulfill(status=200, body=b"no sound", content_type="audio/wav"))
    if step == "volume":
        walker.page.goto(walker.site.start_session("strict"))
        walker.agree()
        walker.see(step="eligibility")
        walker.answer(adult="yes", normal_hearing="yes")
        walker.see(step="volume")
    for _ in range(2):
        assert not walker.button("skip").is_visible()
        walker.play_button.click()
        walker.page.locator(".status", has_text="could not be read").wait_for()
        walker.page.get_by_text("Try again", exact=True).wait_for()
    walker.button("skip").click()
    check_end(walker, "technical_error", "The sounds could not be played")


def test_who_comes_when_no_place_is_left_is_told_so(walker: Walker) -> None:
    walker.begin("full")
    walker.page.goto(walker.site.start_session("full"))
    check_end(walker, "quota_full", "The study is full")


def test_a_session_that_was_left_open_for_too_long_has_timed_out(walker: Walker) -> None:
    walker.begin("short")
    walker.listen()
    walker.site.age_session(walker.token, minutes=181)
    walker.choice("real").click()
    check_end(walker, "timed_out", "The time is over")


def test_withdrawing_asks_first_and_erases(walker: Walker) -> None:
    walker.begin("short")
    walker.trial(0, "real")
    walker.see(position=1, phase="play")
    walker.button("withdraw").click()
    walker.page.get_by_role("dialog", name="Withdraw from the study?").wait_for()
    walker.page.keyboard.press("Space")  # the dialog's own button has the focus: Go on
    assert not walker.page.locator("dialog[open]").count()
    walker.see(position=1, phase="play")
    walker.button("withdraw").click()
    walker.button("confirm-withdraw").click()
    check_end(walker, "withdrawn", "You have withdrawn")
    assert all(answer["choice"] is None for answer in walker.answers())


def test_the_code_of_the_last_page_withdraws_later(walker: Walker) -> None:
    finish(walker, "leaving")
    shown = walker.page.locator(".withdrawal output").inner_text()
    assert re.fullmatch(r"[A-Z0-9]{5}(-[A-Z0-9]{5}){3}", shown)
    walker.page.get_by_role("link", name="withdraw from the study").click()
    walker.page.get_by_label("Withdrawal code").fill(shown.lower())
    walker.page.get_by_role("button", name="Withdraw").click()
    walker.page.get_by_role("heading", name="You have withdrawn").wait_for()


def test_a_session_by_touch_alone_is_stored(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    walker = Walker(context.new_page(), site)
    walker.page.goto(site.start_session("short"))
    walker.see(step="consent")
    walker.button("agree").tap()
    walker.see(step="instructions", audio="running")
    walker.button("next").tap()
    walker.see(step="trials", position=0, sound="ready")
    walker.play_button.tap()
    walker.see(sound="ended", phase="answer")
    walker.choice("fake").tap()
    walker.see(position=0, phase="reason")
    walker.page.get_by_text("The sound is too repetitive").tap()
    walker.button("next").tap()
    walker.see(position=1, phase="play")
    assert walker.answers()[0]["response_source"] == "button"
    assert [reason["code"] for reason in walker.reasons()] == ["repetitive"]
    context.close()


# --- Recruiters -------------------------------------------------------------------------------------------------------


def finish(walker: Walker, slug: str, query: str = "") -> None:
    """Take a whole study of bare trials from its landing page, answering everything with "real"."""
    walker.page.goto(f"{walker.site.url}/s/{slug}/{query}")
    walker.button("start").click()
    walker.agree()
    walker.see(step="instructions")
    walker.button("next").click()
    for position in range(6):
        walker.trial(position, "real")
    walker.see(step="ended")


def caught(page: Page, pattern: str) -> list[str]:
    """Answer requests to another site, and keep what was asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url} {route.request.post_data or ''}")
        route.fulfill(status=200, body="Thank you.", content_type="text/html")

    page.route(pattern, answer)
    return asked


def test_prolific_is_told_the_code_and_not_who_we_are(walker: Walker) -> None:
    asked = caught(walker.page, "https://recruiter.invalid/**")
    finish(walker, "leaving", "?PROLIFIC_PID=p%261&STUDY_ID=s1&SESSION_ID=b1")
    assert walker.page.locator("output").first.inner_text() == "DONE1"
    walker.shoot("end-with-exit")
    with walker.page.expect_request("https://recruiter.invalid/**") as told:
        walker.page.get_by_role("link", name="Go back to where you came from").click()
    walker.page.get_by_text("Thank you.").wait_for()
    assert parse_qs(urlsplit(asked[0].split()[1]).query) == {"cc": ["DONE1"], "p": ["p&1"]}
    assert "referer" not in told.value.all_headers()
    # Coming back with the same submission shows the end again; with another one, that each takes part once.
    walker.page.goto(f"{walker.site.url}/s/leaving/?PROLIFIC_PID=p%261&SESSION_ID=b1")
    walker.button("start").click()
    walker.see(step="ended")
    assert walker.page.locator("output").first.inner_text() == "DONE1"
    walker.page.goto(f"{walker.site.url}/s/leaving/?PROLIFIC_PID=p%261&SESSION_ID=b2")
    walker.button("start").click()
    check_end(walker, "duplicate", "You have taken part already")


def test_the_exit_of_those_who_decline_is_their_own(walker: Walker) -> None:
    walker.page.goto(f"{walker.site.url}/s/leaving/?PROLIFIC_PID=p2")
    walker.button("start").click()
    walker.see(step="consent")
    walker.button("decline").click()
    walker.see(step="ended")
    assert walker.page.locator("a[data-action=exit]").get_attribute("href") == "https://recruiter.invalid/no"
    assert walker.page.locator("output").count() == 0


def test_mturk_gets_a_form_with_the_assignment(walker: Walker) -> None:
    asked = caught(walker.page, "https://workersandbox.mturk.com/**")
    query = "?workerId=W1&assignmentId=A1&hitId=H1&turkSubmitTo=https%3A%2F%2Fworkersandbox.mturk.com"
    finish(walker, "task", query)
    code = walker.page.locator("output").first.inner_text()
    walker.page.get_by_role("button", name="Go back to where you came from").click()
    walker.page.get_by_text("Thank you.").wait_for()
    method, url, body = asked[0].split(" ", 2)
    assert (method, url) == ("POST", "https://workersandbox.mturk.com/mturk/externalSubmit")
    assert parse_qs(body) == {"assignmentId": ["A1"], "outcome": ["completed"], "completion_code": [code]}


def test_an_mturk_preview_cannot_be_started(walker: Walker) -> None:
    walker.page.goto(f"{walker.site.url}/s/task/?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H1")
    walker.page.get_by_text("This is a preview.").wait_for()
    assert walker.page.get_by_role("button").count() == 0


def test_sona_gets_its_survey_code_back_and_needs_it(walker: Walker) -> None:
    walker.page.goto(f"{walker.site.url}/s/credit/?survey_code=%SURVEY_CODE%")
    walker.page.get_by_text("The link does not say who you are").wait_for()
    assert walker.page.get_by_role("button").count() == 0
    finish(walker, "credit", "?survey_code=4711")
    href = walker.page.locator("a[data-action=exit]").get_attribute("href")
    assert href == "https://school.invalid/credit?survey_code=4711"


def test_a_plain_link_ends_on_our_own_page(walker: Walker) -> None:
    walker.begin("rating")
    for position in range(6):
        walker.see(position=position, sound="ready")
        walker.listen()
        walker.page.keyboard.press(str(position + 1))
    check_end(walker, "completed", "You have finished")
    assert walker.page.locator("[data-action=exit]").count() == 0
    assert [answer["value"] for answer in walker.answers()] == [1, 2, 3, 4, 5, 6]
    assert [answer["choice"] for answer in walker.answers()] == ["real"] * 3 + ["fake"] * 3


# --- Other tasks ------------------------------------------------------------------------------------------------------


def test_two_intervals_are_played_one_after_the_other(walker: Walker) -> None:
    walker.begin("pairs")
    walker.play_button.click()
    walker.page.locator(".status", has_text="Playing sound 1").wait_for()
    walker.page.locator(".status", has_text="Playing sound 2").wait_for()
    walker.see(sound="ended", phase="answer")
    walker.page.keyboard.press("j")
    walker.see(position=1, phase="play")
    (play,) = walker.plays()
    assert play["heard_ms"] == pytest.approx(1000 + 500 + 1000, abs=2)
    answer = walker.answers()[0]
    assert answer["value"] == 2
    assert answer["rt_from_onset_ms"] - answer["rt_from_offset_ms"] == pytest.approx(2500, abs=0.1)


def test_a_confidence_goes_with_the_answer_whose_time_is_that_of_the_choice(walker: Walker) -> None:
    walker.begin("sure")
    walker.listen()
    walker.choice("real").click()
    walker.see(phase="confidence")
    walker.page.wait_for_timeout(1500)
    assert walker.answers()[0]["choice"] is None
    walker.page.keyboard.press("3")
    walker.see(position=1, phase="play")
    answer = walker.answers()[0]
    assert (answer["choice"], answer["confidence"]) == ("real", 3)
    assert answer["rt_from_offset_ms"] < 1500


def test_naturalness_is_rated_from_one_to_five(walker: Walker) -> None:
    walker.begin("natural")
    walker.page.get_by_text("How natural does this sound?").wait_for()
    walker.listen()
    walker.choice("4").click()
    walker.see(position=1, phase="play")
    assert (walker.answers()[0]["choice"], walker.answers()[0]["value"]) == ("", 4)
