"""A site, a browser, and a participant in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import LAUNCH_ARGUMENTS, find_chromium
from tests.browser.site_process import Site, start_site
from tests.browser.walker import Walker

expect.set_options(timeout=20_000)  # a page may be slow on a busy machine; what is asked of it stays the same

# Fixtures of the package, not of the whole run: while Playwright runs, Django refuses its database to this thread.


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = Path(tmp_path_factory.mktemp("site"))
    with start_site(folder, "tests.browser.study_for_tests", str(folder / "clips")) as site:
        yield site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        pytest.fail("no Chromium: run `make test`, which installs one, or name one in EARWITNESS_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None
    )
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def walker(page: Page, site: Site) -> Walker:
    return Walker(page, site)
