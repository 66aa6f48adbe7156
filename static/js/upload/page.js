// The page that sends sounds: drop zone and choosers in front of the queue, and what is shown of it.

import { chosenItems, droppedItems, sizeWords, sortOut } from "./choose.js";
import { SendQueue } from "./queue.js";
import { sendFile } from "./send.js";

/** @typedef {import("./queue.js").Item} Item */

const SHOWN = 200; // lines of a list; more would make the page slow
const EVERY_MS = 250;

/**
 * @template {Element} T
 * @param {string} selector
 * @returns {T}
 */
function find(selector) {
  const found = document.querySelector(selector);
  if (!found) throw new Error(`no ${selector} on this page`);
  return /** @type {T} */ (found);
}

/** @param {string} id */
const data = (id) => JSON.parse(find(`#${id}`).textContent ?? "null");

class SendPage {
  constructor() {
    this.zone = /** @type {HTMLElement} */ (find("[data-drop-zone]"));
    this.limits = data("upload-limits");
    /** @type {Map<string, number>} */
    this.there = new Map(data("files-there").map((/** @type {any} */ each) => [each.name, each.n_bytes]));
    /** @type {{item: Item, message: string}[]} */
    this.refused = [];
    this.notice = "";
    this.n_recorded = 0;
    this._is_due = false;
    this.queue = new SendQueue(
      (item, onSent) => sendFile(this.zone.dataset.sendTo ?? "", this.token(), item, onSent),
      () => this.showSoon(),
    );
  }

  token() {
    return /** @type {HTMLInputElement} */ (find("[data-discard] [name=csrfmiddlewaretoken]")).value;
  }

  /** @param {Item[]} items */
  add(items) {
    const coming = [...this.queue.waiting, ...this.queue.active.keys()];
    const known = new Map([...this.there, ...coming.map((item) => /** @type {const} */ ([item.name, item.size]))]);
    const { wanted, refused, n_there, n_left_out } = sortOut(items, known, this.limits);
    this.refused.push(...refused);
    const notes = [];
    if (n_there) notes.push(`${n_there} there already`);
    if (n_left_out) notes.push(`${n_left_out} left out: neither sound, ZIP nor table`);
    if (!items.length) notes.push("Nothing in it");
    this.notice = notes.join("; ");
    this.queue.add(wanted);
  }

  showSoon() {
    if (this._is_due) return;
    this._is_due = true;
    setTimeout(() => {
      this._is_due = false;
      this.show();
    }, EVERY_MS);
  }

  show() {
    const { queue } = this;
    for (const item of queue.done.slice(this.n_recorded)) this.there.set(item.name, item.size);
    this.n_recorded = queue.done.length;
    const failures = [...queue.failed, ...this.refused];
    const is_empty = !this.there.size && !queue.is_busy && !failures.length && !this.notice;
    /** @type {HTMLElement} */ (find("[data-sending]")).hidden = is_empty;
    const bar = /** @type {HTMLProgressElement} */ (find("[data-send-bar]"));
    const { n_sent, n_bytes } = queue.bytes;
    bar.hidden = !queue.is_busy;
    bar.max = n_bytes || 1;
    bar.value = n_sent;
    const status = find("[data-send-status]");
    const words = this.words(failures.length, n_sent, n_bytes);
    if (status.textContent !== words) status.textContent = words;
    this.list("[data-send-active]", [...queue.active].map(([item, { n_sent: sent }]) => this.activeLine(item, sent)));
    /** @type {HTMLElement} */ (find("[data-send-failed]")).hidden = !failures.length;
    this.list("[data-send-failures]", failures.map(({ item, message }) => this.line(`${item.name}: ${message}`)));
    /** @type {HTMLElement} */ (find("[data-send-cancel]")).hidden = !queue.is_busy;
    /** @type {HTMLElement} */ (find("[data-send-retry]")).hidden = queue.is_busy || !queue.failed.some((each) => each.can_help);
    /** @type {HTMLElement} */ (find("[data-send-next]")).hidden = queue.is_busy || !this.there.size;
    /** @type {HTMLElement} */ (find("[data-discard]")).hidden = queue.is_busy || !this.there.size;
    /** @type {HTMLElement} */ (find("[data-there-box]")).hidden = !this.there.size;
    if (!queue.is_busy) this.list("[data-there]", [...this.there].map(([name, size]) => this.thereLine(name, size)));
  }

