"""Charts of the detectors' pages in a real browser: their files, what a click does, and curves that grow."""

import csv
import io
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.detector_for_tests import NAME, PASSWORD
from tests.browser.site_process import Site, start_site

pytestmark = [pytest.mark.browser, pytest.mark.once]

DARK, WHITE = "dark", "#fff"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with start_site(Path(tmp_path_factory.mktemp("detectors")), "tests.browser.detector_for_tests") as site:
        yield site


@pytest.fixture(params=["light", DARK])
def signed_in(request: pytest.FixtureRequest, browser: Browser, trainings: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=request.param)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{trainings.url}/accounts/login/")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    yield page
    context.close()
    assert problems == []


def saved(page: Page, chart: str, ending: str) -> tuple[str, bytes]:
    """Press a chart's button by keyboard and return the file's name and content."""
    button = page.locator(f'figure[data-chart="{chart}"]').get_by_role("button", name=f"Download as {ending.upper()}")
    with page.expect_download() as download:
        button.focus()
        page.keyboard.press("Enter")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_charts_download_as_svg_png_and_csv_on_white(trainings: Site, signed_in: Page) -> None:
    signed_in.goto(f"{trainings.url}/detector/trainings/1/report/")
    signed_in.locator('figure[data-chart="systems"] svg').wait_for()
    name, content = saved(signed_in, "roc", "svg")
    assert name == "training-1-roc.svg"
    drawing = ElementTree.fromstring(content)
    assert drawing.tag == f"{SVG}svg"
    assert drawing.find(f"{SVG}rect").get("fill") in ("white", WHITE)  # type: ignore[union-attr]
    texts = [each for each in drawing.iter(f"{SVG}text") if each.text and "false-alarm rate" in each.text]
    assert texts and all(each.get("fill") == "#000" for each in texts)  # dark on white, whatever theme the page has

    name, content = saved(signed_in, "systems", "png")
    assert name == "training-1-systems.png" and content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    assert width > 300 and height > 100 and len(content) > 5000

    name, content = saved(signed_in, "calibration", "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert name == "training-1-calibration.csv"
    assert {"low", "high", "n", "mean_score", "share_fake"} <= rows[0].keys()
    assert [row["n"] for row in rows if row["series"] == "detector"] == [str(7 * low) for low in range(1, 10)]


def test_differences_are_drawn_and_downloaded_and_a_waiting_comparison_is_cancelled(
    trainings: Site, signed_in: Page
) -> None:
    signed_in.goto(f"{trainings.url}/detector/compare/?training=1&training=3")
    dots = signed_in.locator('figure[data-chart="differences"] .mark-symbol.role-mark path')
    dots.first.wait_for()
    assert dots.count() == 4
    name, content = saved(signed_in, "differences", "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert name == "trainings-1-3-differences.csv" and [row["pair"] for row in rows] == ["1 less 3"] * 4
    shown = signed_in.get_by_role("row", name=re.compile("1 less 3 ROC-AUC")).get_by_role("cell").all_inner_texts()
    assert shown[3] == f"{float(rows[2]['difference']):+.3f}".replace("-", "−")
    for ending, begins in (("svg", b"<svg"), ("png", b"\x89PNG")):
        name, content = saved(signed_in, "differences", ending)
        assert name == f"trainings-1-3-differences.{ending}" and content.startswith(begins)

    signed_in.goto(f"{trainings.url}/detector/compare/?training=3&training=4")
    again = signed_in.get_by_role("button", name="Compare again")
    if again.count():  # the other theme's pass cancelled it
        again.click()
    signed_in.get_by_text("It waits for a worker").wait_for()
    signed_in.get_by_role("button", name="Cancel this comparison").click()
    signed_in.get_by_text("It was cancelled.").wait_for()


def test_a_click_on_a_cell_of_the_heat_map_opens_its_clips(trainings: Site, signed_in: Page) -> None:
    signed_in.goto(f"{trainings.url}/detector/trainings/1/report/")
    signed_in.locator('figure[data-chart="systems"] .mark-rect path').first.click()
    signed_in.wait_for_url("**/detector/trainings/1/clips/?outcome=fake&system=system+0*&category=*")
    assert signed_in.get_by_role("heading", name="Clips held out by training 1").is_visible()


def test_a_click_on_a_clip_in_the_chart_plays_it(trainings: Site, signed_in: Page) -> None:
    signed_in.goto(f"{trainings.url}/detector/trainings/1/clips/?outcome=all")
    dot = signed_in.locator('figure[data-chart="scores"] .mark-symbol path').first
    with signed_in.expect_response("**/sounds/*") as answer:
        dot.click()
    assert answer.value.ok
    now = signed_in.locator("[data-clip-now]")
    assert now.is_visible() and now.get_attribute("aria-label").startswith("Play ")  # type: ignore[union-attr]
    first, second = (signed_in.locator("[data-clip-list] [data-clip-src]").nth(place) for place in (0, 1))
    first.focus()
    signed_in.keyboard.press("ArrowDown")
    assert second.evaluate("element => element === document.activeElement")


def test_an_error_on_the_report_page_plays(trainings: Site, signed_in: Page) -> None:
    signed_in.goto(f"{trainings.url}/detector/trainings/1/report/")
    button = signed_in.locator("[data-clip-list] [data-clip-src]").first
    with signed_in.expect_response("**/sounds/*") as answer:
        button.click()
    assert answer.value.ok and button.get_attribute("aria-pressed") == "true"


def test_curves_grow_while_a_training_runs(trainings: Site, signed_in: Page) -> None:
    def put(name: str) -> None:
        connection = sqlite3.connect(trainings.data_dir / "db.sqlite3", timeout=10)
        with connection:
            connection.execute("UPDATE detector_training SET unfinished_name = ? WHERE id = 2", [name])
        connection.close()

    before = trainings.rows("SELECT unfinished_name FROM detector_training WHERE id = 2")[0]["unfinished_name"]
    signed_in.goto(f"{trainings.url}/detector/trainings/2/")
    line = signed_in.locator('figure[data-chart="curves"] .mark-line path').last
    short = line.get_attribute("d")
    put(trainings.told.strip())
    signed_in.get_by_text("at epoch 20").wait_for(timeout=10_000)
    signed_in.wait_for_function(
        "short => [...document.querySelectorAll('figure[data-chart=curves] .mark-line path')].at(-1)?.getAttribute('d')"
        ".length > short.length",
        arg=short,
    )
    put(before)


def test_the_pages_fit_a_narrow_screen(trainings: Site, signed_in: Page) -> None:
    signed_in.set_viewport_size({"width": 390, "height": 800})
    pages = {
        "index": "",
        "compare": "compare/?training=1&training=3",
        "compare-waiting": "compare/?training=3&training=4",
        "compare-none": "compare/",
        "1": "trainings/1/",
        "1-report": "trainings/1/report/",
        "1-clips": "trainings/1/clips/?outcome=all",
        "2": "trainings/2/",
        "control-report": "trainings/5/report/",
        "control-clips": "trainings/5/clips/",
    }
    for name, path in pages.items():
        signed_in.goto(f"{trainings.url}/detector/{path}", wait_until="networkidle")
        overflow = signed_in.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, path
        if folder := os.environ.get("EARWITNESS_ALL_SCREENSHOTS"):
            signed_in.screenshot(path=Path(folder) / f"detector-{name}.png")
