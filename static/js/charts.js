// Draws every <figure data-chart="ID"> from the Vega-Lite specification in <script type="application/json" id="ID">.
// The page's content security policy forbids eval, so Vega runs its expressions through the interpreter that vega-embed
// carries (ast: true).
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/**
 * @param {HTMLElement} figure
 * @returns {Promise<void>}
 */
async function draw(figure) {
  const source = document.getElementById(figure.dataset.chart ?? "");
  const target = /** @type {HTMLElement | null} */ (figure.querySelector("[data-chart-target]"));
  if (!source || !target) return;
  // @ts-ignore vegaEmbed is a global of the vendored script.
  await window.vegaEmbed(target, JSON.parse(source.textContent ?? "{}"), {
    ast: true,
    renderer: "svg",
    defaultStyle: false,
    actions: false,
    tooltip: { disableDefaultStyle: true }, // its style element would break the page's policy; site.css styles it
    theme: dark.matches ? "dark" : undefined,
    config: { background: "transparent" },
  });
}

const drawAll = () => document.querySelectorAll("figure[data-chart]").forEach((figure) => draw(/** @type {HTMLElement} */ (figure)));
dark.addEventListener("change", drawAll);
drawAll();
