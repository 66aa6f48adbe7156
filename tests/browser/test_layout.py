"""Every step fits a narrow screen, and every control is large enough for a finger."""

import pytest
from playwright.sync_api import Browser

from tests.browser.site_process import Site
from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]

WIDTH = 320
SMALL_TARGETS = """
    [...document.querySelectorAll("button, label.reason, input[type=text]")]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.textContent, element.getBoundingClientRect()])
      .filter(([, box]) => box.width < 44 || box.height < 44).map(([text]) => text)
"""


def check(walker: Walker) -> None:
    assert walker.page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert walker.page.evaluate(SMALL_TARGETS) == []
    assert walker.page.evaluate("document.activeElement.tagName") == "H1"


def test_every_step_fits_320_px_and_its_heading_has_the_focus(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": WIDTH, "height": 640}, color_scheme="dark")
    walker = Walker(context.new_page(), site)
    walker.page.goto(site.start_session("strict"))
    walker.see(step="consent")
    check(walker)
    walker.button("agree").click()
    walker.see(step="volume")
    check(walker)
    walker.play_button.click()
    walker.see(sound="playing")
    walker.button("next").click()
    walker.see(step="screening", sound="ready")
    check(walker)
    walker.page.goto(site.start_session("words"))
    walker.button("agree").click()
    walker.see(step="instructions")
    check(walker)
    walker.button("next").click()
    walker.see(step="trials", phase="play")
    check(walker)
    walker.listen()
    walker.choice("fake").click()
    walker.see(phase="reason")
    check(walker)
    context.close()
