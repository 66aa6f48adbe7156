// The table behind a chart, as CSV, and the names of its files. Pure: no page, no Vega.

/** @typedef {Record<string, unknown>} Row */

const LEADS_A_FORMULA = /^[=+\-@\t\r]/;

/**
 * Every row that a Vega-Lite specification carries, in its order.
 * @param {any} spec
 * @returns {Row[]}
 */
export function rowsOf(spec) {
  const sets = Object.values(spec.datasets ?? {});
  const own = spec.data?.values;
  return /** @type {Row[]} */ ([...(Array.isArray(own) ? own : []), ...sets.flat()]);
}

/**
 * One cell of RFC 4180. Numbers stay as they are; a text that a spreadsheet would take for a formula gets an apostrophe.
 * @param {unknown} value
 * @returns {string}
 */
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value).replaceAll("\n", " "); // labels are drawn with breaks
  const safe = typeof value === "string" && LEADS_A_FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * @param {Row[]} rows
 * @returns {string} with a header of every column that any row has, in order of first appearance
 */
export function csvText(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))]
    .map((values) => `${values.map(cell).join(",")}\r\n`)
    .join("");
}

/**
 * The specification as it is drawn for a file: on white, and as wide as on the page where the page decides.
 * @param {any} spec
 * @param {number} width in pixels, of the chart on the page
 * @returns {any}
 */
export function forFile(spec, width) {
  return spec.width === "container" ? { ...spec, width } : spec;
}
