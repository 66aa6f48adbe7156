import { consentScreen } from "./screens/consent.js";
import { endScreen } from "./screens/end.js";
import { instructionsScreen } from "./screens/instructions.js";
import { reasonScreen } from "./screens/reason.js";
import { screeningScreen } from "./screens/screening.js";
import { trialScreen } from "./screens/trial.js";
import { volumeScreen } from "./screens/volume.js";

/** @typedef {import("./types.js").State} State */

/**
 * States of one name are one screen: it is built once, then told of newer states.
 * @param {State} state
 * @returns {string}
 */
export function screenName({ step, screening, trial }) {
  if (screening) return `${step} ${screening.attempt} ${screening.position}`;
  if (trial) return `${step} ${trial.position} ${trial.phase === "reason" ? "reason" : "listen"}`;
  return step;
}

/**
 * The sounds that the screen needs, and the next.
 * @param {State} state
 */
export function soundsOf({ volume, screening, trial }) {
  const asked = trial ?? screening;
  return asked ? [asked.sound, asked.next_sound] : [volume?.sound];
}

/**
 * @param {import("./types.js").App} app
 * @param {State} state
 * @returns {import("./types.js").Screen}
 */
export function screenFor(app, { step, consent, volume, screening, instructions, trial, end }) {
  if (consent) return consentScreen(app, consent);
  if (volume) return volumeScreen(app, volume);
  if (screening) return screeningScreen(app, screening);
  if (instructions) return instructionsScreen(app, instructions);
  if (trial) return trial.phase === "reason" ? reasonScreen(app, trial) : trialScreen(app, trial);
  if (end) return endScreen(app, end);
  throw new Error(`unknown step ${step}`);
}
