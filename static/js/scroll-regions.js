// @ts-check
// A table or chart that is wider than its place can be scrolled by keyboard too: it becomes a stop of the Tab key, with a
// name, while it is too wide, and only then.
const REGIONS = ".scroll-x, figure[data-chart]";

/** @param {Element} region */
function nameOf(region) {
  const own = region.querySelector("caption, figcaption")?.textContent?.trim();
  if (own) return own;
  for (let part = /** @type {Element | null} */ (region); part && part.tagName !== "MAIN"; part = part.parentElement) {
    for (let before = part.previousElementSibling; before; before = before.previousElementSibling) {
      if (/^H[1-6]$/.test(before.tagName)) return before.textContent?.trim() ?? "";
    }
  }
  return "Table";
}

/** @param {HTMLElement} region */
function look(region) {
  const isTable = region.tagName !== "FIGURE"; // a figure has a role of its own
  if (region.scrollWidth > region.clientWidth) {
    region.tabIndex = 0;
    region.setAttribute("aria-label", `${nameOf(region)}, can be scrolled`);
    if (isTable) region.setAttribute("role", "group");
  } else if (region.tabIndex === 0) {
    for (const attribute of ["tabindex", "aria-label", ...(isTable ? ["role"] : [])]) region.removeAttribute(attribute);
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const region = /** @type {HTMLElement | null} */ (target.closest(REGIONS));
    if (region) look(region);
  }
});

/** @param {ParentNode} root */
function watch(root) {
  for (const region of root.querySelectorAll(REGIONS)) {
    sizes.observe(region);
    if (region.firstElementChild) sizes.observe(region.firstElementChild);
  }
}

watch(document);
// Parts of a page that bring themselves up to date put new tables in.
new MutationObserver((records) => {
  for (const node of records.flatMap((record) => [...record.addedNodes])) {
    if (node instanceof HTMLElement && node.parentElement) watch(node.parentElement);
  }
}).observe(document.body, { childList: true, subtree: true });

export {};
