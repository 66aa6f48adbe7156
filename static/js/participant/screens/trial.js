import { h, heading, progressBar } from "../dom.js";
import { Player } from "../player.js";
import { texts } from "../texts.js";
import { Choices } from "./choices.js";

/** Keys of the answers by their place: the left one first. */
const PLACE_KEYS = [
  ["f", "1"],
  ["j", "2"],
];

/**
 * Listen, then answer. The answers open when the sound has been heard to its end.
 *
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Trial} first
 * @returns {import("../types.js").Screen}
 */
export function trialScreen(app, first) {
  const { position, n_trials: nTrials } = first;
  let trial = first;
  let isAnswered = false;
  let wasHeard = first.phase === "answer";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;

  const player = new Player(app, {
    sound: first.sound,
    grant: () => app.send("play", { position }),
    changed: () => settle(),
    ended: (playing, heardMs) => {
      wasHeard = true;
      app.send("played", { position, heard_ms: heardMs, output_latency_ms: app.unlock().outputLatencyMs });
      settle();
      if (document.activeElement === document.body || document.activeElement === player.status) choices.legend.focus();
    },
  });
  const options = first.choices.map((choice, place) => ({ ...choice, keys: PLACE_KEYS[place] ?? [String(place + 1)] }));
  const choices = new Choices(texts.question, options, (choice, event, source) => {
    isAnswered = true;
    player.set("off", "");
    const playing = player.last;
    // Not heard on this page (it was loaded again since): there are no times.
    const since = (/** @type {number} */ start) => app.unlock().msSince(start, event.timeStamp);
    app.send("answer", {
      position,
      choice,
      rt_from_onset_ms: playing && since(playing.startsAt),
      rt_from_offset_ms: playing && since(playing.endsAt),
      confidence: null,
      source,
    });
  });

  /** Open what may be done now: the answers after a sound that ended, the button where another play is left. */
  const settle = () => {
    clearTimeout(later);
    if (isAnswered) return;
    const isIdle = player.state !== "busy" && player.state !== "playing";
    choices.open(isIdle && wasHeard);
    app.mark("phase", wasHeard ? "answer" : "play");
    if (!isIdle) return;
    // Until the server knows that the sound was heard, the plays that it would grant after a fault do not count.
    const mayPlay = trial.plays_left > 0 && (!wasHeard || trial.phase === "answer");
    player.set(mayPlay ? (wasHeard ? "ended" : "ready") : "off");
    if (wasHeard && mayPlay) player.label.textContent = texts.playAgain;
    if (wasHeard || mayPlay) return;
    // The page was loaded again in the middle of the last play: the answers open when the sound would have ended.
    player.set("off", texts.noPlaysLeft);
    later = setTimeout(() => app.sync(), trial.wait_ms + 100);
  };
  if (wasHeard) player.set("off", texts.notPlayable);
  settle();

  return {
    element: h(
      "section",
      {},
      heading(texts.trialCount(position + 1, nTrials)),
      progressBar(texts.trialCount(position + 1, nTrials), position, nTrials, false),
      categoryLine(first.category),
      player.element,
      choices.element,
    ),
    keys: { Space: () => player.press(), ...choices.keys },
    refresh: (state) => {
      if (!state.trial) return;
      trial = state.trial;
      const opensUnheard = !wasHeard && trial.phase === "answer" && player.state === "off";
      wasHeard ||= trial.phase === "answer";
      settle();
      if (opensUnheard) player.set("off", texts.interrupted);
    },
    leave: () => {
      clearTimeout(later);
      player.leave();
    },
  };
}

/** @param {string | null} category null when the study hides it */
export function categoryLine(category) {
  return category === null ? null : h("p", { class: "category" }, texts.category, " ", h("strong", { dir: "auto" }, category));
}
