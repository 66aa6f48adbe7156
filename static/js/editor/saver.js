// Sends changed settings to the server one after another, each until it is taken or refused. What was refused is sent
// again after each one that is taken: two settings that fit each other may come in the wrong order.

/** @typedef {{path: string, message: string}} Problem */
/** @typedef {{revision: number, path: string, differs: boolean, html: string | null, title: string,
 *   estimate: {minutes: number, words: string, parts: string}, notes: Record<string, string>}} Saved */
/** @typedef {{path: string, value?: unknown, reset?: boolean}} Change */

const LONGEST_WAIT_MS = 15_000;

export class Saver {
  /** @type {Map<string, Change>} */
  #waiting = new Map();
  /** @type {Map<string, Problem[]>} */
  #problems = new Map();
  /** What the server refused. @type {Map<string, Change>} */
  #refusals = new Map();
  #isBusy = false;
  /** @type {Promise<void>} */
  #current = Promise.resolve();
  #isStopped = false;
  #options;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {number} options.revision
   * @param {string} options.token the form token
   * @param {(status: string, words: string) => void} options.onStatus saving, saved, problems, offline, stopped
   * @param {(saved: Saved) => void} options.onSaved
   * @param {(path: string, problems: Problem[]) => void} options.onProblems none when they are gone
   * @param {typeof fetch} [options.fetch]
   * @param {(ms: number) => Promise<void>} [options.wait]
   */
  constructor(options) {
    this.#options = options;
    this.revision = options.revision;
  }

  /** Whether anything is not saved yet. */
  get isPending() {
    return this.#isBusy || this.#waiting.size > 0 || this.#problems.size > 0;
  }

  /** @param {Change} change the latest one of a setting counts */
  save(change) {
    this.#refusals.delete(change.path);
    this.#waiting.delete(change.path);
    this.#waiting.set(change.path, change);
    return this.#run();
  }

  /**
   * What the page itself finds wrong is not sent.
   * @param {string} path
   * @param {string} message
   */
  refuse(path, message) {
    this.#refusals.delete(path);
    this.#waiting.delete(path);
    this.#refused(path, [{ path, message }]);
    this.#report();
  }

  /** Resolves when everything that was given is saved or refused. */
  settled() {
    return this.#current;
  }

  #run() {
    if (!this.#isBusy && !this.#isStopped) this.#current = this.#sendAll();
    return this.#current;
  }

  async #sendAll() {
    this.#isBusy = true;
    while (this.#waiting.size > 0 && !this.#isStopped) {
      const [path, change] = /** @type {[string, Change]} */ (this.#waiting.entries().next().value);
      this.#waiting.delete(path);
      this.#options.onStatus("saving", "Saving…");
      await this.#send(path, change);
    }
    this.#isBusy = false;
    if (!this.#isStopped) this.#report();
  }

  /**
   * What went without an answer is sent again as it was: the server may have stored it, and knows it again only so.
   * @param {string} path
   * @param {Change} change
   */
  async #send(path, change) {
    let answer = await this.#once(change);
    for (let failures = 1; !answer; failures += 1) {
      this.#options.onStatus("offline", "Not saved: the server cannot be reached. It is tried again by itself; keep this page open.");
      await this.#wait(Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures));
      answer = await this.#once(change);
    }
    if (answer.status === 200) {
      this.revision = answer.body.revision;
      this.#refused(path, []);
      this.#options.onSaved(answer.body);
      this.#sendRefusedAgain();
    } else if (answer.status === 422) {
      if (!this.#waiting.has(path)) this.#refusals.set(path, change);
      this.#refused(path, answer.body.problems);
    } else {
      this.#isStopped = true;
      const help = answer.body.message ?? "The server refused it. Load the page again; you may have been signed out.";
      this.#options.onStatus("stopped", `Not saved. ${help}`);
    }
  }

  #sendRefusedAgain() {
    for (const [path, change] of this.#refusals) this.#waiting.set(path, change);
    this.#refusals.clear();
  }

  /**
   * One try; null when it must be tried again.
   * @param {Change} change
   * @returns {Promise<{status: number, body: any} | null>}
   */
  async #once(change) {
    const { url, token } = this.#options;
    const send = this.#options.fetch ?? ((/** @type {RequestInfo | URL} */ at, /** @type {RequestInit} */ init) => fetch(at, init));
    try {
      const response = await send(url, {
        method: "PATCH",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ ...change, base: this.revision }),
        redirect: "manual",
      });
      const { status } = response;
      if (status >= 500 || status === 429 || status === 408) return null;
      if (!(response.headers.get("Content-Type") ?? "").includes("json")) return { status: status || 403, body: {} };
      return { status, body: await response.json() };
    } catch {
      return null;
    }
  }

  /** @param {number} ms */
  #wait(ms) {
    return this.#options.wait ? this.#options.wait(ms) : new Promise((resolve) => setTimeout(resolve, ms));
  }

  /**
   * @param {string} path
   * @param {Problem[]} problems
   */
  #refused(path, problems) {
    if (problems.length > 0) this.#problems.set(path, problems);
    else this.#problems.delete(path);
    this.#options.onProblems(path, problems);
  }

  #report() {
    const n = [...this.#problems.values()].reduce((sum, problems) => sum + problems.length, 0);
    if (n > 0) this.#options.onStatus("problems", `Not saved: ${n} problem${n === 1 ? "" : "s"}, marked at the field.`);
    else this.#options.onStatus("saved", "Saved.");
  }
}
