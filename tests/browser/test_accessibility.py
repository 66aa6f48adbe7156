"""Every screen of a session: axe finds nothing, in light and dark, wide and on 320 px; and right to left."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from studyapp.services.local_server import ROOT
from tests.browser.site_process import Site
from tests.browser.test_repeats_and_faults import HOLD_CONTEXT
from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

AXE = ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
SMALL_TARGETS = """
    [...document.querySelectorAll("button, label.reason, .tick > label, input[type=text], textarea, a.button")]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.textContent, element.getBoundingClientRect()])
      .filter(([, box]) => box.width < 44 || box.height < 44).map(([text]) => text)
"""


class Inspector:
    """Looks at a screen from every side, and keeps what is wrong with it."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.page = walker.page
        self.seen: list[str] = []

    def look(self, name: str, *, has_heading: bool = True) -> None:
        self.seen.append(name)
        if has_heading:
            assert self.page.evaluate("document.activeElement.tagName") == "H1", f"{name}: the heading has the focus"
        for scheme in ("light", "dark"):
            for size in (WIDE, NARROW):
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.page.set_viewport_size(size)
                self._axe(f"{name}, {scheme}, {size['width']} px")
        # On 320 px, which is also 1280 px at a zoom of 400 %.
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"], f"{name} is {width} px wide"
        assert self.page.evaluate(SMALL_TARGETS) == [], name
        assert self.page.evaluate("getComputedStyle(document.body, '::before').animationName") == "none"
        self._turn_round(name)
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light", reduced_motion="no-preference")

    def _axe(self, where: str) -> None:
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("tags => axe.run({runOnly: tags})", TAGS)["violations"]
        told = [f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in found]
        assert told == [], where

    def _turn_round(self, name: str) -> None:
        """Show the screen as a language that runs from right to left would."""
        self.page.evaluate("document.documentElement.dir = 'rtl'")
        assert self.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], f"{name}, right to left"
        heading = "document.querySelector('h1')"
        assert self.page.evaluate(f"getComputedStyle({heading}).textAlign") in ("start", "right")
        self.page.evaluate("document.documentElement.dir = 'ltr'")


@pytest.fixture(scope="module")
def inspector(browser: Browser, site: Site) -> Iterator[Inspector]:
    context = browser.new_context(viewport=WIDE, bypass_csp=True)
    yield Inspector(Walker(context.new_page(), site))
    context.close()


def test_axe_finds_what_is_wrong(page: Page) -> None:
    """The check itself: a page with known faults."""
    page.set_content("<html><body><img src='data:,'><button></button><p style='color:#ccc'>faint</p></body></html>")
    page.evaluate(AXE.read_text())
    found = {each["id"] for each in page.evaluate("tags => axe.run({runOnly: tags})", TAGS)["violations"]}
    assert {"image-alt", "button-name", "color-contrast", "html-has-lang"} <= found


def test_every_screen_of_a_whole_session(inspector: Inspector) -> None:
    look_up_to_the_trials(inspector)
    look_at_the_trials(inspector)
    look_at_the_end(inspector)
    assert len(inspector.seen) == 21


