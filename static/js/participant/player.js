import { h, keyHint } from "./dom.js";
import { SoundError } from "./sound-store.js";
import { texts } from "./texts.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./audio-engine.js").Playing} Playing */

/** A play that the server granted longer ago than this waits for another press: nobody may be listening by now. */
const STALE_GRANT_MS = 4000;

/**
 * The Play button and the line that says what is going on. It asks the server before every sound, then plays it.
 */
export class Player {
  /** @type {"ready" | "busy" | "playing" | "ended" | "off"} */
  state = "ready";
  /** @type {Playing | null} the last sound that was started on this page */
  last = null;
  #app;
  #options;
  #isGranted = false;
  #isGone = false;
  #failures = 0;

  /**
   * @param {App} app
   * @param {object} options
   * @param {string[]} options.sounds played one after the other
   * @param {string} [options.label] of the button
   * @param {number} [options.gapS] silence between two of them
   * @param {() => Promise<boolean>} options.grant ask the server; false when it refused
   * @param {(kind: "fetch" | "decode") => void} [options.skip] leave a sound that cannot be played
   * @param {string} [options.skipLabel] of the button that does
   * @param {() => void} [options.changed] the state is another
   * @param {(playing: Playing, heardMs: number) => void} options.ended
   */
  constructor(app, options) {
    this.#app = app;
    this.#options = options;
    this.label = h("span", {}, options.label ?? texts.play);
    this.button = h(
      "button",
      { type: "button", class: "play", "aria-keyshortcuts": "Space", click: () => this.press() },
      h("span", { class: "play-mark", "aria-hidden": "true" }),
      this.label,
      keyHint("Space"),
    );
    this.status = h("p", { class: "status", tabindex: -1 }, texts.ready);
    this.skipButton = h("button", { type: "button", hidden: true, "data-action": "skip" }, options.skipLabel ?? texts.skip);
    this.element = h("div", { class: "player" }, this.button, this.skipButton, this.status);
    app.mark("sound", "ready");
  }

  /** Whether the server has granted a play that was not started yet. */
  get holdsGrant() {
    return this.#isGranted;
  }

  /** The page shows another screen: nothing may start any more. */
  leave() {
    this.#isGone = true;
    this.last?.stop();
  }

  /**
   * Close or open the button from outside.
   * @param {"ready" | "ended" | "off"} state
   * @param {string} [status] the line below the button; unchanged when left out
   */
  set(state, status) {
    this.state = state;
    this.button.disabled = state === "off";
    if (status !== undefined) this.#show(status);
  }

  press() {
    if (this.state !== "ready" && this.state !== "ended") return;
    // The audio is woken here, inside the gesture.
    this.#app.unlock();
    this.#turn("busy", texts.fetching);
    // The button is about to be disabled; the focus would be lost with it.
    if (document.activeElement === this.button) this.status.focus();
    this.button.disabled = true;
    this.#run().catch((error) => {
      if (!(error instanceof SoundError)) throw error;
      this.#app.note(error.kind === "fetch" ? "sound_fetch_failed" : "sound_decode_failed", { problem: error.message.slice(0, 300) });
      this.#offerAgain(error.kind === "fetch" ? texts.soundFailed : texts.soundBroken, texts.retry);
      this.#offerSkip(error.kind);
    });
  }

  async #run() {
    const buffers = await Promise.all(this.#options.sounds.map((sound) => this.#app.sounds.load(sound)));
    await this.#app.running();
    if (this.#isGone) return;
    if (!this.#isGranted) {
      const askedAt = performance.now();
      if (!(await this.#options.grant()) || this.#isGone) return;
      this.#isGranted = true;
      if (performance.now() - askedAt > STALE_GRANT_MS) {
        this.#offerAgain(texts.connectionBack, texts.play);
        return;
      }
      await this.#app.running();
      if (this.#isGone) return;
    }
    this.#isGranted = false;
    const engine = this.#app.unlock();
    const playing = engine.play(buffers, { gapS: this.#options.gapS });
    this.last = playing;
    this.skipButton.hidden = true;
    this.label.textContent = this.#options.label ?? texts.play;
    this.#turn("playing", buffers.length > 1 ? texts.playingNumber(1) : texts.playing);
    playing.starts.slice(1).forEach(async (start, index) => {
      await engine.untilHeard(start, playing);
      if (!this.#isGone && this.state === "playing") this.#show(texts.playingNumber(index + 2));
    });
    const { heardMs } = await playing.ended;
    if (this.#isGone) return;
    this.#turn("ended", texts.choose);
    this.#options.ended(playing, heardMs);
  }

  /**
   * After the second failure there is a way on without the sound.
   * @param {"fetch" | "decode"} kind
   */
  #offerSkip(kind) {
    const { skip } = this.#options;
    this.#failures += 1;
    if (!skip || this.#failures < 2) return;
    this.skipButton.hidden = false;
    this.skipButton.onclick = () => skip(kind);
  }

  /**
   * @param {string} status
   * @param {string} label
   */
  #offerAgain(status, label) {
    this.#turn("ready", status);
    this.label.textContent = label;
    this.button.disabled = false;
    this.button.focus();
  }

  /**
   * @param {"ready" | "busy" | "playing" | "ended"} state
   * @param {string} status
   */
  #turn(state, status) {
    this.state = state;
    this.#app.mark("sound", state);
    this.#show(status);
    this.#options.changed?.();
  }

  /** @param {string} status */
  #show(status) {
    this.status.textContent = status;
    this.#app.say(status);
  }
}
