import { h, keyHint } from "../dom.js";

/** @typedef {{value: string, label: string, keys: string[]}} Option */

/**
 * A row of answers, closed until it is opened; it closes with the first answer given.
 */
export class Choices {
  #options;
  #chosen;
  /** @type {HTMLButtonElement[]} */
  #buttons;

  /**
   * @param {string} legend
   * @param {Option[]} options
   * @param {(value: string, event: Event, source: "button" | "keyboard") => void} chosen
   */
  constructor(legend, options, chosen) {
    this.#options = options;
    this.#chosen = chosen;
    this.#buttons = options.map(({ value, label, keys }) =>
      h(
        "button",
        {
          type: "button",
          disabled: true,
          "data-choice": value,
          "aria-keyshortcuts": keys.join(" ").toUpperCase(),
          // A click that a key made on a focused button has no detail.
          click: (event) => this.#choose(value, event, event.detail === 0 ? "keyboard" : "button"),
        },
        h("span", { dir: "auto" }, label),
        h("span", { class: "hints" }, ...keys.map((key) => keyHint(key.toUpperCase()))),
      ),
    );
    this.legend = h("legend", { tabindex: -1 }, legend);
    this.element = h("fieldset", { class: "choices" }, this.legend, h("div", { class: "row" }, ...this.#buttons));
  }

  get isOpen() {
    return this.#buttons.some((button) => !button.disabled);
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    for (const button of this.#buttons) button.disabled = !isOpen;
  }

  /** The shortcuts: they do nothing while the answers are closed. */
  get keys() {
    /** @type {import("../types.js").KeyMap} */
    const map = {};
    for (const { value, keys } of this.#options)
      for (const key of keys) map[key] = (event) => this.#choose(value, event, "keyboard");
    return map;
  }

  /**
   * @param {string} value
   * @param {Event} event
   * @param {"button" | "keyboard"} source
   */
  #choose(value, event, source) {
    if (!this.isOpen) return;
    this.open(false);
    for (const button of this.#buttons)
      if (button.dataset.choice === value) button.setAttribute("aria-pressed", "true");
    this.#chosen(value, event, source);
  }
}
