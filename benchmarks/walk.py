"""One real-time walk of all clips of the paper's study in a real Chromium, by keyboard."""

import statistics
import sys
import time

from playwright.sync_api import sync_playwright

from tests.browser.chromium import LAUNCH_ARGUMENTS, find_chromium
from tests.browser.site_process import Site
from tests.browser.walker import Walker


def measure(site: Site) -> str:
    """Walk the study from consent to the end, and return a section with what was stored."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=LAUNCH_ARGUMENTS)
        walker = Walker(browser.new_page(), site)
        started = time.monotonic()
        n_trials = _walk(walker)
        duration_s = time.monotonic() - started
        plays, answers, session = walker.plays(), walker.answers(), walker.session()
        browser.close()
    if session["outcome"] != "completed" or len(answers) != n_trials:
        sys.exit(f"the walk ended as {session['outcome']!r} with {len(answers)} of {n_trials} answers")
    heard = [play["heard_ms"] for play in plays]
    times = [answer["rt_from_offset_ms"] for answer in answers]
    rows = [
        ("clips, answers stored, plays", f"{n_trials}, {len(answers)}, {len(plays)}"),
        ("whole walk, consent to end", f"{duration_s / 60:.1f} min"),
        (
            "sound heard a clip, median (least to most)",
            f"{statistics.median(heard):.1f} ms ({min(heard):.1f} to {max(heard):.1f})",
        ),
        (
            "key press after the sound's end (300 ms of it waited on purpose), median",
            f"{statistics.median(times):.0f} ms",
        ),
    ]
    table = "\n".join(["| what | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
    return f"## One walk of all clips in real time, headless Chromium\n\n{table}\n"


def _walk(walker: Walker) -> int:
    keyboard = walker.page.keyboard
    walker.page.goto(walker.site.start_session("paper-study"))
    walker.agree()
    walker.see(step="eligibility")
    walker.answer(adult="yes", normal_hearing="yes")
    walker.set_volume()
    walker.check_channels()
    for position in range(6):
        walker.screen(position)
    walker.understand()
    walker.see(step="trials", position=0)
    n_trials = len(walker.answers())
    for position in range(n_trials):
        walker.see(step="trials", position=position)
        if walker.page.locator('[data-phase="break"]').count():
            walker.button("next").click()
        walker.see(position=position, phase="play", sound="ready")
        keyboard.press("Space")
        walker.see(position=position, sound="ended", phase="answer")
        walker.page.wait_for_timeout(300)
        is_first = bool(walker.session()["fake_is_first"]) == (position % 2 == 0)
        keyboard.press("f" if is_first else "j")
        if position % 2 == 0:
            walker.see(position=position, phase="reason")
            keyboard.press(str(position % 6 + 1))
            keyboard.press("Enter")
    walker.see(step="questions")
    walker.answer()
    walker.see(step="ended")
    return n_trials
