/** @typedef {import("./types.js").KeyMap} KeyMap */

/**
 * The key's name as screens use it: "Space", "Enter", a lower-case letter or a digit.
 *
 * A letter is the one printed on the key. Where the layout has no Latin letters, and for digits that need Shift (AZERTY),
 * the place of the key decides.
 *
 * @param {{key: string, code: string}} event
 * @returns {string}
 */
export function keyName({ key, code }) {
  if (key === " " || code === "Space") return "Space";
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code);
  if (digit) return digit[1];
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code);
  if (letter && key.length === 1 && key > "\u007f") return letter[1].toLowerCase();
  return key;
}

/**
 * Whether a key pressed on this element belongs to the element itself.
 * @param {{tagName?: string, type?: string, isContentEditable?: boolean} | null} target
 * @param {string} name
 */
export function ownsKey(target, name) {
  const tag = target?.tagName?.toUpperCase() ?? "";
  const isChoice = tag === "INPUT" && (target?.type === "radio" || target?.type === "checkbox");
  if (target?.isContentEditable || tag === "TEXTAREA" || tag === "SELECT" || (tag === "INPUT" && !isChoice)) return true;
  const isControl = isChoice || tag === "BUTTON" || tag === "A" || tag === "SUMMARY";
  return isControl && (name === "Space" || name === "Enter");
}

/** The shortcuts of the screen that is shown. */
export class Keys {
  /** @type {KeyMap} */
  #map = {};

  /** @param {Document} page */
  constructor(page) {
    page.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      if (page.querySelector("dialog[open]")) return;
      const name = keyName(event);
      const action = Object.hasOwn(this.#map, name) ? this.#map[name] : null;
      if (!action || ownsKey(/** @type {HTMLElement | null} */ (event.target), name)) return;
      event.preventDefault();
      action(event);
    });
  }

  /** @param {KeyMap} map */
  use(map) {
    this.#map = map;
  }
}
