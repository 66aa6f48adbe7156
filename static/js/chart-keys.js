// The marks of a chart that carry a clip's sound, by keyboard: the first of them is a stop of the Tab key, the arrow keys, Home
// and End go from one to the next from left to right, Enter and Space play. Vega keeps each mark's item in its `__data__`.

/** @typedef {{sound?: string, clip?: string}} Datum */
/** @typedef {SVGElement & {__data__?: {x: number, datum?: Datum}}} Mark */

/** @type {Record<string, (at: number, n: number) => number>} */
const MOVES = {
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_at, n) => n - 1,
};

/**
 * @param {Element} chart what Vega drew into
 * @param {(datum: Datum | undefined) => void} play
 */
export function listenByKeyboard(chart, play) {
  const all = /** @type {Mark[]} */ ([...chart.querySelectorAll(".mark-symbol path")]);
  const marks = all.filter((mark) => mark.__data__?.datum?.sound);
  marks.sort((a, b) => (a.__data__?.x ?? 0) - (b.__data__?.x ?? 0));
  marks.forEach((mark, at) => {
    mark.setAttribute("tabindex", at === 0 ? "0" : "-1");
    mark.setAttribute("role", "button");
    mark.addEventListener("keydown", (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      const next = marks[MOVES[key]?.(at, marks.length) ?? -1];
      if (key === "Enter" || key === " ") play(mark.__data__?.datum);
      else if (next) move(mark, next);
      else return;
      event.preventDefault(); // the page would scroll
    });
  });
}

/**
 * @param {Mark} from
 * @param {Mark} to
 */
function move(from, to) {
  from.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}
