// What the inputs of a setting say, as the study's configuration takes it.

/** Something in the page cannot be what a setting takes; the server need not be asked. */
export class ValueError extends Error {}

/**
 * The number that a text is, else the text: the server says then what is allowed. Nothing is null.
 * @param {string} text
 * @returns {number | string | null}
 */
export function numberOf(text) {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const number = Number(trimmed);
  return Number.isFinite(number) && !/^0[xob]/i.test(trimmed) ? number : text;
}

/**
 * @param {[string, unknown][]} pairs
 * @returns {Record<string, unknown>}
 * @throws {ValueError} for a key given twice, which an object would lose
 */
export function mappingOf(pairs) {
  const given = pairs.filter(([key, value]) => key !== "" || (value !== "" && value !== null));
  const keys = given.map(([key]) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw new ValueError(`“${twice}” is given twice; keep one.`);
  return Object.fromEntries(given);
}

/**
 * @param {HTMLElement} setting an element with data-kind
 * @returns {unknown}
 * @throws {ValueError}
 */
export function readValue(setting) {
  const { kind } = setting.dataset;
  if (kind === "list") return itemsOf(setting).map((item) => Object.fromEntries(partsOf(item)));
  if (kind === "map")
    return mappingOf(
      itemsOf(setting).map((item) => {
        const parts = Object.fromEntries(partsOf(item));
        return [String(parts.key ?? ""), parts.value];
      }),
    );
  if (kind === "several")
    return Array.from(/** @type {NodeListOf<HTMLInputElement>} */ (setting.querySelectorAll("input:checked")), ({ value }) => value);
  const input = /** @type {HTMLInputElement} */ (setting.querySelector("input, select, textarea"));
  if (kind === "switch") return input.checked;
  // A browser gives nothing for what is no number in a number's field.
  if (kind === "number") return input.validity.badInput ? "no number" : numberOf(input.value);
  if (kind === "lines") return input.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return input.value;
}

/**
 * @param {HTMLElement} setting
 * @returns {HTMLElement[]}
 */
export function itemsOf(setting) {
  const list = setting.querySelector("ol.items");
  return list ? /** @type {HTMLElement[]} */ (Array.from(list.children)) : [];
}

/**
 * @param {HTMLElement} item
 * @returns {[string, unknown][]}
 */
function partsOf(item) {
  const parts = /** @type {HTMLElement[]} */ (Array.from(item.querySelector(".item-parts")?.children ?? []));
  return parts.map((part) => [part.dataset.part ?? "", readValue(part)]);
}