  /**
   * @param {number} n_failed
   * @param {number} n_sent
   * @param {number} n_bytes
   */
  words(n_failed, n_sent, n_bytes) {
    const { queue } = this;
    const n_left = queue.waiting.length + queue.active.size;
    const parts = [`${this.there.size} file${this.there.size === 1 ? "" : "s"} there`];
    if (n_left) parts.push(`${n_left} to go (${sizeWords(n_sent)} of ${sizeWords(n_bytes)})`);
    if (n_failed) parts.push(`${n_failed} not sent`);
    if (this.notice) parts.push(this.notice);
    return `${parts.join("; ")}.`;
  }

  /**
   * @param {string} selector
   * @param {HTMLLIElement[]} lines
   */
  list(selector, lines) {
    const shown = lines.slice(0, SHOWN);
    if (lines.length > SHOWN) shown.push(this.line(`… and ${lines.length - SHOWN} more`));
    find(selector).replaceChildren(...shown);
  }

  /** @param {string} text */
  line(text) {
    const line = document.createElement("li");
    line.append(text);
    return line;
  }

  /**
   * @param {Item} item
   * @param {number} n_sent
   */
  activeLine(item, n_sent) {
    const line = this.line(item.name);
    const bar = document.createElement("progress");
    bar.max = item.size || 1;
    bar.value = n_sent;
    bar.setAttribute("aria-label", `Sent of ${item.name}`);
    line.append(bar);
    return line;
  }

  /**
   * @param {string} name
   * @param {number} size
   */
  thereLine(name, size) {
    const line = this.line(`${name} (${sizeWords(size)})`);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-link";
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove ${name}`);
    button.addEventListener("click", () => void this.remove(name));
    line.append(button);
    return line;
  }

  /** @param {string} name */
  async remove(name) {
    const headers = { "X-CSRFToken": this.token() };
    const answer = await fetch(this.zone.dataset.removeAt ?? "", {
      method: "POST",
      headers,
      body: new URLSearchParams({ name }),
    }).catch(() => null);
    if (answer?.ok || answer?.status === 404) this.there.delete(name);
    this.notice = answer?.ok ? `${name} removed` : "The server did not remove it; try again";
    this.show();
    /** @type {HTMLElement} */ (find("[data-there-box] summary")).focus();
  }

  start() {
    document.querySelectorAll("[data-pick]").forEach((each) => {
      const input = /** @type {HTMLInputElement} */ (each);
      input.addEventListener("change", () => {
        this.add(chosenItems(input.files ?? []));
        input.value = ""; // the same may be chosen again
      });
    });
    // A file that is dropped beside the zone would otherwise open in place of the page.
    for (const name of /** @type {const} */ (["dragover", "drop"])) {
      document.addEventListener(name, (event) => event.preventDefault());
    }
    document.addEventListener("dragover", () => this.zone.setAttribute("data-is-over", ""));
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) this.zone.removeAttribute("data-is-over");
    });
    document.addEventListener("drop", (event) => {
      this.zone.removeAttribute("data-is-over");
      if (event.dataTransfer) droppedItems(event.dataTransfer).then((items) => this.add(items), () => this.unreadable());
    });
    find("[data-send-cancel]").addEventListener("click", () => this.queue.cancel());
    find("[data-send-retry]").addEventListener("click", () => this.queue.retry());
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.is_busy) event.preventDefault();
    });
    this.show();
  }

  unreadable() {
    this.notice = "The browser could not read what was dropped; choose it with the buttons";
    this.show();
  }
}

new SendPage().start();
