// Draws every <figure data-chart="ID"> from the Vega-Lite specification in <script type="application/json" id="ID">, and
// has its buttons <button data-chart-save="svg|png|csv"> download it. The page's content security policy forbids eval, so
// Vega runs its expressions through the interpreter that vega-embed carries (ast: true).
// A click on a mark whose datum has `sound`, the address of a clip, plays the clip (see clip-player.js); so does Enter, with
// the arrow keys going from mark to mark (see chart-keys.js).
import { csvText, forFile, rowsOf } from "./chart-data.js";
import { listenByKeyboard } from "./chart-keys.js";

const PNG_SCALE = 2; // pixels of the picture per pixel of the page
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** @typedef {{toSVG: () => Promise<string>, toCanvas: (scale: number) => Promise<HTMLCanvasElement>, width: () => number,
 *   addEventListener: (type: string, handle: (event: Event, item: any) => void) => void, finalize: () => void}} View */

/** @type {WeakMap<HTMLElement, View>} */
const views = new WeakMap();

/** @param {HTMLElement} figure */
const specificationOf = (figure) => JSON.parse(document.getElementById(figure.dataset.chart ?? "")?.textContent ?? "{}");

/**
 * @param {HTMLElement} target
 * @param {any} spec
 * @param {{theme?: string, background: string, axis?: object}} look axis: colours of lines, fainter than the theme's
 * @returns {Promise<View>}
 */
async function embed(target, spec, { theme, background, axis }) {
  // @ts-ignore vegaEmbed is a global of the vendored script.
  const { view } = await window.vegaEmbed(target, spec, {
    ast: true,
    renderer: "svg",
    defaultStyle: false,
    actions: false,
    tooltip: { disableDefaultStyle: true }, // its style element would break the page's policy; site.css styles it
    theme,
    config: axis ? { background, axis } : { background },
  });
  return view;
}

/** @param {{sound?: string, clip?: string} | undefined} datum */
function play(datum) {
  if (datum?.sound) document.dispatchEvent(new CustomEvent("play-clip", { detail: { src: datum.sound, name: datum.clip } }));
}

/** @param {HTMLElement} figure */
async function draw(figure) {
  const target = /** @type {HTMLElement | null} */ (figure.querySelector("[data-chart-target]"));
  if (!target) return;
  try {
    const look = dark.matches
      ? { theme: "dark", background: "transparent", axis: { gridColor: "#3d4349", domainColor: "#868e96", tickColor: "#868e96" } }
      : { background: "transparent" };
    const view = await embed(target, specificationOf(figure), look);
    view.addEventListener("click", (_event, item) => play(item?.datum));
    listenByKeyboard(target, play);
    views.get(figure)?.finalize();
    views.set(figure, view);
  } catch (error) {
    target.textContent = "This chart could not be drawn. Its numbers stand in the table.";
    throw error; // so that it stands in the console
  }
}

/**
 * Give the browser a file to save.
 * @param {Blob} content
 * @param {string} name
 */
function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Draw a chart for a file: always dark on white, whatever theme the page has.
 * @template T
 * @param {HTMLElement} figure
 * @param {(view: View) => Promise<T>} take
 * @returns {Promise<T>}
 */
async function drawnOnWhite(figure, take) {
  const width = views.get(figure)?.width() ?? 0;
  const view = await embed(document.createElement("div"), forFile(specificationOf(figure), width), { background: "white" });
  try {
    return await take(view);
  } finally {
    view.finalize();
  }
}

/** @type {Record<string, (figure: HTMLElement) => Promise<Blob>>} */
const FORMATS = {
  svg: async (figure) => new Blob([await drawnOnWhite(figure, (view) => view.toSVG())], { type: "image/svg+xml" }),
  png: async (figure) => {
    const canvas = await drawnOnWhite(figure, (view) => view.toCanvas(PNG_SCALE));
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is empty"))), "image/png");
    });
  },
  csv: async (figure) => new Blob([csvText(rowsOf(specificationOf(figure)))], { type: "text/csv;charset=utf-8" }),
};

/** @param {HTMLElement} figure */
function offerFiles(figure) {
  const row = /** @type {HTMLElement | null} */ (figure.querySelector("[data-chart-files]"));
  if (!row) return;
  row.hidden = false;
  row.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-chart-save]") : null;
    if (!(button instanceof HTMLElement)) return;
    const ending = button.dataset.chartSave ?? "";
    save(await FORMATS[ending](figure), `${figure.dataset.chartFile || figure.dataset.chart}.${ending}`);
  });
}

const figures = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure[data-chart]"));
const drawAll = () => figures.forEach((figure) => void draw(figure));
dark.addEventListener("change", drawAll);
drawAll();
figures.forEach(offerFiles);
// A page that learns more while it is open puts the new specification into the script element and says so.
document.addEventListener("chart-changed", (event) => {
  const figure = event.target instanceof Element ? event.target.closest("figure[data-chart]") : null;
  if (figure instanceof HTMLElement) void draw(figure);
});
