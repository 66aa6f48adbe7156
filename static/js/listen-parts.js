// The parts of the listening page, found by data-listen, and how a clip is shown in them.

/**
 * @param {string} name
 * @returns {Element}
 */
export function part(name) {
  const found = document.querySelector(`[data-listen="${name}"]`);
  if (!found) throw new Error(`the page has no part ${name}`);
  return found;
}

/** @param {HTMLElement} button */
export const tagOf = (button) => button.dataset.tag ?? "";

/**
 * @param {Element} button
 * @param {boolean} isOn
 */
export const press = (button, isOn) => button.setAttribute("aria-pressed", String(isOn));

/**
 * @param {string} tag
 * @param {string} key the key that sets it; empty for none
 */
export function tagButton(tag, key) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-outline-secondary";
  button.dataset.tag = tag;
  if (key) {
    const shown = document.createElement("kbd");
    shown.textContent = key;
    button.append(shown, " ");
  }
  button.append(tag);
  return button;
}

/**
 * @param {Element} list
 * @param {import("./clip-notes.js").Clip} clip
 */
export function showFacts(list, clip) {
  /** @type {[string, string | undefined][]} */
  const facts = [
    ["Category", clip.category],
    ["Name", clip.name],
    ["Label", clip.label],
    ["Generator", clip.generator],
  ];
  list.replaceChildren();
  for (const [term, value] of facts) {
    if (!value) continue;
    const name = document.createElement("dt");
    const words = document.createElement("dd");
    name.textContent = term;
    words.textContent = value;
    list.append(name, words);
  }
}
