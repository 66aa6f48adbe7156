"""The page's own script makes the audio in a gesture of the participant.

Playwright's evaluate counts as a gesture, and its locators use it. Until the click, these tests look through the
browser's debugging protocol, which reads the document without running script in it.
"""

import time

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]


class Onlooker:
    """Looks at the document without touching it."""

    def __init__(self, page: Page) -> None:
        self._cdp: CDPSession = page.context.new_cdp_session(page)

    def find(self, selector: str, *, within_s: float = 10) -> int:
        """Return the node, waiting for it."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            root = self._cdp.send("DOM.getDocument")["root"]["nodeId"]
            node = self._cdp.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
            if node:
                return int(node)
            time.sleep(0.05)
        raise AssertionError(f"{selector} did not appear")

    def middle(self, selector: str) -> tuple[float, float]:
        quad = self._cdp.send("DOM.getBoxModel", {"nodeId": self.find(selector)})["model"]["border"]
        return (quad[0] + quad[4]) / 2, (quad[1] + quad[5]) / 2


def test_there_is_no_audio_before_the_first_click_and_running_audio_after_it(walker: Walker) -> None:
    walker.page.goto(walker.site.start_session("short"))
    onlooker = Onlooker(walker.page)
    onlooker.find('#run[data-step="consent"][data-audio="none"]')
    walker.page.mouse.click(*onlooker.middle("button[data-action=agree]"))
    onlooker.find('#run[data-step="instructions"][data-audio="running"]')


def test_after_a_reload_the_audio_waits_for_the_click_on_continue(walker: Walker) -> None:
    walker.begin("short")
    walker.page.reload()
    onlooker = Onlooker(walker.page)
    onlooker.find('#run[data-step="trials"][data-phase="gate"][data-audio="none"]')
    walker.page.mouse.click(*onlooker.middle("button[data-action=continue]"))
    onlooker.find('#run[data-position="0"][data-phase="play"][data-audio="running"]')
