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

/**
 * Fetches sounds and decodes them, ahead of time where asked. Bytes can come before the audio is unlocked; decoding waits.
 */
export class SoundStore {
  #base;
  #fetch;
  #wait;
  /** @type {(bytes: ArrayBuffer) => Promise<AudioBuffer>} */
  #decode = async () => {
    throw new SoundError("decode", "the audio is not unlocked yet");
  };
  #canDecode = false;
  /** @type {Map<string, Promise<ArrayBuffer>>} */
  #bytes = new Map();
  /** @type {Map<string, Promise<AudioBuffer>>} */
  #buffers = new Map();

  /**
   * @param {object} options
   * @param {string} options.base the session's address, with the slash
   * @param {typeof fetch} [options.fetch]
   * @param {(ms: number) => Promise<void>} [options.wait]
   */
  constructor({ base, fetch: get, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }) {
    this.#base = base;
    this.#fetch = get ?? ((/** @type {RequestInfo | URL} */ url, /** @type {RequestInit} */ init) => fetch(url, init));
    this.#wait = wait;
  }

  /** @param {(bytes: ArrayBuffer) => Promise<AudioBuffer>} decode */
  decodeWith(decode) {
    this.#decode = decode;
    this.#canDecode = true;
    for (const token of this.#bytes.keys()) this.ahead(token);
  }

  /**
   * Keep these sounds, forget every other, and get them ready.
   * @param {(string | null | undefined)[]} tokens in the order in which they are needed
   */
  async want(tokens) {
    const wanted = tokens.filter((token) => typeof token === "string");
    for (const kept of [this.#bytes, this.#buffers])
      for (const token of kept.keys()) if (!wanted.includes(token)) kept.delete(token);
    // One after another: the sound that is needed now must not share the line with the next.
    for (const token of wanted) await this.ahead(token);
  }

  /**
   * Get a sound ready. A failure is no matter yet: load() tries again and reports.
   * @param {string} token
   */
  async ahead(token) {
    await (this.#canDecode ? this.load(token) : this.#get(token)).catch(() => {});
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
      });
    }
    return buffer;
  }

  /** @param {string} token */
  async #read(token) {
    const bytes = await this.#get(token);
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
      bytes.catch(() => this.#bytes.delete(token));
    }
    return bytes;
  }

  /** @param {string} token */
  async #fetchWithRetry(token) {
    let problem = "";
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (attempt > 0) await this.#wait(250 * 2 ** attempt);
      try {
        const response = await this.#fetch(`${this.#base}sound/${token}`, { cache: "no-store" });
        if (response.ok) return await response.arrayBuffer();
        problem = `status ${response.status}`;
        if (response.status < 500 && response.status !== 429 && response.status !== 408) break;
      } catch (error) {
        problem = String(error);
      }
    }
    throw new SoundError("fetch", problem);
  }
}
