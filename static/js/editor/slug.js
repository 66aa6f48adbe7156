// The name in the address follows the title until somebody changes it.

/**
 * @param {string} title
 * @returns {string}
 */
export function slugOf(title) {
  const plain = title.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9_]+/g, "-").replace(/^[-_]+|-+$/g, "").slice(0, 80).replace(/-+$/, "");
}

/** @param {HTMLFormElement} form */
function follow(form) {
  const title = /** @type {HTMLInputElement} */ (form.elements.namedItem("title"));
  const slug = /** @type {HTMLInputElement} */ (form.elements.namedItem("slug"));
  let isOwn = slug.value !== "" && slug.value !== slugOf(title.value);
  slug.addEventListener("input", () => (isOwn = slug.value !== ""));
  title.addEventListener("input", () => {
    if (!isOwn) slug.value = slugOf(title.value);
  });
}

if (typeof document !== "undefined") {
  const form = document.querySelector("form[data-slug-follows]");
  if (form instanceof HTMLFormElement) follow(form);
}
