"""The Chromium of the browser tests. Nothing here needs Django."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The autoplay policy is left as users have it: the page must unlock its audio by a real gesture.
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> Path | None:
    """Return the browser to test with: EARWITNESS_CHROMIUM, else one on the PATH, else Playwright's own; else None."""
    named = os.environ.get("EARWITNESS_CHROMIUM", "")
    if named:
        return Path(named) if Path(named).exists() else None
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _playwrights_own()


def _playwrights_own() -> Path | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None
