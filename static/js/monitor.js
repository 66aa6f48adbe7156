// Keeps the monitor of a study up to date while it is looked at: asks every ten seconds for the part that changes, with
// the page's own sort and page, and leaves everything as it is where the server says 304. Never takes the focus away.

const EVERY_MS = 10_000;

/**
 * How long ago something was, in words.
 * @param {number} seconds
 * @returns {string}
 */
export function ago(seconds) {
  if (seconds < 60) return "just now";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** @param {ParentNode} within */
function tellTimes(within) {
  for (const each of within.querySelectorAll("time[data-ago]")) {
    const at = Date.parse(each.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at)) each.textContent = ago((Date.now() - at) / 1000);
  }
}

/**
 * Put the new part in, and keep the focus, open details and scrolled tables.
 * @param {HTMLElement} part
 * @param {string} html
 */
function replace(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const href = focused?.getAttribute("href");
  const place = focused ? [...part.querySelectorAll("a, summary, [tabindex]")].indexOf(focused) : -1;
  const open = [...part.querySelectorAll("details")].map((each) => each.open);
  const scrolled = [...part.querySelectorAll(".scroll-x")].map((each) => each.scrollLeft);
  part.innerHTML = html; // the site's own answer, escaped by its templates
  part.querySelectorAll("details").forEach((each, at) => (each.open = open[at] ?? false));
  part.querySelectorAll(".scroll-x").forEach((each, at) => (each.scrollLeft = scrolled[at] ?? 0));
  const all = [...part.querySelectorAll("a, summary, [tabindex]")];
  const again = (href && all.find((each) => each.getAttribute("href") === href)) || all[place];
  if (focused && again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/** @param {HTMLElement} part */
function watch(part) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-monitor-pause]"));
  const status = document.querySelector("[data-monitor-status]");
  let tag = "";
  let paused = false;
  let asking = false;
  const say = (/** @type {string} */ words) => {
    if (status && status.textContent !== words) status.textContent = words;
  };
  const ask = async () => {
    if (paused || document.hidden || asking) return;
    asking = true;
    try {
      const headers = tag ? { "If-None-Match": tag } : undefined;
      const answer = await fetch(`${part.dataset.monitor}${window.location.search}`, { headers, cache: "no-store" });
      if (paused) return;
      if (answer.status === 304) say("");
      else if (answer.ok && !answer.redirected) {
        tag = answer.headers.get("ETag") ?? "";
        const before = part.querySelector("[data-monitor-summary]")?.textContent ?? "";
        replace(part, await answer.text());
        const now = part.querySelector("[data-monitor-summary]")?.textContent ?? "";
        if (now !== before) say(now);
      } else say("This page is no longer updated. Load it again.");
    } catch {
      say("The server does not answer. Trying again.");
    } finally {
      asking = false;
      tellTimes(part);
    }
  };
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      say(paused ? "Updates are paused." : "Updates go on.");
      ask();
    });
  }
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, EVERY_MS);
  tellTimes(part);
}

if (typeof document !== "undefined") {
  document.querySelectorAll("[data-monitor]").forEach((part) => watch(/** @type {HTMLElement} */ (part)));
}
