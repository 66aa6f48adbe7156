"""The demonstration's chain, and every page of the site that it leaves, in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.site_process import Site, environment, serve
from tests.browser.walker import SHOTS
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.once]

PAGES = {
    "home": "/",
    "stimulus-sets": "/stimuli/",
    "stimulus-set": "/stimuli/{set}/",
    "detectors": "/detector/",
    "training": "/detector/trainings/1/",
    "report": "/detector/trainings/1/report/",
    "clips": "/detector/trainings/1/clips/",
    "compare": "/detector/compare/",
    "studies": "/studies/",
    "study-new": "/studies/new/",
    "study": "/studies/{study}/",
    "analysis": "/studies/{study}/analysis/",
    "admin": "/admin/studyapp/session/",
}
IN_README = ("stimulus-set", "training", "study", "analysis")
# The whole chain with fewer participants than the demonstration's: each of them walks every clip.
N_BOTS = 4
CHAIN = f"""
from detector.demo import chain
chain.N_BOTS = {N_BOTS}
from django.core.management import call_command
call_command("demo", "--no-serve", "--port", "0")
"""
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data_dir = Path(tmp_path_factory.mktemp("demo"))
    said = Installation(environment(data_dir), data_dir).run("shell", "--no-imports", "-c", CHAIN)
    with serve(data_dir) as site:
        site.told = said
        yield site


def names(site: Site) -> dict[str, str]:
    sql = """
        SELECT t.slug, s.slug AS set_slug FROM studyapp_study t
        JOIN studyapp_stimulusset s ON s.id = t.stimulus_set_id
    """
    study = site.rows(sql)[0]
    return {"study": study["slug"], "set": study["set_slug"]}


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/accounts/login/")
    page.get_by_label("Name").fill("experimenter")
    page.get_by_label("Password").fill((site.data_dir / "demo_login").read_text())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def problem(message: ConsoleMessage) -> str | None:
    return f"{message.type}: {message.text}" if message.type in ("error", "warning") else None


def test_chain_leaves_what_each_step_promises(demo: Site) -> None:
    assert "[10/10] Export" in demo.told
    counts = {
        table: demo.rows(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"]
        for table in ("studyapp_stimulus", "detector_clipembedding", "detector_detectorrun", "studyapp_frozenstimulus")
    }
    n_clips = counts["studyapp_stimulus"]
    assert n_clips >= 80
    assert counts == {
        "studyapp_stimulus": n_clips,
        "detector_clipembedding": n_clips,
        "detector_detectorrun": 10,
        "studyapp_frozenstimulus": n_clips,
    }
    sessions = demo.rows("SELECT origin, outcome, COUNT(*) AS n FROM studyapp_session GROUP BY origin, outcome")
    assert sessions == [{"origin": "bot", "outcome": "completed", "n": N_BOTS}]
    assert demo.rows("SELECT COUNT(*) AS n FROM studyapp_response")[0]["n"] == N_BOTS * n_clips
    selected = demo.rows(
        "SELECT m.detail FROM studyapp_setmember m JOIN detector_selection s ON s.stimulus_set_id = m.stimulus_set_id"
    )
    assert selected
    assert list((demo.data_dir / "exports").rglob("*trials_data.csv"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_opens_without_a_problem_and_fits(demo: Site, browser: Browser, theme: str) -> None:
    context = browser.new_context(viewport=WIDE, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(found) if (found := problem(message)) else None)
    sign_in(page, demo)
    for name, path in PAGES.items():
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        response = page.goto(demo.url + path.format(**names(demo)), wait_until="networkidle")
        assert response is not None
        assert response.status == 200, path
        shoot(page, name, theme)
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if not path.startswith("/admin/"):  # Django's own pages scroll sideways
            assert overflow <= 0, f"{path} is {overflow} px too wide at 390 px"
        shoot(page, f"{name}-narrow", theme)
    context.close()
    assert problems == []


def test_charts_are_drawn(demo: Site, browser: Browser) -> None:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, demo)
    for name in ("stimulus-set", "training", "analysis"):
        page.goto(demo.url + PAGES[name].format(**names(demo)))
        page.locator("figure[data-chart] svg").first.wait_for()
    context.close()


def shoot(page: Page, name: str, theme: str) -> None:
    """Keep a picture: those of the README on request, all of them for looking through in the folder that is named."""
    if os.environ.get("EARWITNESS_SCREENSHOTS") == "1" and theme == "light" and name in IN_README:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"page-{name}.png")
    if folder := os.environ.get("EARWITNESS_ALL_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{theme}.png", full_page=True)