def look_up_to_the_trials(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    page.goto(f"{walker.site.url}/s/whole/")
    inspector.look("landing", has_heading=False)
    walker.button("start").click()
    walker.see(step="consent")
    inspector.look("consent")
    walker.button("agree").click()
    inspector.look("consent with a box missing", has_heading=False)
    walker.button("withdraw").click()
    inspector.look("withdraw dialog", has_heading=False)
    walker.button("stay").click()
    walker.agree()
    walker.see(step="eligibility")
    inspector.look("eligibility")
    walker.button("next").click()
    inspector.look("eligibility with answers missing", has_heading=False)
    walker.answer(adult="yes", normal_hearing="yes")
    walker.see(step="volume")
    inspector.look("volume")
    walker.set_volume()
    walker.see(step="screening", position=0, sound="ready")
    inspector.look("channels")
    walker.check_channels()
    walker.see(step="screening", position=0, sound="ready")
    inspector.look("headphone check")
    walker.screen(0, right=False)
    walker.screen(1)
    walker.see(step="screening", position=0, sound="ready")
    inspector.look("headphone check again")
    walker.screen(0)
    walker.screen(1)
    walker.see(step="instructions")
    inspector.look("instructions")
    walker.answer(noise="true", anywhere="true")
    page.get_by_text("Not every answer was right.").wait_for()
    inspector.look("instructions again")
    walker.understand()


def look_at_the_trials(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    walker.trial(0, "fake")
    walker.see(phase="reason", position=0)
    inspector.look("reason")
    page.get_by_label("Other").check()
    walker.button("next").click()
    walker.see(phase="feedback")
    inspector.look("feedback")
    walker.button("next").click()
    walker.trial(1, "real")
    walker.see(phase="feedback", position=1)
    walker.button("next").click()
    for position in range(2, 8):
        if position == 5:
            walker.see(position=position, phase="break")
            inspector.look("break")
            walker.button("next").click()
        walker.see(position=position, phase="play", sound="ready")
        if position == 2:
            inspector.look("trial")
            walker.listen()
            inspector.look("answers", has_heading=False)
            walker.choice("real").click()
            continue
        walker.trial(position, "real")


def look_at_the_end(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    walker.see(step="questions")
    inspector.look("questions")
    walker.answer(age="30")
    walker.see(step="ended")
    page.locator(".debrief").wait_for()
    inspector.look("end")
    page.goto(f"{walker.site.url}/s/whole/withdraw/")
    inspector.look("withdraw page", has_heading=False)
    page.locator("#code").fill("AAAAA")
    page.get_by_role("button").click()
    page.get_by_text("belongs to no session").wait_for()
    inspector.look("withdraw page with a wrong code", has_heading=False)


@pytest.mark.parametrize("slug", ["rating", "natural", "pairs", "sure", "catch"])
def test_every_other_kind_of_trial(inspector: Inspector, slug: str) -> None:
    walker = inspector.walker
    walker.begin(slug)
    inspector.look(f"{slug}: trial")
    if slug == "sure":
        walker.listen()
        walker.choice("real").click()
        walker.see(phase="confidence")
        inspector.look(f"{slug}: confidence", has_heading=False)
    if slug == "catch":
        for position in range(8):
            if walker.page.locator(".task-beeps").count():
                inspector.look("catch: beeps")
                return
            walker.trial(position, "real")
            walker.see(position=position + 1, sound="ready")
        raise AssertionError("no beeps came")


def test_a_reload(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    walker.begin("short")
    page.reload()
    walker.see(phase="gate")
    inspector.look("gate")


def test_a_sound_that_the_browser_stopped(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    page.add_init_script(HOLD_CONTEXT)
    walker.begin("short")
    walker.play_button.click()
    walker.see(sound="playing")
    page.wait_for_timeout(300)  # the sound is scheduled a little ahead
    page.evaluate("held.suspend()")
    walker.see(audio="suspended")
    page.locator("dialog[open]").wait_for()
    inspector.look("resume dialog", has_heading=False)
    walker.button("leave").click()
    inspector.look("withdraw dialog over the resume dialog", has_heading=False)
    walker.button("stay").click()
    walker.button("resume").click()
    walker.see(sound="ended", audio="running")


def test_a_lost_network_and_a_sound_to_skip(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    walker.begin("short")
    walker.listen()
    walker.see(sending="")
    page.context.set_offline(True)
    walker.choice("real").click()
    walker.see(network="lost")
    page.locator("#offline").wait_for()
    inspector.look("offline", has_heading=False)
    page.context.set_offline(False)
    walker.see(position=1, phase="play", network="")
    page.route("**/sound/*", lambda route: route.fulfill(status=200, body=b"no sound", content_type="audio/wav"))
    walker.begin("fragile")
    for _ in range(2):
        walker.play_button.click()
        page.locator(".status", has_text="could not be read").wait_for()
    walker.button("skip").wait_for()
    inspector.look("a sound that can be skipped", has_heading=False)
    page.unroute("**/sound/*")


def test_the_french_pages(inspector: Inspector) -> None:
    walker, page = inspector.walker, inspector.page
    page.goto(f"{walker.site.url}/s/french/")
    assert page.evaluate("document.documentElement.lang") == "fr"
    inspector.look("French landing", has_heading=False)
    walker.button("start").click()
    walker.see(step="consent")
    inspector.look("French consent")
    walker.agree()
    walker.see(step="eligibility")
    walker.answer(adult="yes", normal_hearing="yes")
    walker.set_volume()
    walker.see(step="screening", position=0, sound="ready")
    inspector.look("French headphone check")
    asked = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert any("texts/fr.js" in url for url in asked) and not any("texts/en.js" in url for url in asked)
