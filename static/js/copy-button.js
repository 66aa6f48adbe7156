// A button with data-copy="ID" copies the value of that field, and says so. It shows up where the browser has a clipboard
// (secure origins only); everywhere the field can be marked and copied by hand.

/**
 * @param {HTMLElement} button
 * @param {{writeText: (text: string) => Promise<void>}} clipboard
 * @param {(text: string) => void} say
 */
export function makeCopy(button, clipboard, say) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById(button.dataset.copy ?? ""));
    if (!field) return;
    field.select();
    try {
      await clipboard.writeText(field.value);
      say("Copied.");
    } catch {
      say("The browser did not copy it. It is marked: copy it with the keyboard.");
    }
  });
}

/**
 * Where to say what became of it: beside the button, where there is a place for it; else in the page's one.
 * @param {Element} button
 * @param {Document} page
 * @returns {Element | null}
 */
export function placeToSay(button, page) {
  return button.parentElement?.querySelector("[data-copy-said]") ?? page.querySelector("[data-copy-said]");
}

if (typeof document !== "undefined" && navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const said = placeToSay(button, document);
    makeCopy(/** @type {HTMLElement} */ (button), navigator.clipboard, (text) => {
      if (said) said.textContent = text;
    });
  }
}
