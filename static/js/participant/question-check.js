/** @typedef {import("./types.js").Question} Question */

/**
 * What is wrong with an answer; empty when nothing is.
 *
 * @param {Question} question
 * @param {string} answer without space round it
 * @returns {"" | "missing" | "number"}
 */
export function problemOf({ kind, required, minimum, maximum }, answer) {
  if (!answer) return required ? "missing" : "";
  if (kind !== "number") return "";
  const number = Number(answer);
  const isWhole = /^\d{1,7}$/.test(answer);
  return isWhole && number >= (minimum ?? 0) && number <= (maximum ?? Infinity) ? "" : "number";
}
