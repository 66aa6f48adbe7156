/** @typedef {{key: string, action: string, body: Record<string, unknown>}} Entry */

/**
 * What was done here and is not yet acknowledged by the server, in order. This one lives as long as the page; one that
 * outlives it (IndexedDB) takes its place with the same three methods.
 */
export class MemoryOutbox {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @param {Entry} entry */
  async add(entry) {
    this.#entries.set(entry.key, entry);
  }

  /** @param {string} key */
  async remove(key) {
    this.#entries.delete(key);
  }

  get size() {
    return this.#entries.size;
  }
}
