"""The page of listeners and machines in a real browser: a dot plays its clip, by mouse and by keyboard."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.machines_for_tests import N_OF_CLASS, NAME, PASSWORD
from tests.browser.site_process import start_site
from tests.browser.test_accessibility import AXE, TAGS

pytestmark = [pytest.mark.browser, pytest.mark.once]
DOTS = 'figure[data-chart="shares-cnn14"] .mark-symbol path[tabindex]'
PICTURES = os.environ.get("EARWITNESS_ALL_SCREENSHOTS")
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]


@pytest.fixture(scope="module")
def results(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Return the page of one machine, opened from the study's results; afterwards nothing was wrong with it."""
    problems: list[str] = []
    with start_site(Path(tmp_path_factory.mktemp("machines")), "tests.browser.machines_for_tests") as site:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        context.add_init_script(path=AXE)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(f"{site.url}/accounts/login/?next={site.told.strip()}")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Clip by clip, with the sounds: CNN14").click()
        page.locator(DOTS).first.wait_for()
        yield page
        context.close()
    assert problems == []


def test_a_click_on_a_dot_plays_its_clip_and_so_does_enter(results: Page) -> None:
    dots = results.locator(DOTS)
    assert dots.count() == 2 * N_OF_CLASS
    with results.expect_response("**/sounds/*") as answer:
        dots.nth(3).click(force=True)  # another dot may lie half above it
    assert answer.value.ok
    now = results.locator("[data-clip-now]")
    assert now.is_visible() and now.get_attribute("aria-pressed") == "true"
    first = results.locator(f"{DOTS}[tabindex='0']")
    first.focus()
    results.keyboard.press("ArrowRight")
    here = results.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "said fake, score" in here
    with results.expect_response("**/sounds/*") as answer:
        results.keyboard.press("Enter")
    assert answer.value.ok
    assert results.locator("[data-clip-now-name]").inner_text() == here.split(", ")[0]


def test_a_number_of_the_overlap_leads_to_its_clips(results: Page) -> None:
    link = results.get_by_role("link", name="clips: only the machine right")
    n = int(link.inner_text())
    link.click()
    rows = results.locator("[data-clip-list] tbody tr")
    rows.first.wait_for()
    assert rows.count() == n
    assert set(rows.locator("td:last-child").all_inner_texts()) == {"only the machine right"}
    with results.expect_response("**/sounds/*") as answer:
        rows.locator("[data-clip-src]").first.click()
    assert answer.value.ok
    results.get_by_role("link", name="Show all clips").click()


def test_the_page_is_accessible_and_fits_for_a_machine_with_scores_and_for_one_of_errors_only(results: Page) -> None:
    for name in ("scores", "errors"):
        if name == "errors":
            results.get_by_role("link", name=re.compile("^Machine \\d+$")).click()
            results.get_by_text("0 by construction").wait_for()
        # The sweep over every page sees such a page in another look too; the pictures are of all four.
        for scheme, width in LOOKS if PICTURES else LOOKS[-1:]:
            results.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            results.set_viewport_size({"width": width, "height": 900})
            results.locator("figure[data-chart] svg").first.wait_for()
            found = results.evaluate("tags => axe.run(document, {runOnly: tags, iframes: false})", TAGS)["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == [], (name, scheme, width)
            assert results.evaluate("document.documentElement.scrollWidth") <= width
            if PICTURES:
                results.screenshot(path=Path(PICTURES) / f"machines-{name}-{scheme}-{width}.png", full_page=True)
