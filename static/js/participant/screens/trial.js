import { h, heading, progressBar } from "../dom.js";
import { Player } from "../player.js";
import { texts } from "../texts.js";
import { Choices } from "./choices.js";
import { BlockLoading } from "./loading.js";

/** Keys of two answers by their place, the left one first; scales have the digits. */
const PLACE_KEYS = [
  ["f", "1"],
  ["j", "2"],
];

/**
 * Listen, then answer. The answers open when the sound has been heard to its end.
 *
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Trial} first
 * @param {boolean} isPractice
 * @returns {import("../types.js").Screen}
 */
export function trialScreen(app, first, isPractice) {
  const { position, task } = first;
  let trial = first;
  let isAnswered = false;
  let wasHeard = first.phase === "answer";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;

  const player = new Player(app, {
    sounds: first.sounds,
    gapS: first.gap_ms / 1000,
    label: task === "two_interval" ? texts.playPair : texts.play,
    grant: () => app.send("play", { position }),
    skip: (problem) => app.send("skip", { position, problem }),
    changed: () => settle(),
    ended: (playing, heardMs) => {
      wasHeard = true;
      app.send("played", { position, heard_ms: heardMs, output_latency_ms: app.unlock().outputLatencyMs });
      settle();
      if (document.activeElement === document.body || document.activeElement === player.status) choices.legend.focus();
    },
  });
  const isPair = first.choices.length === 2;
  const options = first.choices.map((choice, place) => ({ ...choice, keys: isPair ? PLACE_KEYS[place] : [choice.value] }));
  const confidence = first.confidence ? makeConfidence(first.confidence, (value) => send({ confidence: value })) : null;
  /** @type {Record<string, unknown>} */
  let given = {};
  const choices = new Choices(texts.question[task], options, (choice, event, source) => {
    isAnswered = true;
    player.set("off", "");
    const playing = player.last;
    // Not heard on this page (it was loaded again since): there are no times.
    const since = (/** @type {number} */ start) => app.unlock().msSince(start, event.timeStamp);
    given = {
      position,
      choice,
      rt_from_onset_ms: playing && since(playing.startsAt),
      rt_from_offset_ms: playing && since(playing.endsAt),
      source,
    };
    if (!confidence) return send({ confidence: null });
    confidence.element.hidden = false;
    confidence.open(true);
    app.mark("phase", "confidence");
    app.useKeys(confidence.keys);
    confidence.legend.focus();
  });
  /** @param {Record<string, unknown>} more */
  const send = (more) => app.send("answer", { ...given, ...more });
  /** @type {BlockLoading | null} it may open while it is made */
  let loading = null;
  loading = new BlockLoading(app, () => {
    app.mark("sound", "ready");
    settle();
  });

  /** Open what may be done now: the answers after a sound that ended, the button where another play is left. */
  function settle() {
    clearTimeout(later);
    if (isAnswered) return;
    const isIdle = player.state !== "busy" && player.state !== "playing";
    choices.open(isIdle && wasHeard);
    app.mark("phase", wasHeard ? "answer" : "play");
    if (!isIdle) return;
    // Until the server knows that the sound was heard, the plays that it would grant after a fault do not count.
    const mayPlay = player.holdsGrant || (trial.plays_left > 0 && (!wasHeard || trial.phase === "answer"));
    if (mayPlay && !wasHeard && loading && !loading.isOpen) {
      app.mark("sound", "loading");
      return player.set("off", "");
    }
    if (mayPlay) player.set(wasHeard ? "ended" : "ready", player.status.textContent ? undefined : texts.ready);
    else player.set("off");
    if (wasHeard && mayPlay) player.label.textContent = texts.playAgain;
    if (wasHeard || mayPlay) return;
    // The page was loaded again in the middle of the last play: the answers open when the sound would have ended.
    player.set("off", texts.noPlaysLeft);
    later = setTimeout(() => app.sync(), trial.wait_ms + 100);
  }
  if (wasHeard) player.set("off", texts.notPlayable);

  const title = titleOf(first, isPractice);
  /** @type {import("../types.js").Screen} */
  const screen = {
    element: h(
      "section",
      { class: `task-${task}` },
      heading(title),
      progressBar(title, first.number - 1, first.n_trials, false),
      categoryLine(first.category),
      loading.element,
      player.element,
      choices.element,
      confidence?.element ?? null,
    ),
    keys: { Space: () => player.press(), ...choices.keys },
    loading: (progress) => loading?.follow(progress),
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
      loading?.leave();
      player.leave();
    },
  };
  settle();
  return screen;
}

/**
 * @param {import("../types.js").Choice[]} options
 * @param {(value: number) => void} chosen
 */
function makeConfidence(options, chosen) {
  const withKeys = options.map((option) => ({ ...option, keys: [option.value] }));
  const row = new Choices(texts.confidence, withKeys, (value) => chosen(Number(value)));
  row.element.hidden = true;
  row.element.dataset.part = "confidence";
  return row;
}

/**
 * @param {import("../types.js").Trial} trial
 * @param {boolean} isPractice
 */
export function titleOf({ number, n_trials: nTrials, task }, isPractice) {
  if (isPractice) return texts.practiceCount(number, nTrials);
  return (task === "two_interval" ? texts.pairCount : texts.trialCount)(number, nTrials);
}

/** @param {string | null} category null when the study hides it */
export function categoryLine(category) {
  return category === null ? null : h("p", { class: "category" }, texts.category, " ", h("strong", { dir: "auto" }, category));
}
