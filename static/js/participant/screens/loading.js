import { h } from "../dom.js";
import { texts } from "../texts.js";

/** After so long the next few sounds are enough to go on with. */
const PATIENCE_MS = 20_000;
const ENOUGH = 4;

/**
 * Holds the Play button until the sounds of the block are there, and says how far they are.
 */
export class BlockLoading {
  /** The participant chose to go on before all sounds were there; from then on the trial's own are enough. */
  static #isWaived = false;
  #app;
  #opened;
  #isOpen = false;
  #isSlow = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import("../types.js").App} app
   * @param {() => void} opened the sounds are there
   */
  constructor(app, opened) {
    this.#app = app;
    this.#opened = opened;
    this.bar = h("progress", { max: 1, value: 0, "aria-label": texts.loading(0, 0) });
    this.text = h("p", { class: "count" });
    this.anyway = h("button", { type: "button", hidden: true, "data-action": "anyway", click: () => this.#waive() }, texts.startAnyway);
    this.element = h("div", { class: "loading" }, this.text, this.bar, this.anyway);
    this.#timer = setTimeout(() => {
      this.#isSlow = true;
      this.follow(app.sounds.progress);
    }, PATIENCE_MS);
    this.follow(app.sounds.progress);
  }

  get isOpen() {
    return this.#isOpen;
  }

  /** @param {import("../sound-store.js").Progress} progress */
  follow({ done, total, ready }) {
    if (this.#isOpen) return;
    if (done >= total) BlockLoading.#isWaived = false;
    if (done >= total || (BlockLoading.#isWaived && ready > 1)) return this.#open();
    this.text.textContent = texts.loading(done, total);
    this.bar.max = total;
    this.bar.value = done;
    this.bar.setAttribute("aria-label", texts.loading(done, total));
    if (!this.#isSlow || ready < Math.min(ENOUGH, total) || !this.anyway.hidden) return;
    this.anyway.hidden = false;
    this.#app.say(texts.loadingSlow);
  }

  leave() {
    clearTimeout(this.#timer);
  }

  #waive() {
    BlockLoading.#isWaived = true;
    this.#open();
  }

  #open() {
    this.#isOpen = true;
    this.leave();
    this.element.hidden = true;
    this.#opened();
  }
}
