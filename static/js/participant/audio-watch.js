import { AudioEngine } from "./audio-engine.js";

/** Time that a browser may take to start its output before the participant is asked, ms. */
const PATIENCE_MS = 600;

/**
 * The one audio context of the page: made at the first gesture, watched from then on.
 */
export class AudioWatch {
  /** @type {AudioEngine | null} */
  engine = null;
  #options;
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /**
   * @param {object} options
   * @param {() => AudioContext} options.makeContext
   * @param {(engine: AudioEngine) => void} options.onMade
   * @param {(state: string) => void} options.onState
   * @param {(isNeeded: boolean) => void} options.onGestureNeeded
   */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Make or wake the audio. Call it inside a gesture.
   * @returns {AudioEngine}
   */
  unlock() {
    if (!this.engine) {
      this.engine = new AudioEngine(this.#options.makeContext(), { onState: (state) => this.#turned(state) });
      this.#options.onMade(this.engine);
      this.#turned(this.engine.state);
    }
    if (this.engine.state !== "running") this.engine.resume().catch(() => this.#options.onGestureNeeded(true));
    return this.engine;
  }

  /**
   * Resolves when the audio runs.
   * @returns {Promise<void>}
   */
  running() {
    if (this.engine?.state === "running") return Promise.resolve();
    const ask = setTimeout(() => this.#options.onGestureNeeded(true), PATIENCE_MS);
    return new Promise((resolve) =>
      this.#waiting.add(() => {
        clearTimeout(ask);
        resolve();
      }),
    );
  }

  /** The page is seen again: is the audio still there? */
  check() {
    if (this.engine) this.#turned(this.engine.state);
  }

  /** @param {string} state */
  #turned(state) {
    this.#options.onState(state);
    if (state !== "running") return;
    this.#options.onGestureNeeded(false);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
