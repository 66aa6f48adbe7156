// The axes of a sound's picture: seconds below, Hz at the left of the spectrogram. All numbers come from the server.

const SVG = "http://www.w3.org/2000/svg";

/** Where the picture stands in the drawing, in its units. */
export const FRAME = { left: 60, top: 8, width: 1000, height: 420 };

/** @typedef {{duration_s: number, top_hz: number, scale: string, wave_share: number, lowest_log_hz: number}} Sound */
/** @typedef {{at: number, words: string}} Tick  `at` is the share of the axis, from 0 */

/**
 * Round values from 0 to `high`, at most about `n` of them: steps of 1, 2 or 5 times a power of ten.
 * @param {number} high
 * @param {number} n
 * @returns {number[]}
 */
export function roundValues(high, n) {
  const least = high / n;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= least * (1 - 1e-9)) ?? 10 * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const values = [];
  for (let index = 0; index * step <= high * (1 + 1e-9); index += 1) values.push(Number((index * step).toFixed(digits)));
  return values;
}

/**
 * @param {number} hz
 * @returns {string}
 */
const hertz = (hz) => (hz >= 1000 ? `${hz / 1000} k` : String(hz));

/**
 * @param {Sound} sound
 * @returns {Tick[]}
 */
export function frequencyTicks({ top_hz, scale, lowest_log_hz }) {
  if (scale !== "log") return roundValues(top_hz, 8).map((hz) => ({ at: hz / top_hz, words: hertz(hz) }));
  const octaves = Math.log(top_hz / lowest_log_hz);
  return [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000]
    .filter((hz) => hz >= lowest_log_hz && hz <= top_hz)
    .map((hz) => ({ at: Math.log(hz / lowest_log_hz) / octaves, words: hertz(hz) }));
}

/**
 * @param {Element} group
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [words]
 */
function add(group, name, attributes, words = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = words;
  group.append(element);
}

/**
 * Draw the axes of a sound into a group of an SVG drawing.
 * @param {Element} group
 * @param {Sound} sound
 */
export function drawAxes(group, sound) {
  group.replaceChildren();
  const { left, top, width, height } = FRAME;
  const bottom = top + height;
  const spectrum = height * (1 - sound.wave_share);
  for (const value of roundValues(sound.duration_s, 10)) {
    const x = left + (width * value) / sound.duration_s;
    add(group, "line", { x1: x, x2: x, y1: bottom, y2: bottom + 5, stroke: "currentColor" });
    add(group, "text", { x, y: bottom + 20, "text-anchor": "middle" }, String(value));
  }
  add(group, "text", { x: left + width / 2, y: bottom + 38, "text-anchor": "middle" }, "Time, s");
  for (const { at, words } of frequencyTicks(sound)) {
    const y = bottom - spectrum * at;
    add(group, "line", { x1: left - 5, x2: left, y1: y, y2: y, stroke: "currentColor" });
    add(group, "text", { x: left - 8, y: y + 4, "text-anchor": "end" }, words);
  }
  add(group, "text", { x: left - 8, y: bottom - spectrum - 14, "text-anchor": "end" }, "Hz");
}
