"""How soon a participant can use the first pages on a slow telephone: landing page, and the run's first step."""

from statistics import median

from playwright.sync_api import Browser, CDPSession, sync_playwright

from tests.browser.chromium import LAUNCH_ARGUMENTS, find_chromium
from tests.browser.site_process import Site

N = 5
# Lighthouse's slow 4G, and a processor slowed down four times.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 750_000 / 8}
CPU_SLOWDOWN = 4


def measure(site: Site, slug: str = "paper-study") -> str:
    """Load the first pages N times, nothing cached, and return a section with the medians."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=LAUNCH_ARGUMENTS)
        landing = [_load(browser, f"{site.url}/s/{slug}/", "button[data-action=start]") for _ in range(N)]
        run = [_load(browser, site.start_session(slug), "button[data-action=agree]") for _ in range(N)]
        browser.close()
    rows = [
        f"| {name} | {median(seconds for seconds, _ in found):.2f} | {median(size for _, size in found) / 1000:.1f} |"
        for name, found in (("landing page, until Start", landing), ("the run, until the consent can be answered", run))
    ]
    return "\n".join(
        [
            "## First pages on a slow telephone",
            "",
            f"Medians of {N}; 150 ms, 1.6 Mbit/s (Lighthouse's slow 4G), processor slowed down {CPU_SLOWDOWN} times, "
            "nothing cached, HTTP/1.1 without the proxy.",
            "",
            "| page | s until usable | kB received |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _load(browser: Browser, url: str, selector: str) -> tuple[float, float]:
    """Return (seconds from navigation until the button can be pressed, bytes received)."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    cdp: CDPSession = context.new_cdp_session(page)
    received: list[float] = []
    cdp.send("Network.enable")
    cdp.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    cdp.send("Network.emulateNetworkConditions", NETWORK)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    page.add_init_script(
        f"new MutationObserver(() => {{ if (!window.usableAt && document.querySelector({selector!r})) "
        "window.usableAt = performance.now(); }).observe(document, {childList: true, subtree: true});"
    )
    page.goto(url)
    page.locator(selector).wait_for(timeout=60_000)
    seconds = float(page.evaluate("window.usableAt")) / 1000
    context.close()
    return seconds, sum(received)
