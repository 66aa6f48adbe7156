// A screen of the participant's page with a made-up state: the real screen, with nobody behind it.
import { AudioWatch } from "../participant/audio-watch.js";
import { Keys } from "../participant/keys.js";
import { screenFor } from "../participant/screens.js";
import { SoundError } from "../participant/sound-store.js";

/** @typedef {import("../participant/types.js").State} State */
/** @typedef {import("../participant/types.js").Screen} Screen */

const NOISE = "noise";
const NOISE_S = 1;
const NEXT = "In the study the next page would come now. This is a preview: nothing is stored.";
/** What leaves the participant on the same screen. */
const STAYS = ["device", "play", "played", "screening-play", "screening-played"];

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

class Preview {
  #root = part("run");
  #keys = new Keys(document);
  /** @type {Screen | null} */
  #screen = null;
  #state;

  /** @param {State} state */
  constructor(state) {
    this.#state = state;
    this.#audio = new AudioWatch({
      makeContext: () => new AudioContext(),
      onMade: () => {},
      onState: (running) => this.mark("audio", running),
      onGestureNeeded: () => {},
    });
    const load = (/** @type {string} */ token) => this.#load(token);
    this.sounds = /** @type {any} */ ({ load, want: () => {}, progress: { done: 1, total: 1, ready: 1 } });
  }

  #audio;

  show() {
    this.#screen?.leave?.();
    this.#screen = screenFor(this, structuredClone(this.#state));
    this.#keys.use(this.#screen.keys ?? {});
    // The focus stays where it is: somebody may be typing beside the frame.
    this.#root.replaceChildren(this.#screen.element);
  }

  unlock() {
    return this.#audio.unlock();
  }

  running() {
    return this.#audio.running();
  }

  /** @param {string} action */
  async send(action) {
    const { trial } = this.#state;
    if (trial && action === "play") trial.plays_left -= 1;
    if (trial && action === "played") trial.phase = "answer";
    if (STAYS.includes(action)) {
      this.#screen?.refresh?.(structuredClone(this.#state));
      return true;
    }
    const fresh = readState();
    if (fresh) this.#state = fresh;
    this.show();
    this.warn(NEXT);
    return true;
  }

  async sync() {}

  async settled() {}

  note() {}

  /** @param {string} text */
  say(text) {
    part("live").textContent = text;
  }

  /** @param {string} text */
  warn(text) {
    part("notice").textContent = text;
    part("notice").hidden = !text;
  }

  /** @param {import("../participant/types.js").KeyMap} keys */
  useKeys(keys) {
    this.#keys.use(keys);
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  mark(name, value) {
    this.#root.dataset[name] = value;
  }

  /** @param {string} token an address, or the noise that stands for sounds that a launch makes */
  async #load(token) {
    const engine = this.unlock();
    if (token === NOISE) return noise();
    const response = await fetch(token).catch(() => null);
    if (!response?.ok) throw new SoundError("fetch", "the sound cannot be had");
    return engine.decode(await response.arrayBuffer());
  }
}

function noise() {
  const rate = 44_100;
  const buffer = new AudioBuffer({ length: rate * NOISE_S, sampleRate: rate, numberOfChannels: 1 });
  buffer.getChannelData(0).forEach((_, index, samples) => (samples[index] = 0.05 * (Math.random() * 2 - 1)));
  return buffer;
}

/** @returns {(State & {message?: string}) | null} */
function readState() {
  return JSON.parse(document.getElementById("state")?.textContent ?? "null");
}

const state = readState();
if (state && !state.message) new Preview(state).show();
