// The page of the run: shows the step that the server says is current, and sends what the participant does.
import { Api, SessionGone } from "./api.js";
import { AudioWatch } from "./audio-watch.js";
import { h, heading } from "./dom.js";
import { Keys } from "./keys.js";
import { ResumeDialog } from "./resume-dialog.js";
import { screenFor, screenName, soundsOf } from "./screens.js";
import { gateScreen } from "./screens/gate.js";
import { openOutbox } from "./outbox.js";
import { SoundStore } from "./sound-store.js";
import { texts } from "./texts.js";
import { WithdrawControl } from "./withdraw-control.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Screen} Screen */
/** @typedef {import("./api.js").Reply} Reply */

const AUDIO_STEPS = ["volume", "screening", "instructions", "practice", "trials"];

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
  #withdraw;

  /**
   * @param {string} base the session's address
   * @param {import("./outbox.js").Outbox} outbox
   */
  constructor(base, outbox) {
    this.api = new Api({ base, outbox, onTrouble: (inTrouble) => this.#showTrouble(inTrouble), onBlocked: () => this.#askAgain() });
    this.sounds = new SoundStore({ base, onProgress: (progress) => this.#screen?.loading?.(progress) });
    this.#withdraw = new WithdrawControl(() => {
      dialog.show(false);
      this.send("withdraw");
    }, part("run").dataset.erases === "yes");
    const dialog = new ResumeDialog(
      () => this.unlock(),
      () => this.#withdraw.dialog.showModal(),
    );
    part("foot").append(this.#withdraw.button);
    document.body.append(dialog.element, this.#withdraw.dialog);
    this.audio = new AudioWatch({
      makeContext: () => new AudioContext(),
      onMade: (engine) => {
        this.sounds.decodeWith((bytes) => engine.decode(bytes));
        this.note("audio_ready", engine.facts);
      },
      onState: (state) => this.#audioTurned(state),
      // Where no sound is to come, as on the last page, nobody is held up by a dialog.
      onGestureNeeded: (isNeeded) => dialog.show(isNeeded && AUDIO_STEPS.includes(this.#state?.step ?? "")),
    });
    this.mark("audio", "none");
  }

  async start() {
    addEventListener("pageshow", (event) => event.persisted && this.sync());
    addEventListener("pagehide", () => this.api.flush());
    document.addEventListener("visibilitychange", () => this.#visibilityTurned());
    addEventListener("beforeunload", (event) => this.api.pending && event.preventDefault());
    const leftovers = this.api.sendLeftovers(({ action }, { status, error }) =>
      this.note("leftover_refused", { action, status, code: error?.code ?? "" }),
    );
    if (await this.#orGone(leftovers.then(() => null)).then(() => this.#root.dataset.step !== "halted")) await this.sync();
  }

  /** @param {import("./types.js").KeyMap} keys */
  useKeys(keys) {
    this.#keys.use(keys);
  }

  settled() {
    return this.api.settled();
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
    this.#withdraw.show(state.step !== "ended");
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
   * @template T
   * @param {Promise<T>} reply
   * @returns {Promise<T | null>}
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
    this.#withdraw.show(false);
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
    // A telephone may end a hidden page without another word.
    if (document.hidden) return this.api.flush();
    this.audio.check();
    if (this.audio.engine && this.audio.engine.state !== "running") this.audio.running();
    // Another tab may have gone on. Nothing comes after the end, and of a preview the server has kept nothing.
    if (this.#state?.step === "ended") return;
    if (!this.#root.dataset.sending && this.#root.dataset.sound !== "playing") this.sync();
  }

  /** Say that something refuses what is sent, and wait until the participant has it tried again. */
  #askAgain() {
    return new Promise((/** @type {(value: void) => void} */ resolve) => {
      const again = () => {
        this.#offline.textContent = this.#offlineText();
        resolve();
      };
      const button = h("button", { type: "button", "data-action": "again", click: again }, texts.retry);
      this.#offline.replaceChildren(texts.blocked, " ", button);
      this.#offline.hidden = false;
    });
  }

  #offlineText() {
    return this.api.isKept ? texts.offline : texts.offlineUnkept;
  }

  /** @param {boolean} inTrouble */
  #showTrouble(inTrouble) {
    this.#offline.textContent = inTrouble ? this.#offlineText() : "";
    this.#offline.hidden = !inTrouble;
    this.mark("network", inTrouble ? "lost" : "");
    if (!inTrouble) this.say(texts.online);
    if (!inTrouble) this.note("network_back", { kept: this.api.isKept });
  }
}

// No media session: a headset's buttons play nothing here.
const base = part("run").dataset.base ?? "";
new Run(base, await openOutbox(base)).start();
