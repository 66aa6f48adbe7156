/** @typedef {{key: string, action: string, body: Record<string, unknown>}} Entry */

/**
 * What was done here and is not yet acknowledged by the server, in order.
 * @typedef {object} Outbox
 * @property {(entry: Entry) => Promise<void>} add
 * @property {(key: string) => Promise<void>} remove
 * @property {Entry[]} held what this page holds, in order
 * @property {boolean} isKept whether it outlives the page
 * @property {() => Promise<Entry[]>} waiting what an earlier page left, in order
 */

/** Lives as long as the page. */
export class MemoryOutbox {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  isKept = false;

  /** @param {Entry} entry */
  async add(entry) {
    this.#entries.set(entry.key, entry);
  }

  /** @param {string} key */
  async remove(key) {
    this.#entries.delete(key);
  }

  get held() {
    return [...this.#entries.values()];
  }

  /** @returns {Promise<Entry[]>} */
  async waiting() {
    return this.held;
  }
}

const NAME = "earwitness";
const STORE = "outbox";
/** Some browsers' IndexedDB at times never answers; after so long the page goes on in memory. */
const PATIENCE_MS = 3000;
/** No server takes an answer so long after it was given; what is older belongs to sessions that nobody opens again. */
const KEPT_MS = 30 * 86_400_000;

/** Outlives the page, in IndexedDB; where the browser fails it, it goes on in memory. */
export class StoredOutbox {
  #database;
  #session;
  #memory = new MemoryOutbox();
  #patienceMs;
  isKept = true;

  /**
   * @param {IDBDatabase} database
   * @param {string} session entries of other sessions are left alone
   * @param {number} [patienceMs]
   */
  constructor(database, session, patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    this.#database = database;
    this.#session = session;
  }

  /** @param {Entry} entry */
  async add(entry) {
    await this.#memory.add(entry);
    await this.#try((store) => store.add({ ...entry, session: this.#session, at: Date.now() }));
  }

  /** @param {string} key */
  async remove(key) {
    await this.#memory.remove(key);
    await this.#try((store) => {
      const found = store.index("key").getKey(key);
      found.onsuccess = () => found.result !== undefined && store.delete(found.result);
      return found;
    });
  }

  get held() {
    return this.#memory.held;
  }

  /** @returns {Promise<Entry[]>} */
  async waiting() {
    const all = (await this.#try((store) => store.getAll())) ?? [];
    return all.filter((/** @type {{session: string}} */ entry) => entry.session === this.#session);
  }

  /**
   * Forget what is too old to be taken, of whatever session. An entry without a time is given one.
   * @param {number} [now]
   */
  async sweep(now = Date.now()) {
    await this.#try((store) => {
      const walk = store.openCursor();
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor) return;
        if (cursor.value.at === undefined) cursor.update({ ...cursor.value, at: now });
        else if (cursor.value.at < now - KEPT_MS) cursor.delete();
        cursor.continue();
      };
      return walk;
    });
  }

  /**
   * Do something in a transaction; null when the browser refuses (no room, a private window) or does not answer.
   * @param {(store: IDBObjectStore) => IDBRequest} act
   * @returns {Promise<any>}
   */
  #try(act) {
    return new Promise((resolve) => {
      const fail = () => {
        this.isKept = false;
        done(null);
      };
      const timer = setTimeout(fail, this.#patienceMs);
      const done = (/** @type {any} */ result) => {
        clearTimeout(timer);
        resolve(result);
      };
      try {
        const transaction = this.#database.transaction(STORE, "readwrite", { durability: "strict" });
        const request = act(transaction.objectStore(STORE));
        transaction.oncomplete = () => done(request.result);
        transaction.onerror = transaction.onabort = fail;
      } catch {
        fail();
      }
    });
  }
}

/**
 * The outbox of a session: one that outlives the page where the browser has room for it, else one in memory.
 * @param {string} session
 * @param {() => IDBFactory | undefined} [find] some browsers throw where others have none
 * @param {number} [patienceMs]
 * @returns {Promise<Outbox>}
 */
export function openOutbox(session, find = () => globalThis.indexedDB, patienceMs = PATIENCE_MS) {
  return new Promise((resolve) => {
    const done = (/** @type {Outbox} */ outbox) => {
      clearTimeout(timer);
      resolve(outbox);
    };
    const giveUp = () => done(new MemoryOutbox());
    const timer = setTimeout(giveUp, patienceMs);
    try {
      const request = find()?.open(NAME, 1);
      if (!request) return giveUp();
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { autoIncrement: true });
        store.createIndex("key", "key", { unique: true });
      };
      request.onsuccess = () => {
        const outbox = new StoredOutbox(request.result, session, patienceMs);
        outbox.sweep(); // not waited for: what is added or read comes after it in any case
        done(outbox);
      };
      request.onerror = request.onblocked = giveUp;
    } catch {
      giveUp();
    }
  });
}
