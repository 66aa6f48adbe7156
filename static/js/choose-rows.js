// Ticks rows of a table: in a form marked data-choose, the button data-choose-all ticks all boxes of the page, or takes
// the ticks away again, and data-choose-count says how many there are.

/** @param {HTMLFormElement} form */
export function attachChooser(form) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=checkbox][name=clip]")]);
  const all = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-choose-all]"));
  const count = form.querySelector("[data-choose-count]");

  const show = () => {
    const n = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = n ? ` (${n})` : "";
    if (all) all.textContent = boxes.length > 0 && n === boxes.length ? "Untick this page" : "Tick this page";
  };

  form.addEventListener("change", show);
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const tick = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = tick;
      show();
    });
  }
  show(); // a browser that comes back to the page has kept its ticks
}

if (typeof document !== "undefined") {
  document.querySelectorAll("form[data-choose]").forEach((form) => attachChooser(/** @type {HTMLFormElement} */ (form)));
}
