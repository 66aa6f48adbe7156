import { MemoryOutbox } from "./outbox.js";

/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./types.js").State} State */
/** @typedef {{status: number, state: State | null, error: {code: string, message: string} | null}} Reply */

const TIMEOUT_MS = 20_000;
const LONGEST_WAIT_MS = 15_000;
/** An action that the server finds too early by its own clock is sent again so often before it counts as refused. */
const EARLY_TRIES = 15;
const EARLY_WAIT_MS = 400;
/** So often an answer that is not the server's own may refuse something, before the participant is asked what to do. */
const BLOCKED_TRIES = 6;
const BLOCKED = "blocked";
/** A play that was asked for by a page that is closed: granted now, it would be counted and nobody would hear it. */
const OF_ITS_PAGE = ["play", "screening-play"];

/** No session has this address. */
export class SessionGone extends Error {}

/** A random name of one action, so that the server stores it once however often it arrives. */
export function newKey() {
  // crypto.randomUUID exists on secure origins only, and a laboratory may serve over plain HTTP.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * How long to wait before the next try: doubling from 0.5 s, with jitter, so that many browsers do not come back at once.
 * @param {number} failures at least 1
 * @param {number} random in [0, 1)
 */
export function backOffMs(failures, random) {
  return Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures) * (0.5 + 0.5 * random);
}

/**
 * Wait, or less when the network comes back.
 * @param {number} ms
 * @returns {Promise<void>}
 */
export function waitOrOnline(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}

/** The server's side of the run: actions go one after another, each until it is acknowledged. */
export class Api {
  #base;
  #fetch;
  /** @type {Outbox} */
  #outbox;
  #wait;
  #onTrouble;
  #onBlocked;
  /** @type {Promise<unknown>} */
  #tail = Promise.resolve();
  #inTrouble = false;
  /** @type {BodyInit | null | undefined} of the try that the network has now */
  #onItsWay = null;

  /**
   * @param {object} options
   * @param {string} options.base the session's address, with the slash
   * @param {typeof fetch} [options.fetch]
   * @param {Outbox} [options.outbox]
   * @param {(ms: number) => Promise<void>} [options.wait]
   * @param {(inTrouble: boolean) => void} [options.onTrouble] the server cannot be reached, or can be again
   * @param {() => Promise<void>} [options.onBlocked] something on the way refuses what is sent; tried again when it
   *   resolves
   */
  constructor({ base, fetch: send, outbox = new MemoryOutbox(), wait = waitOrOnline, onTrouble = () => {}, onBlocked = async () => {} }) {
    this.#base = base;
    this.#fetch = send ?? ((/** @type {RequestInfo | URL} */ url, /** @type {RequestInit} */ init) => fetch(url, init));
    this.#outbox = outbox;
    this.#wait = wait;
    this.#onTrouble = onTrouble;
    this.#onBlocked = onBlocked;
  }

  /** Whether anything is not yet acknowledged. */
  get pending() {
    return this.#outbox.held.length > 0;
  }

  /** Whether what is not yet acknowledged outlives the page. */
  get isKept() {
    return this.#outbox.isKept;
  }

  /** Resolves when everything sent so far is acknowledged. */
  async settled() {
    await this.#tail;
  }

  /**
   * Send what an earlier page of this session left, in its order, but for plays: nobody would hear them. What the server
   * refuses is given up: it has gone on.
   * @param {(entry: import("./outbox.js").Entry, reply: Reply) => void} refused
   * @returns {Promise<void>}
   */
  async sendLeftovers(refused) {
    for (const { key, action, body } of await this.#outbox.waiting()) {
      if (OF_ITS_PAGE.includes(action)) {
        await this.#outbox.remove(key);
        continue;
      }
      let reply;
      try {
        reply = await this.#inOrder(() => this.#untilRipe(`act/${action}/`, post({ ...body, key })));
      } finally {
        await this.#outbox.remove(key);
      }
      if (reply.status !== 200) refused({ key, action, body }, reply);
    }
  }

  /**
   * The server's state, after everything sent before.
   * @returns {Promise<Reply>}
   */
  state() {
    return this.#inOrder(() => this.#untilAnswered("state/", { method: "GET", cache: "no-store" }));
  }

