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

  const player = new Player(app, {
    sound: first.sound,
    grant: () => app.send("play", { position }),
    started: () => choices.open(false),
    ended: (playing, heardMs) => {
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
    const at = playing ? app.unlock().heardAt(event.timeStamp) : null;
    /** @param {number | undefined} since */
    const rt = (since) => (at === null || since === undefined ? null : (at - since) * 1000);
    app.send("answer", {
      position,
      choice,
      rt_from_onset_ms: rt(playing?.startsAt),
      rt_from_offset_ms: rt(playing?.endsAt),
      confidence: null,
      source,
    });
  });

  /** Open what may be done now: answers after a sound that ended, another play where one is left. */
  const settle = () => {
    if (isAnswered || player.state === "busy" || player.state === "playing") return;
    const wasHeard = player.state === "ended" || trial.phase === "answer";
    choices.open(wasHeard);
    app.mark("phase", wasHeard ? "answer" : "play");
    if (trial.plays_left > 0) {
      player.button.disabled = false;
      if (wasHeard) player.label.textContent = texts.playAgain;
    } else player.button.disabled = true;
    if (!wasHeard && trial.plays_left <= 0) player.set("off", texts.noPlaysLeft);
    if (wasHeard && !player.last) player.set(trial.plays_left > 0 ? "ended" : "off", texts.notPlayable);
  };
  settle();

  const target = first.category === null ? null : h("p", { class: "category" }, texts.category, " ", h("strong", { dir: "auto" }, first.category));
  return {
    element: h(
      "section",
      {},
      heading(texts.trialCount(position + 1, nTrials)),
      progressBar(texts.trialCount(position + 1, nTrials), position, nTrials),
      target,
      player.element,
      choices.element,
    ),
    keys: { Space: () => player.press(), ...choices.keys },
    refresh: (state) => {
      if (!state.trial) return;
      trial = state.trial;
      settle();
    },
    leave: () => player.leave(),
  };
}
