// Rows of a list: add, remove, move. Names, labels and buttons follow the rows' positions.
import { itemsOf } from "./values.js";

const NEW = "__new__";
const NAMED = ["id", "name", "for", "value", "list", "aria-describedby", "data-list", "data-problem"];

/**
 * Put another position into a path wherever a text holds it.
 * @param {string} text
 * @param {string} list path of the list
 * @param {string} from
 * @param {string} to
 */
export function moved(text, list, from, to) {
  return text
    .replaceAll(`${list}.${from}.`, `${list}.${to}.`)
    .replace(new RegExp(`^((?:up|down|remove) ${list.replaceAll(".", "\\.")}) ${from}$`), `$1 ${to}`);
}

/**
 * @param {ParentNode} root
 * @param {string} list
 * @param {string} from
 * @param {string} to
 */
function rename(root, list, from, to) {
  for (const element of root.querySelectorAll("*")) {
    for (const name of NAMED) {
      const text = element.getAttribute(name);
      // What a person entered is no name: only the buttons' values are.
      if (text === null || (name === "value" && element.tagName !== "BUTTON")) continue;
      element.setAttribute(name, moved(text, list, from, to));
    }
    if (element instanceof HTMLTemplateElement) rename(element.content, list, from, to);
  }
}

/** @param {HTMLElement} fieldset with data-list */
export function renumber(fieldset) {
  const list = fieldset.dataset.list ?? "";
  const rows = itemsOf(fieldset);
  // Two steps, so that no two rows have one name in between: radio buttons would lose their choice.
  rows.forEach((row, index) => rename(row, list, row.dataset.item ?? "", `__at${index}__`));
  rows.forEach((row, index) => {
    rename(row, list, `__at${index}__`, String(index));
    row.dataset.item = String(index);
    const buttons = /** @type {HTMLElement} */ (row.querySelector(":scope > .item-buttons"));
    buttons.setAttribute("aria-label", `Item ${index + 1}`);
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (buttons.querySelectorAll("[data-do]"))) {
      const verb = button.dataset.do;
      button.setAttribute("aria-label", verb === "remove" ? `Remove item ${index + 1}` : `Move item ${index + 1} ${verb}`);
      button.disabled = (verb === "up" && index === 0) || (verb === "down" && index === rows.length - 1);
    }
  });
}

/**
 * Do what a button of a list says; the words tell what was done.
 * @param {HTMLButtonElement} button
 * @returns {string}
 */
export function doInList(button) {
  const fieldset = /** @type {HTMLElement} */ (button.closest("[data-list]"));
  const list = /** @type {HTMLElement} */ (fieldset.querySelector("ol.items"));
  const row = /** @type {HTMLElement | null} */ (button.closest(".item"));
  const verb = button.dataset.do;
  if (verb === "add") return add(fieldset, list);
  if (!row) return "";
  const place = itemsOf(fieldset).indexOf(row);
  if (verb === "remove") {
    row.remove();
    renumber(fieldset);
    const next = itemsOf(fieldset)[place] ?? itemsOf(fieldset)[place - 1];
    const target = next?.querySelector(":scope > .item-buttons [data-do=remove]") ?? fieldset.querySelector(":scope > [data-do=add]");
    /** @type {HTMLElement | null} */ (target)?.focus();
    return `Item ${place + 1} is removed.`;
  }
  const other = itemsOf(fieldset)[verb === "up" ? place - 1 : place + 1];
  if (!other) return "";
  if (verb === "up") other.before(row);
  else other.after(row);
  renumber(fieldset);
  if (button.disabled) /** @type {HTMLElement | null} */ (row.querySelector(`:scope > .item-buttons [data-do=${verb === "up" ? "down" : "up"}]`))?.focus();
  else button.focus();
  return `Moved to place ${itemsOf(fieldset).indexOf(row) + 1}.`;
}

/**
 * @param {HTMLElement} fieldset
 * @param {HTMLElement} list
 */
function add(fieldset, list) {
  const template = /** @type {HTMLTemplateElement} */ (fieldset.querySelector(":scope > template"));
  const row = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
  row.dataset.item = NEW;
  list.append(row);
  renumber(fieldset);
  row.querySelectorAll("[data-list]").forEach((inner) => renumber(/** @type {HTMLElement} */ (inner)));
  /** @type {HTMLElement | null} */ (row.querySelector("input, select, textarea"))?.focus();
  return `Item ${itemsOf(fieldset).length} is added. Fill it in.`;
}