  /**
   * Send an action. Resolves when the server has taken or refused it, however long that takes.
   * @param {string} action
   * @param {Record<string, unknown>} [body]
   * @returns {Promise<Reply>}
   */
  act(action, body = {}) {
    const entry = { key: newKey(), action, body };
    // Not waited for: a browser takes a while to write, and the tab may be closed by then.
    this.#outbox.add(entry);
    return this.#inOrder(async () => {
      try {
        return await this.#untilRipe(`act/${action}/`, post({ ...body, key: entry.key }));
      } finally {
        await this.#outbox.remove(entry.key);
      }
    });
  }

  /**
   * Send at once what still waits for its turn, for the page may be going: in order, without waiting for answers. What
   * the server takes of it is sent again by this page, or the next, and stored once; a play would be heard by nobody.
   */
  flush() {
    for (const { key, action, body } of this.#outbox.held) {
      const init = post({ ...body, key });
      if (OF_ITS_PAGE.includes(action) || init.body === this.#onItsWay) continue;
      this.#fetch(`${this.#base}act/${action}/`, init).catch(() => {});
    }
  }

  /**
   * Tell the server of something that is no answer. Tried once, out of order; losing it loses no data.
   * @param {string} event
   * @param {Record<string, unknown>} [data]
   */
  note(event, data = {}) {
    this.#fetch(`${this.#base}act/event/`, post({ key: newKey(), event, data })).catch(() => {});
  }

  /**
   * @template T
   * @param {() => Promise<T>} job
   * @returns {Promise<T>}
   */
  #inOrder(job) {
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => {});
    return result;
  }

  /**
   * Hold an action, and everything behind it, until the server's clock has caught up with the sound.
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<Reply>}
   */
  async #untilRipe(path, init) {
    for (let tries = 1; ; tries += 1) {
      const reply = await this.#untilAnswered(path, init);
      if (reply.error?.code !== "too_early" || tries >= EARLY_TRIES) return reply;
      const left = reply.state?.trial?.wait_ms ?? reply.state?.screening?.wait_ms ?? 0;
      await this.#wait(Math.max(EARLY_WAIT_MS, left));
    }
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<Reply>}
   */
  async #untilAnswered(path, init) {
    let blocked = 0;
    for (let failures = 1; ; failures += 1) {
      const reply = await this.#once(path, init);
      if (reply && reply !== BLOCKED) {
        if (this.#inTrouble) this.#onTrouble((this.#inTrouble = false));
        if (reply.status === 404) throw new SessionGone();
        return reply;
      }
      if (!this.#inTrouble) this.#onTrouble((this.#inTrouble = true));
      blocked = reply === BLOCKED ? blocked + 1 : 0;
      if (blocked >= BLOCKED_TRIES) {
        await this.#onBlocked();
        blocked = failures = 0;
      } else await this.#wait(backOffMs(failures, Math.random()));
    }
  }

  /**
   * One try; null when it must be tried again, BLOCKED when that is of little use.
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<Reply | typeof BLOCKED | null>}
   */
  async #once(path, init) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    this.#onItsWay = init.body;
    try {
      const response = await this.#fetch(this.#base + path, { ...init, signal: abort.signal });
      const { status } = response;
      if (status >= 500 || status === 408 || status === 425 || status === 429) return null;
      if (status === 404) return { status, state: null, error: null };
      const body = readJson(await response.text());
      // Of a 4xx it is a proxy's or a filter's; else the sign-in page of a wireless network, which may yet go away.
      if (body === null) return status >= 400 ? BLOCKED : null;
      if (status === 200) return { status, state: body, error: null };
      return { status, state: body.state ?? null, error: body.error ?? null };
    } catch {
      // No network, or the time-out.
      return null;
    } finally {
      clearTimeout(timer);
      this.#onItsWay = null;
    }
  }
}

/**
 * @param {string} text
 * @returns {any} null for what is no object
 */
function readJson(text) {
  try {
    const body = JSON.parse(text);
    return typeof body === "object" ? body : null;
  } catch {
    return null;
  }
}

/**
 * @param {Record<string, unknown>} body
 * @returns {RequestInit}
 */
function post(body) {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    // What is on its way when the tab is closed arrives.
    keepalive: true,
  };
}
