import { h, heading, keyHint } from "../dom.js";
import { SoundError } from "../sound-store.js";
import { texts } from "../texts.js";

const FADE_IN_S = 1;

/**
 * @param {import("../types.js").App} app
 * @param {{sound: string}} volume
 * @returns {import("../types.js").Screen}
 */
export function volumeScreen(app, volume) {
  /** @type {import("../audio-engine.js").Playing | null} */
  let noise = null;
  let isBusy = false;
  let isGone = false;
  let failures = 0;
  const label = h("span", {}, texts.volumePlay);
  const status = h("p", { class: "status" }, texts.volumeFirst);
  const done = h("button", { type: "button", class: "primary", disabled: true, "data-action": "next", click: () => finish() });
  done.append(texts.volumeDone, " ", keyHint("Enter"));
  const mark = h("span", { class: "play-mark", "aria-hidden": "true" });
  const toggle = h("button", { type: "button", class: "play", "aria-keyshortcuts": "Space", click: () => press() });
  toggle.append(mark, label, keyHint("Space"));

  const giveUp = h("button", { type: "button", hidden: true, "data-action": "skip" }, texts.endUnplayable);

  /** @param {string} text */
  const tell = (text) => {
    status.textContent = text;
    app.say(text);
  };
  const stop = () => {
    noise?.stop();
    noise = null;
    mark.classList.remove("is-playing");
    label.textContent = texts.volumePlay;
    app.mark("sound", "ready");
  };
  const start = async () => {
    tell(texts.fetching);
    try {
      const buffer = await app.sounds.load(volume.sound);
      await app.running();
      if (isGone) return;
      noise = app.unlock().play(buffer, { loop: true, fadeInS: FADE_IN_S });
      mark.classList.add("is-playing");
      label.textContent = texts.volumeStop;
      done.disabled = false;
      giveUp.hidden = true;
      app.mark("sound", "playing");
      tell(texts.noisePlaying);
    } catch (error) {
      if (!(error instanceof SoundError)) throw error;
      app.note(error.kind === "fetch" ? "sound_fetch_failed" : "sound_decode_failed", { problem: error.message.slice(0, 300) });
      label.textContent = texts.retry;
      failures += 1;
      giveUp.hidden = failures < 2;
      giveUp.onclick = () => app.send("unplayable", { problem: error.kind });
      tell(error.kind === "fetch" ? texts.soundFailed : texts.soundBroken);
    }
  };
  const press = async () => {
    if (isBusy) return;
    app.unlock();
    isBusy = true;
    if (noise) {
      stop();
      tell(texts.noiseStopped);
    } else await start();
    isBusy = false;
  };
  const finish = () => {
    if (done.disabled) return;
    done.disabled = true;
    stop();
    app.send("volume");
  };
  app.mark("sound", "ready");
  return {
    element: h(
      "section",
      {},
      heading(texts.volume),
      h("p", {}, texts.volumeHelp),
      h("div", { class: "player" }, toggle, giveUp, status),
      h("div", { class: "actions" }, done),
    ),
    keys: { Space: press, Enter: finish },
    leave: () => {
      isGone = true;
      stop();
    },
  };
}
