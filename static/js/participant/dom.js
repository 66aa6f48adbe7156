import { texts } from "./texts.js";

/**
 * Make an element. Attributes: true is written empty, false and null are left out, functions are listeners.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | ((event: any) => void)>} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * The heading of a screen; it takes the focus when the screen appears.
 * @param {string} text
 */
export const heading = (text) => h("h1", { tabindex: -1, dir: "auto" }, text);

/**
 * A text of the study. The server made it from Markdown and sanitised it.
 * @param {string} html
 */
export function prose(html) {
  const element = h("div", { class: "prose", dir: "auto" });
  element.innerHTML = html;
  return element;
}

/**
 * A key's name in the page's language, shown where there is a keyboard.
 * @param {string} name
 */
export const keyHint = (name) => h("kbd", { "aria-hidden": "true" }, texts.keyNames[name] ?? name);

/**
 * @param {string} text
 * @param {number} done
 * @param {number} total
 * @param {boolean} [isTextShown] false where the heading says the same
 */
export function progressBar(text, done, total, isTextShown = true) {
  return h(
    "div",
    { class: "progress" },
    isTextShown ? h("p", { class: "count" }, text) : null,
    h("progress", { max: total, value: done, "aria-label": text }),
  );
}
