import { crc32 } from "./crc32.js";

/** A sound could not be had. `kind` says at which point. */
export class SoundError extends Error {
  /**
   * @param {"fetch" | "decode"} kind
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

const TRIES = 4;
/** A download of which nothing comes for so long is given up and tried again: a network can go away without a word. */
const SILENCE_MS = 20_000;
/** Sounds fetched at the same time: more would only share the line, and delay the one that is needed first. */
const AT_ONCE = 4;
/** Sounds decoded ahead, and their length together at most, s: a decoded minute in stereo takes 23 MB. */
const DECODED_AHEAD = 8;
const DECODED_S = 120;

/** @param {number} ms @returns {Promise<void>} */
const laterBy = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @typedef {{done: number, total: number, ready: number}} Progress fetched or given up, wanted, and done in a row from the first */

/**
 * Fetches the sounds of a block ahead and decodes the next few. Bytes can come before the audio is unlocked; decoding
 * waits.
 */
export class SoundStore {
  #base;
  #fetch;
  #wait;
  #silenceMs;
  #onProgress;
  /** @type {((bytes: ArrayBuffer) => Promise<AudioBuffer>) | null} */
  #decode = null;
  /** @type {string[]} in the order in which they are needed */
  #wanted = [];
  /** @type {Map<string, Promise<ArrayBuffer>>} */
  #bytes = new Map();
  /** @type {Map<string, Promise<AudioBuffer>>} */
  #buffers = new Map();
  /** @type {Set<string>} */
  #fetched = new Set();
  /** @type {Set<string>} given up ahead; load() tries again and reports */
  #failed = new Set();
  #running = 0;
  #isDecoding = false;

  /**
   * @param {object} options
   * @param {string} options.base the session's address, with the slash
   * @param {typeof fetch} [options.fetch]
   * @param {(ms: number) => Promise<void>} [options.wait]
   * @param {number} [options.silenceMs]
   * @param {(progress: Progress) => void} [options.onProgress]
   */
  constructor({ base, fetch: get, wait = laterBy, silenceMs = SILENCE_MS, onProgress = () => {} }) {
    this.#silenceMs = silenceMs;
    this.#base = base;
    this.#fetch = get ?? ((/** @type {RequestInfo | URL} */ url, /** @type {RequestInit} */ init) => fetch(url, init));
    this.#wait = wait;
    this.#onProgress = onProgress;
  }

  /** @param {(bytes: ArrayBuffer) => Promise<AudioBuffer>} decode */
  decodeWith(decode) {
    this.#decode = decode;
    this.#decodeAhead();
  }

  /** @returns {Progress} */
  get progress() {
    const isDone = (/** @type {string} */ token) => this.#fetched.has(token) || this.#failed.has(token);
    const missing = this.#wanted.findIndex((token) => !isDone(token));
    const done = this.#wanted.filter(isDone).length;
    return { done, total: this.#wanted.length, ready: missing < 0 ? this.#wanted.length : missing };
  }

  /**
   * Keep these sounds, forget every other, and get them ready.
   * @param {(string | null | undefined)[]} tokens in the order in which they are needed
   */
  want(tokens) {
    this.#wanted = tokens.filter((token) => typeof token === "string");
    for (const kept of [this.#bytes, this.#buffers])
      for (const token of kept.keys()) if (!this.#wanted.includes(token)) kept.delete(token);
    for (const kept of [this.#fetched, this.#failed])
      for (const token of kept) if (!this.#wanted.includes(token)) kept.delete(token);
    this.#fetchAhead();
    this.#decodeAhead();
    this.#onProgress(this.progress);
  }

  /**
   * @param {string} token
   * @returns {Promise<AudioBuffer>}
   * @throws {SoundError}
   */
  load(token) {
    let buffer = this.#buffers.get(token);
    if (!buffer) {
      buffer = this.#read(token);
      this.#buffers.set(token, buffer);
      buffer.catch(() => {
        this.#buffers.delete(token);
        this.#bytes.delete(token);
        this.#fetched.delete(token);
      });
    }
    return buffer;
  }

  /** A failure is no matter yet: load() tries again and reports. */
  #fetchAhead() {
    for (const token of this.#wanted) {
      if (this.#running >= AT_ONCE) return;
      if (this.#bytes.has(token) || this.#failed.has(token)) continue;
      this.#running += 1;
      this.#get(token)
        .catch(() => this.#failed.add(token))
        .finally(() => {
          this.#running -= 1;
          this.#fetchAhead();
          this.#onProgress(this.progress);
          this.#decodeAhead();
        });
    }
  }

  /** One after another: decoding several at once makes slow devices stutter. */
  async #decodeAhead() {
    if (this.#isDecoding || !this.#decode) return;
    this.#isDecoding = true;
    let seconds = 0;
    for (const token of this.#wanted.slice(0, DECODED_AHEAD)) {
      if (!this.#fetched.has(token) || seconds > DECODED_S) break;
      const buffer = await this.load(token).catch(() => null);
      seconds += buffer?.duration ?? 0;
    }
    this.#isDecoding = false;
  }

  /** @param {string} token */
  async #read(token) {
    const bytes = await this.#get(token);
    if (!this.#decode) throw new SoundError("decode", "the audio is not unlocked yet");
    try {
      // decodeAudioData takes the bytes away from their owner, so it gets a copy.
      return await this.#decode(bytes.slice(0));
    } catch (error) {
      throw new SoundError("decode", String(error));
    }
  }

  /** @param {string} token */
  #get(token) {
    let bytes = this.#bytes.get(token);
    if (!bytes) {
      bytes = this.#fetchWithRetry(token);
      this.#bytes.set(token, bytes);
      this.#failed.delete(token);
      bytes.then(
        () => this.#fetched.add(token),
        () => this.#bytes.delete(token),
      );
    }
    return bytes;
  }

  /** @param {string} token */
  async #fetchWithRetry(token) {
    let problem = "";
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (attempt > 0) await this.#wait(250 * 2 ** attempt);
      try {
        const { response, bytes } = await this.#download(`${this.#base}sound/${token}`);
        if (bytes) {
          const told = response.headers.get("X-Checksum");
          if (told === null || told === crc32(bytes)) return bytes;
          problem = "the checksum differs";
          continue;
        }
        problem = `status ${response.status}`;
        if (response.status < 500 && response.status !== 429 && response.status !== 408) break;
      } catch (error) {
        problem = String(error);
      }
    }
    throw new SoundError("fetch", problem);
  }

  /**
   * Fetch it whole, however slowly it comes; throws when nothing comes for long.
   * @param {string} url
   * @returns {Promise<{response: Response, bytes: ArrayBuffer | null}>} no bytes when the status says so
   */
  async #download(url) {
    const abort = new AbortController();
    let timer = setTimeout(() => abort.abort(), this.#silenceMs);
    try {
      const response = await this.#fetch(url, { cache: "no-store", signal: abort.signal });
      if (!response.ok || !response.body) return { response, bytes: response.ok ? new ArrayBuffer(0) : null };
      const reader = response.body.getReader();
      /** @type {BlobPart[]} */
      const parts = [];
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), this.#silenceMs);
        if (value) parts.push(/** @type {BlobPart} */ (value));
      }
      return { response, bytes: await new Blob(parts).arrayBuffer() };
    } finally {
      clearTimeout(timer);
    }
  }
}
