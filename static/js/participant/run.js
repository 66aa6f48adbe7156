// The page of the run: shows the step that the server says is current, and sends what the participant does.
import { Api, SessionGone } from "./api.js";
import { AudioWatch } from "./audio-watch.js";
import { h, heading } from "./dom.js";
import { Keys } from "./keys.js";
import { ResumeDialog } from "./resume-dialog.js";
import { screenFor, screenName, soundsOf } from "./screens.js";
import { gateScreen } from "./screens/gate.js";
import { SoundStore } from "./sound-store.js";
import { texts } from "./texts.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Screen} Screen */
/** @typedef {import("./api.js").Reply} Reply */

const AUDIO_STEPS = ["volume", "screening", "instructions", "trials"];

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @typedef {import("./types.js").App} App */

/** @implements {App} */
class Run {
  #root = part("run");
  #live = part("live");
  #notice = part("notice");
  #offline = part("offline");
  #keys = new Keys(document);
  /** @type {Screen | null} */
  #screen = null;
  #shown = "";
  /** @type {State | null} */
  #state = null;

  constructor() {
    const base = this.#root.dataset.base ?? "";
    this.api = new Api({ base, onTrouble: (inTrouble) => this.#showTrouble(inTrouble) });
    this.sounds = new SoundStore({ base });
    const dialog = new ResumeDialog(() => this.unlock());
    document.body.append(dialog.element);
    this.audio = new AudioWatch({
      makeContext: () => new AudioContext(),
      onMade: (engine) => {
        this.sounds.decodeWith((bytes) => engine.decode(bytes));
        this.note("audio_ready", engine.facts);
      },
      onState: (state) => this.#audioTurned(state),
      onGestureNeeded: (isNeeded) => dialog.show(isNeeded),
    });
    this.mark("audio", "none");
  }

  async start() {
    if (!("AudioContext" in window)) return this.#halt(texts.consent, texts.noAudio);
    addEventListener("pageshow", (event) => event.persisted && this.sync());
    document.addEventListener("visibilitychange", () => this.#visibilityTurned());
    addEventListener("beforeunload", (event) => this.api.pending && event.preventDefault());
    await this.sync();
  }

  unlock() {
    return this.audio.unlock();
  }

  running() {
    return this.audio.running();
  }

  /**
   * @param {string} action
   * @param {Record<string, unknown>} [body]
   */
  async send(action, body) {
    this.mark("sending", action);
    const reply = await this.#orGone(this.api.act(action, body));
    this.mark("sending", "");
    if (!reply) return false;
    if (reply.status === 200 && reply.state) {
      this.#show(reply.state);
      return true;
    }
    this.note("action_refused", { action, status: reply.status, code: reply.error?.code ?? "" });
    // The screen is built anew, even when the state is the one it showed: its own idea of things was wrong.
    this.#shown = "";
    if (reply.state) this.#show(reply.state);
    else await this.sync();
    this.warn(reply.status === 409 ? texts.outOfStep : texts.refused);
    return false;
  }

  /** Show what the server says. */
  async sync() {
    const reply = await this.#orGone(this.api.state());
    if (reply?.state) this.#show(reply.state);
  }

  /**
   * @param {string} event
   * @param {Record<string, unknown>} [data]
   */
  note(event, data) {
    this.api.note(event, data);
  }

  /** @param {string} text */
  say(text) {
    this.#live.textContent = text;
  }

  /** @param {string} text */
  warn(text) {
    this.#notice.textContent = text;
    this.#notice.hidden = !text;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  mark(name, value) {
    this.#root.dataset[name] = value;
  }

  /** @param {State} state */
  #show(state) {
    this.#state = state;
    if (state.step !== "ended") this.sounds.want(soundsOf(state));
    const isClosed = !this.audio.engine && AUDIO_STEPS.includes(state.step);
    const name = isClosed ? "gate" : screenName(state);
    if (name === this.#shown) return this.#screen?.refresh?.(state);
    this.#shown = name;
    this.#screen?.leave?.();
    this.warn("");
    // What the last screen said is past; that the connection is back is news on any screen.
    if (this.#live.textContent !== texts.online) this.say("");
    this.mark("sound", "");
    this.mark("step", state.step);
    this.mark("phase", isClosed ? "gate" : (state.trial?.phase ?? ""));
    this.mark("position", String(state.trial?.position ?? state.screening?.position ?? ""));
    this.#use(isClosed ? gateScreen(() => this.#openGate()) : screenFor(this, state));
  }

  /** @param {Screen} screen */
  #use(screen) {
    this.#screen = screen;
    this.#keys.use(screen.keys ?? {});
    this.#root.replaceChildren(screen.element);
    this.#root.setAttribute("aria-busy", "false");
    scrollTo(0, 0);
    screen.element.querySelector("h1")?.focus({ preventScroll: true });
  }

  #openGate() {
    this.unlock();
    if (this.#state) this.#show(this.#state);
    // The state may be as old as the page.
    this.sync();
  }

  /**
   * @param {Promise<Reply>} reply
   * @returns {Promise<Reply | null>}
   */
  async #orGone(reply) {
    try {
      return await reply;
    } catch (error) {
      if (!(error instanceof SessionGone)) throw error;
      this.#halt(texts.gone, texts.goneHelp);
      return null;
    }
  }

  /**
   * @param {string} title
   * @param {string} text
   */
  #halt(title, text) {
    this.#screen?.leave?.();
    this.mark("step", "halted");
    this.#use({ element: h("section", {}, heading(title), h("p", {}, text)) });
  }

  /** @param {string} state */
  #audioTurned(state) {
    if (this.#root.dataset.audio === state) return;
    const was = this.#root.dataset.audio;
    this.mark("audio", state);
    if (was !== "running" || state === "closed") return;
    this.note("audio_stopped", { state });
    // A page in the background may lose its audio for good reason; it is asked when it is seen.
    if (!document.hidden) this.audio.running();
  }

  #visibilityTurned() {
    this.note(document.hidden ? "page_hidden" : "page_visible");
    if (document.hidden) return;
    this.audio.check();
    if (this.audio.engine && this.audio.engine.state !== "running") this.audio.running();
    // Another tab may have gone on.
    if (!this.#root.dataset.sending && this.#root.dataset.sound !== "playing") this.sync();
  }

  /** @param {boolean} inTrouble */
  #showTrouble(inTrouble) {
    this.#offline.textContent = inTrouble ? texts.offline : "";
    this.#offline.hidden = !inTrouble;
    this.mark("network", inTrouble ? "lost" : "");
    if (!inTrouble) this.say(texts.online);
    if (!inTrouble) this.note("network_back");
  }
}

new Run().start();
