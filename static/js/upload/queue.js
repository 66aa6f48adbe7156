// Sends files, three at a time. A request that fails for a passing reason is repeated by itself; what the server refuses
// is kept as failed, with its words, and can be sent again. Nothing is forgotten: each file is waiting, active, done or failed.

/** @typedef {{name: string, size: number, file: Blob}} Item */
/** @typedef {{item: Item, message: string, can_help: boolean}} Failure */
/** @typedef {{promise: Promise<void>, abort: () => void}} Sending */
/** @typedef {(item: Item, onSent: (n_bytes: number) => void) => Sending} Send */

export const AT_ONCE = 3;
const TRIES = 4;
const FIRST_WAIT_MS = 1000;

/** A refusal or a fault in sending. `can_help`: whether sending the same again may help. */
export class SendError extends Error {
  /**
   * @param {string} message
   * @param {{can_help?: boolean, passes?: boolean}} [kind] passes: it is worth repeating without being asked
   */
  constructor(message, { can_help = false, passes = false } = {}) {
    super(message);
    this.can_help = can_help || passes;
    this.passes = passes;
  }
}

export class SendQueue {
  /**
   * @param {Send} send
   * @param {() => void} onChange called after every change
   * @param {(ms: number) => Promise<void>} [wait]
   */
  constructor(send, onChange, wait = (ms) => new Promise((done) => setTimeout(done, ms))) {
    this._send = send;
    this._onChange = onChange;
    this._wait = wait;
    this._is_stopped = false;
    /** @type {Item[]} */
    this.waiting = [];
    /** @type {Map<Item, {n_sent: number, abort: () => void}>} */
    this.active = new Map();
    /** @type {Item[]} */
    this.done = [];
    /** @type {Failure[]} */
    this.failed = [];
  }

  /** @param {Item[]} items */
  add(items) {
    this._is_stopped = false;
    this.waiting.push(...items);
    this._fill();
  }

  /** Sends once more what failed and may succeed. */
  retry() {
    const again = this.failed.filter((each) => each.can_help).map((each) => each.item);
    this.failed = this.failed.filter((each) => !each.can_help);
    this.add(again);
  }

  /** Stops: what is waiting or being sent counts as failed, and can be sent again. */
  cancel() {
    this._is_stopped = true;
    const message = "Stopped by you.";
    this.failed.push(...this.waiting.map((item) => ({ item, message, can_help: true })));
    this.waiting = [];
    for (const { abort } of [...this.active.values()]) abort();
    this._onChange();
  }

  get is_busy() {
    return this.active.size > 0 || this.waiting.length > 0;
  }

  /** @returns {{n_sent: number, n_bytes: number}} bytes, of all that was added and not refused */
  get bytes() {
    const sum = (/** @type {Item[]} */ items) => items.reduce((n, item) => n + item.size, 0);
    const active = [...this.active.entries()];
    const n_sent = sum(this.done) + active.reduce((n, [item, { n_sent: sent }]) => n + Math.min(sent, item.size), 0);
    return { n_sent, n_bytes: sum(this.done) + sum(active.map(([item]) => item)) + sum(this.waiting) };
  }

  _fill() {
    while (!this._is_stopped && this.active.size < AT_ONCE) {
      const item = this.waiting.shift();
      if (!item) break;
      this.active.set(item, { n_sent: 0, abort: () => {} });
      void this._deliver(item);
    }
    this._onChange();
  }

  /** @param {Item} item */
  async _deliver(item) {
    try {
      await this._try(item);
      this.done.push(item);
    } catch (error) {
      const is_stopped = this._is_stopped;
      const message = is_stopped ? "Stopped by you." : error instanceof Error ? error.message : String(error);
      const can_help = is_stopped || (error instanceof SendError && error.can_help);
      this.failed.push({ item, message, can_help });
    }
    this.active.delete(item);
    this._fill();
  }

  /** @param {Item} item */
  async _try(item) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const sending = this._send(item, (n_sent) => {
          const state = this.active.get(item);
          if (state) state.n_sent = n_sent;
          this._onChange();
        });
        this.active.set(item, { n_sent: 0, abort: sending.abort });
        await sending.promise;
        return;
      } catch (error) {
        const passes = error instanceof SendError && error.passes;
        if (!passes || attempt === TRIES || this._is_stopped) throw error;
        await this._wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
        if (this._is_stopped) throw error;
      }
    }
  }
}
