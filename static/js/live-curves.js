// Lets the learning curves grow while a training runs: when a job's progress says that there are more of them
// (`curves_at` has changed), the figure marked data-live-curves="ADDRESS" takes its new specification from the address.

/**
 * @param {Document} page
 * @param {(address: string) => Promise<unknown>} get
 */
export function attachLiveCurves(page, get) {
  /** @type {HTMLElement | null} */
  const place = page.querySelector("[data-live-curves]");
  let shown = place?.dataset.curvesAt ?? "";

  page.addEventListener("job-progress", async (event) => {
    const at = /** @type {CustomEvent<{curves_at?: string}>} */ (event).detail.curves_at ?? "";
    const figure = place?.querySelector("figure[data-chart]");
    if (!place || !figure || !at || at === shown) return;
    shown = at;
    const source = page.getElementById(/** @type {HTMLElement} */ (figure).dataset.chart ?? "");
    if (!source) return;
    source.textContent = JSON.stringify(await get(place.dataset.liveCurves ?? ""));
    place.hidden = false;
    figure.dispatchEvent(new CustomEvent("chart-changed", { bubbles: true }));
  });
}

/** @param {string} address */
async function getJson(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

// Not in the tests, which bring a page of their own.
if (typeof document !== "undefined") attachLiveCurves(document, getJson);
