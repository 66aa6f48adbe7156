// Keeps what the filter holds up to date while it is changed. Without this module the form's button does the same.

const AFTER_MS = 300;

/**
 * @param {Document} page
 * @param {(address: string) => Promise<Response>} get
 * @param {(address: string) => void} keep  notes the address of what is shown
 */
export function attachFilter(page, get, keep) {
  const form = page.querySelector("form[data-set-filter]");
  const results = page.querySelector("[data-set-results]");
  if (!(form instanceof HTMLFormElement) || !(results instanceof HTMLElement)) return;
  let asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const show = async () => {
    const mine = ++asked;
    const given = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    const shown = `?${given}`;
    const response = await get(shown).catch(() => null);
    // A later change has asked anew; of a fault, or a sign-in that ended, the form's own button tells more.
    if (mine !== asked || !response || !response.ok || response.redirected) return;
    results.innerHTML = await response.text();
    keep(shown);
  };

  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    const field = event.target instanceof Element ? event.target.getAttribute("name") : "";
    // Other sets have other categories and generators: the fields themselves change.
    timer = setTimeout(field === "sets" ? () => form.requestSubmit() : show, field === "sets" ? 3 * AFTER_MS : AFTER_MS);
  });
}

if (typeof document !== "undefined") {
  attachFilter(document, (address) => fetch(address, { headers: { "X-Part": "results" }, cache: "no-store" }), (address) => history.replaceState(null, "", address));
}
