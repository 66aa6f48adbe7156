import { h, heading, progressBar } from "../dom.js";
import { Player } from "../player.js";
import { SoundError } from "../sound-store.js";
import { texts } from "../texts.js";
import { Choices } from "./choices.js";

/**
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Screening} screening
 * @param {boolean} isSwapped
 * @returns {import("../types.js").Screen}
 */
export function screeningScreen(app, screening, isSwapped) {
  const { position, n_trials: nTrials, test } = screening;
  const player = new Player(app, {
    sounds: [screening.sound],
    grant: () => app.send("screening-play", { position }),
    skip: (problem) => app.send("unplayable", { problem }),
    skipLabel: texts.endUnplayable,
    changed: () => example?.stop(),
    ended: () => {
      player.set("off", texts.choose);
      choices.open(true);
      if (document.activeElement === document.body || document.activeElement === player.status) choices.legend.focus();
    },
  });
  const isChannels = test === "channels";
  const labels = isChannels ? [texts.left, texts.right, texts.both] : screening.answers.map((n) => texts.sound(n));
  const options = screening.answers.map((n, place) => ({ value: String(n), label: labels[place], keys: [String(n)] }));
  const choices = new Choices(texts.screeningQuestion[test], options, (value, event) => {
    const rt = player.last && app.unlock().msSince(player.last.endsAt, event.timeStamp);
    app.send("screening-answer", { position, answer: Number(value), rt_from_offset_ms: rt });
  });
  if (screening.played) {
    player.set("off", texts.screeningPlayed);
    choices.open(true);
  }
  const example = screening.example && position === 0 && !screening.played ? makeExample(app, screening.example, player) : null;
  return {
    element: h(
      "section",
      {},
      heading(isChannels ? texts.channels : texts.screening),
      isSwapped ? h("p", { class: "notice", role: "alert" }, texts.swapped) : null,
      progressBar(texts.screeningCount(position + 1, nTrials), position, nTrials),
      h("p", screening.failed_before ? { class: "notice" } : {}, helpOf(screening)),
      example?.element ?? null,
      player.element,
      choices.element,
    ),
    keys: { Space: () => player.press(), ...choices.keys },
    leave: () => {
      example?.stop();
      player.leave();
    },
  };
}

/** @param {import("../types.js").Screening} screening */
function helpOf({ test, attempt, attempts, failed_before: failedBefore }) {
  if (!failedBefore) return texts.screeningHelp[test];
  if (test === "channels") return texts.channelsAgain;
  return attempt >= attempts ? texts.screeningAgain : texts.screeningAgainMore;
}

/**
 * A sound whose answer is told. It may be heard at will, and asks the server for nothing.
 * @param {import("../types.js").App} app
 * @param {{sound: string, answer: number}} example
 * @param {Player} player closed while the example plays
 */
function makeExample(app, example, player) {
  /** @type {import("../audio-engine.js").Playing | null} */
  let playing = null;
  const status = h("p", { class: "status" }, "");
  /** @param {string} text */
  const tell = (text) => {
    status.textContent = text;
    app.say(text);
  };
  const press = async () => {
    if (playing || player.state === "playing" || player.state === "busy") return;
    app.unlock();
    try {
      const buffer = await app.sounds.load(example.sound);
      await app.running();
      playing = app.unlock().play(buffer);
      tell(texts.exampleAnswer(example.answer));
      await playing.ended;
    } catch (error) {
      if (!(error instanceof SoundError)) throw error;
      tell(texts.soundFailed);
    }
    playing = null;
  };
  const button = h("button", { type: "button", "data-action": "example", click: press }, texts.example);
  return { element: h("div", { class: "player" }, button, status), stop: () => playing?.stop() };
}
