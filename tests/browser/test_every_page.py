"""Every page of an experimenter, full and empty, in light and dark, wide and narrow: axe and plain rules find nothing.

The pages follow from the addresses of tests/access/table.py: whatever of them answers with a document is looked at.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from tests.access.table import OPEN, TABLE
from tests.browser.every_page_world import LARGE, PASSWORD
from tests.browser.site_process import Site, start_site
from tests.browser.test_accessibility import AXE, TAGS

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.timeout(1200)]

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# What participants see: test_accessibility.py looks at every screen of it.
PARTICIPANTS = {"participant_landing", "participant_withdraw", "participant_run", "study_preview"}
WITHOUT_ACCOUNT = {"login": (), "invitation": ("invitation_token",)}
# The page of a thing in another state than the table's, by the name of the argument that stands for it.
OTHER_STATES: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    ("stimulus_set", {"set": "sending"}, {}),
    ("stimulus_set", {}, {"label": "fake", "sort": "-level"}),
    ("stimulus_set", {}, {"q": "no sound is called this"}),
    ("add_sounds", {"set": "sending"}, {}),
    ("describe_upload", {"set": "sending"}, {}),
    ("listening_pass", {"listening_pass": "ended_pass"}, {}),
    ("listening_result", {"listening_pass": "ended_pass"}, {}),
    ("study_monitor", {}, {"origin": "bot"}),
    ("study_monitor", {}, {"origin": "imported"}),
    ("study_monitor", {}, {"q": "nobody", "pay": "4.50"}),
    ("study_analysis", {}, {"origin": "bot"}),
    ("study_analysis", {}, {"origin": "pilot"}),
    ("study_reason_texts", {}, {"q": "nobody wrote this"}),
    ("studies", {}, {"q": "no study is called this"}),
    ("detector:training", {"training": "queued_training"}, {}),
    ("detector:training", {"training": "running_training"}, {}),
    ("detector:training", {"training": "failed_training"}, {}),
    ("detector:report", {"training": "other_training"}, {}),
    ("detector:gallery", {}, {"outcome": "all"}),
    ("detector:compare", {}, {}),
)
# Words that a template writes where a value is missing.
LEFTOVERS = re.compile(r"\b(None(?! (?:of|was))|NaN|nan|undefined|Infinity|\[object Object\])\b|\{[{%]|[%}]\}")
PLACE_FOR_ID = "{{ID}}"  # in the personal link, to be replaced by who sends it
# A page is named first, then what it belongs to, then the program: one separator.
TITLE = re.compile(r"Earwitness|[^·|–—]+( · [^·|–—]+)* · Earwitness")
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (WIDE, NARROW)]
PICTURES = os.environ.get("EARWITNESS_ALL_SCREENSHOTS")
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
HTML = "text/html; charset=utf-8"
WIDEST = """[...document.querySelectorAll("main *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth && !each.closest(".scroll-x, figure[data-chart]"))
    .slice(0, 3).map((each) => each.outerHTML.slice(0, 160))"""
CHARTS_DRAWN = """() => [...document.querySelectorAll("figure[data-chart]")]
    .every((each) => each.querySelector("svg") || !each.querySelector("[data-chart-target]"))"""


@dataclass(frozen=True)
class Opened:
    """A page to look at: who opens it, and where it is."""

    name: str
    actor: str
    path: str


class Watcher:
    """One browser page of one person, which keeps what its console says."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.said: list[str] = []
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("console", lambda each: self.said.append(each.text) if each.type in ("error", "warning") else None)

    def heard(self) -> list[str]:
        said, self.said = self.said, []
        return said


@dataclass(frozen=True)
class Sweep:
    """The site with its world, and a browser for each person who looks at it."""

    site: Site
    told: dict[str, Any]
    contexts: dict[str, BrowserContext]

    def opens(self, opened: Opened) -> bool:
        """Say whether an address answers with a document. Raises AssertionError where it answers with an error."""
        answer = self.contexts[opened.actor].request.get(self.site.url + opened.path, max_redirects=0)
        if answer.status in (302, 405):  # 405: what only takes posts
            return False
        assert answer.status == 200, f"{opened.name}, {opened.path}: {answer.status}"
        is_html = answer.headers["content-type"].startswith("text/html")
        return is_html and answer.text().lstrip().lower().startswith("<!doctype html")


@pytest.fixture(scope="module")
def sweep(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    folder = Path(tmp_path_factory.mktemp("every_page"))
    with start_site(folder, "tests.browser.every_page_world") as site:
        contexts = {
            actor: signed_in(browser, site, actor) for actor in ("owner", "staff", "viewer", "newcomer", "anonymous")
        }
        yield Sweep(site=site, told=json.loads(site.told), contexts=contexts)
        for context in contexts.values():
            context.close()


def signed_in(browser: Browser, site: Site, actor: str) -> BrowserContext:
    """Return the browser of a person, into each of whose documents axe is put before the page's policy holds."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(path=AXE)
    if actor != "anonymous":
        page = context.new_page()
        page.goto(f"{site.url}/accounts/login/")
        page.get_by_label("Name").fill(actor)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.close()
    return context


def addresses(told: dict[str, Any], world: str) -> Iterator[Opened]:
    """Yield every address of the table whose things the world has."""
    things, has_account = told[world], set(TABLE) - PARTICIPANTS - set(WITHOUT_ACCOUNT) - {"favicon"}
    for name in sorted(has_account):
        line = TABLE[name]
        if set(line.args) <= things.keys() and (world == "full" or actor_of(name) == "owner"):
            actor = actor_of(name) if world == "full" else "newcomer"
            yield Opened(f"{world}: {name}", actor, path_of(name, things, line.body if line.method == "GET" else {}))
    for section in told["sections"]:
        actor = "owner" if world == "full" else "newcomer"
        yield Opened(f"{world}: {section}", actor, reverse("study_edit_section", args=[things["study"], section]))


def actor_of(name: str) -> str:
    return "staff" if TABLE[name].rule["owner"] != OPEN and TABLE[name].rule["staff"] == OPEN else "owner"


def path_of(name: str, things: dict[str, Any], query: dict[str, Any]) -> str:
    """Return the address of a page with its query; words for things stand for their keys."""
    asked = {
        key: [things[each] for each in value] if isinstance(value, list) else value
        for key, value in query.items()
        if not isinstance(value, list) or set(value) <= things.keys()
    }
    path = reverse(name, args=[things[each] for each in TABLE[name].args])
    return path + (f"?{urlencode(asked, doseq=True)}" if asked else "")


def others(told: dict[str, Any]) -> Iterator[Opened]:
    """Yield pages in other states, pages without an account, and those of errors."""
    full = told["full"]
    for name, given, query in OTHER_STATES:
        things = full | {key: full[value] for key, value in given.items()}
        yield Opened(f"other: {name} {given} {query}", "owner", path_of(name, things, query))
    for name, args in WITHOUT_ACCOUNT.items():
        yield Opened(f"other: {name}", "anonymous", reverse(name, args=[full[each] for each in args]))
    yield Opened("other: docs of the API", "owner", reverse("api:docs"))


def errors(told: dict[str, Any]) -> Iterator[tuple[Opened, int]]:
    yield Opened("error: no such page", "owner", "/no/such/page/"), 404
    yield Opened("error: an invitation that is gone", "anonymous", reverse("invitation", args=["gone" * 8])), 404
    yield (
        Opened("error: a viewer asks for people", "viewer", reverse("study_people", args=[told["full"]["study"]])),
        403,
    )
    yield Opened("error: a broken server", "owner", "/broken/"), 500


def look(watcher: Watcher, opened: Opened, site: Site, *, status: int = 200) -> list[str]:
    """Open the page and look at it from every side; return what is wrong with it."""
    page = watcher.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    answer = page.goto(site.url + opened.path, wait_until="load")
    assert answer is not None
    wrong = [] if answer.status == status else [f"answers {answer.status}"]
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.wait_for_function(CHARTS_DRAWN, timeout=10_000)
    wrong += reads(page) + (skips(page) if status != 500 else [])  # that page stands alone, without a menu
    # Colours hang on the scheme, places on the width: two looks see both; the pictures are of all four.
    for scheme, size in LOOKS if PICTURES else LOOKS[::3]:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        where = f"{scheme}, {size['width']} px"
        if (scheme, size) in LOOKS[::3]:
            wrong += [f"{where}: {each}" for each in axe(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            wrong.append(f"{where}: {width} px wide, for {page.evaluate(WIDEST)}")
        shoot(page, opened, scheme, size["width"])
    own = f"status of {status}"  # the console repeats what an error's page is answered with
    return wrong + [f"console: {each}" for each in watcher.heard() if status == 200 or own not in each]


def axe(page: Page) -> list[str]:
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, iframes: false})", TAGS)["violations"]
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']][:3]}" for each in found]


def reads(page: Page) -> list[str]:
    """Return what no reader should meet: a missing value's name, a template's braces, a title of another form."""
    text, title = page.evaluate("[document.body.innerText, document.title]")
    lines = [line.strip() for line in text.splitlines()]
    wrong = [f"left over: {line[:120]}" for line in lines if LEFTOVERS.search(line.replace(PLACE_FOR_ID, ""))]
    if not TITLE.fullmatch(title):
        wrong.append(f"title: {title}")
    return wrong


def skips(page: Page) -> list[str]:
    """Press Tab and follow the first link: it leads past the menu, into the content."""
    if page.evaluate("document.querySelector('[autofocus]') !== null"):
        return []  # a form that takes the focus at once
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    link = page.evaluate("[document.activeElement.getAttribute('href'), document.activeElement.checkVisibility()]")
    if link != ["#content", True]:
        return [f"the first stop is {link}"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = (
        "document.activeElement === document.body || document.querySelector('main').contains(document.activeElement)"
    )
    return [] if page.evaluate(inside) else ["the skip link leads elsewhere"]


def shoot(page: Page, opened: Opened, scheme: str, width: int) -> None:
    """Keep a picture for looking through, in the folder that is named."""
    if PICTURES:
        name = re.sub(r"[^a-z0-9]+", "-", opened.name.lower()).strip("-")
        page.screenshot(path=Path(PICTURES) / f"{name}--{scheme}-{width}.png", full_page=True)


def inspect(sweep: Sweep, pages: list[tuple[Opened, int]]) -> dict[str, list[str]]:
    watchers = {actor: Watcher(context) for actor, context in sweep.contexts.items()}
    found = {each.name: look(watchers[each.actor], each, sweep.site, status=status) for each, status in pages}
    for watcher in watchers.values():
        watcher.page.close()
    found = {name: wrong for name, wrong in found.items() if wrong}
    for name, wrong in found.items():
        print(name, *wrong, sep="\n    ")
    return found


@pytest.mark.parametrize("world", ["full", "empty"])
def test_every_address_that_shows_a_page(sweep: Sweep, world: str) -> None:
    pages = [each for each in addresses(sweep.told, world) if sweep.opens(each)]
    assert len(pages) > {"full": 50, "empty": 35}[world]
    assert inspect(sweep, [(each, 200) for each in pages]) == {}


@pytest.mark.skipif(not PICTURES, reason="for pictures only: EARWITNESS_ALL_SCREENSHOTS=FOLDER")
@pytest.mark.parametrize("n", LARGE)
def test_pages_of_a_set_and_its_training(sweep: Sweep, n: int) -> None:
    things = sweep.told[f"{n} clips"]
    of_these = [(name, line) for name, line in sorted(TABLE.items()) if line.args and set(line.args) <= things.keys()]
    pages = [
        Opened(f"{n} clips: {name}", "owner", path_of(name, things, line.body if line.method == "GET" else {}))
        for name, line in of_these
    ]
    shown = [each for each in pages if sweep.opens(each)]
    assert len(shown) > 6
    assert inspect(sweep, [(each, 200) for each in shown]) == {}


def test_pages_in_other_states(sweep: Sweep) -> None:
    assert inspect(sweep, [(each, 200) for each in others(sweep.told)]) == {}


def test_pages_of_errors(sweep: Sweep) -> None:
    broken = sweep.told["500"]
    sweep.contexts["owner"].route("**/broken/", lambda route: route.fulfill(status=500, body=broken, content_type=HTML))
    assert inspect(sweep, list(errors(sweep.told))) == {}
