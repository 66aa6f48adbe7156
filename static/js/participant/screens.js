import { askedScreen, instructionsScreen } from "./screens/asked.js";
import { breakScreen } from "./screens/break.js";
import { consentScreen } from "./screens/consent.js";
import { deviceScreen } from "./screens/device.js";
import { endScreen } from "./screens/end.js";
import { feedbackScreen } from "./screens/feedback.js";
import { reasonScreen } from "./screens/reason.js";
import { screeningScreen } from "./screens/screening.js";
import { trialScreen } from "./screens/trial.js";
import { volumeScreen } from "./screens/volume.js";

/** @typedef {import("./types.js").State} State */

/** The phases of a trial that have a screen of their own; listening and answering share one. */
const OWN_SCREEN = ["break", "reason", "feedback"];

/**
 * States of one name are one screen: it is built once, then told of newer states.
 * @param {State} state
 * @returns {string}
 */
export function screenName({ step, screening, trial, instructions }) {
  if (screening) return `${step} ${screening.test} ${screening.attempt} ${screening.position}`;
  if (trial) return `${step} ${trial.position} ${OWN_SCREEN.includes(trial.phase) ? trial.phase : "listen"}`;
  if (instructions) return `${step} ${instructions.tries}`;
  return step;
}

/**
 * The sounds that the screen needs, and those to come.
 * @param {State} state
 */
export function soundsOf({ volume, screening, trial }) {
  if (trial) return trial.phase === "reason" || trial.phase === "feedback" ? trial.ahead : [...trial.sounds, ...trial.ahead];
  if (screening) return [screening.example?.sound, screening.sound, screening.next_sound];
  return [volume?.sound];
}

/**
 * @param {import("./types.js").App} app
 * @param {State} state
 * @returns {import("./types.js").Screen}
 */
export function screenFor(app, state) {
  const { step, consent, eligibility, volume, screening, instructions, trial, questions, end } = state;
  if (consent) return consentScreen(app, consent);
  if (eligibility) return askedScreen(app, "eligibility", eligibility.questions);
  if (volume) return volumeScreen(app, volume);
  if (screening) return screeningScreen(app, screening, state.notice === "swapped");
  if (instructions) return instructionsScreen(app, instructions, state.notice === "swapped");
  if (trial) return screenOfTrial(app, trial, step === "practice");
  if (questions) return askedScreen(app, "questions", questions.questions);
  if (end) return endScreen(app, end);
  if (step === "device") return deviceScreen(app);
  throw new Error(`unknown step ${step}`);
}

/**
 * @param {import("./types.js").App} app
 * @param {import("./types.js").Trial} trial
 * @param {boolean} isPractice
 */
function screenOfTrial(app, trial, isPractice) {
  if (trial.phase === "break") return breakScreen(app, trial);
  if (trial.phase === "reason") return reasonScreen(app, trial, isPractice);
  if (trial.phase === "feedback") return feedbackScreen(app, trial);
  return trialScreen(app, trial, isPractice);
}
