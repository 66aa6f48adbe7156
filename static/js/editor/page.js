// The study editor: what is typed is saved, and the preview and the estimate follow.
import { showCost } from "./cost.js";
import { doInList, renumber } from "./lists.js";
import { Saver } from "./saver.js";
import { readValue, ValueError } from "./values.js";

const TYPING_MS = 600;

const editor = /** @type {HTMLElement} */ (document.querySelector("[data-editor]"));
const form = /** @type {HTMLFormElement} */ (editor.querySelector("form[data-section]"));
const status = /** @type {HTMLElement} */ (editor.querySelector("[data-status]"));
const frame = /** @type {HTMLIFrameElement | null} */ (editor.querySelector("[data-preview]"));
const cost = /** @type {HTMLElement | null} */ (editor.querySelector("[data-cost]"));
const costChanged = cost ? showCost(cost) : () => {};
/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const typing = new Map();

const saver = new Saver({
  url: editor.dataset.savesTo ?? "",
  revision: Number(editor.dataset.revision),
  token: /** @type {HTMLInputElement} */ (form.querySelector("[name=csrfmiddlewaretoken]")).value,
  onStatus: (kind, words) => {
    editor.dataset.state = kind;
    status.textContent = words;
  },
  onSaved: (saved) => {
    for (const base of editor.querySelectorAll("[data-base]")) /** @type {HTMLInputElement} */ (base).value = String(saved.revision);
    const setting = find(saved.path);
    if (saved.html !== null && setting) replace(setting, saved.html);
    else if (setting) mark(setting, saved.differs);
    const undo = editor.querySelector("[data-undo] button");
    if (undo instanceof HTMLButtonElement) undo.disabled = false;
    const redo = editor.querySelector("[data-redo] button");
    if (redo instanceof HTMLButtonElement) redo.disabled = true;
    follow(saved);
  },
  onProblems: (path, problems) => showProblems(path, problems),
});

/**
 * @param {string} path
 * @returns {HTMLElement | null}
 */
function find(path) {
  return form.querySelector(`[data-setting="${CSS.escape(path)}"]`);
}

/**
 * @param {HTMLElement} setting
 * @param {boolean} differs
 */
function mark(setting, differs) {
  setting.classList.toggle("differs", differs);
  const note = /** @type {HTMLElement | null} */ (setting.querySelector(":scope > .changed"));
  if (note) note.hidden = !differs;
}

/**
 * @param {HTMLElement} setting
 * @param {string} html made by the server's template
 */
function replace(setting, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = /** @type {HTMLElement} */ (template.content.querySelector("[data-setting]"));
  setting.replaceWith(fresh);
  prepare(fresh);
  /** @type {HTMLElement | null} */ (fresh.querySelector("input, select, textarea, button"))?.focus();
}

/** @param {import("./saver.js").Saved} saved */
function follow(saved) {
  for (const name of /** @type {("words" | "parts")[]} */ (["words", "parts"])) {
    const place = editor.querySelector(`[data-estimate=${name}]`);
    if (place) place.textContent = saved.estimate[name];
  }
  for (const [path, words] of Object.entries(saved.notes)) {
    const note = form.querySelector(`[data-note="${CSS.escape(path)}"]`);
    if (note) note.textContent = words;
  }
  if (cost) cost.dataset.minutes = String(saved.estimate.minutes);
  costChanged();
  frame?.contentWindow?.location.reload();
}

/**
 * Problems stand at their field where the page shows it, the others at the setting that was changed.
 * @param {string} path
 * @param {import("./saver.js").Problem[]} problems
 */
function showProblems(path, problems) {
  const setting = find(path);
  if (!setting) return;
  const places = /** @type {HTMLElement[]} */ (Array.from(setting.querySelectorAll("[data-problem]")));
  for (const place of places) tell(place, "");
  for (const problem of problems) {
    const exact = places.find((place) => place.dataset.problem === problem.path);
    const inside = places.find((place) => place.dataset.problem?.startsWith(`${problem.path}.`) && problem.path !== path);
    const place = exact ?? inside ?? places[0];
    const isHere = exact || inside || problem.path === "" || path.startsWith(problem.path);
    tell(place, `${place.textContent} ${isHere ? "" : `${problem.path}: `}${problem.message}`.trim());
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} words
 */
function tell(place, words) {
  place.textContent = words;
  const input = document.getElementById(`id_${place.dataset.problem}`);
  if (words) input?.setAttribute("aria-invalid", "true");
  else input?.removeAttribute("aria-invalid");
}

/** @param {HTMLElement} setting */
function send(setting) {
  const path = setting.dataset.setting ?? "";
  clearTimeout(typing.get(path));
  typing.delete(path);
  try {
    saver.save({ path, value: readValue(setting) });
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    saver.refuse(path, error.message);
  }
}

/**
 * @param {Event} event
 * @param {number} delay
 */
function changed(event, delay) {
  const setting = event.target instanceof Element ? event.target.closest("[data-setting]") : null;
  if (!(setting instanceof HTMLElement)) return;
  const path = setting.dataset.setting ?? "";
  clearTimeout(typing.get(path));
  editor.dataset.state = "typing";
  typing.set(path, setTimeout(() => send(setting), delay));
}

/** @param {HTMLElement} root */
function prepare(root) {
  root.querySelectorAll("[data-list]").forEach((list) => renumber(/** @type {HTMLElement} */ (list)));
}

form.addEventListener("input", (event) => changed(event, TYPING_MS));
form.addEventListener("change", (event) => changed(event, 0));
form.addEventListener("submit", (event) => {
  // Enter in a field: it is saved already, or about to be.
  event.preventDefault();
  leave(() => {});
});
form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-do]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const setting = /** @type {HTMLElement} */ (button.closest("[data-setting]"));
  const path = setting.dataset.setting ?? "";
  if (button.dataset.do === "reset") return void saver.save({ path, reset: true });
  const words = doInList(button);
  if (words) status.textContent = words;
  if (button.dataset.do !== "add") send(setting);
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  // In a field the browser's own undo works on its letters.
  if (event.target instanceof Element && event.target.matches("input:not([type=checkbox]), textarea")) return;
  const key = event.key.toLowerCase();
  const which = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : "";
  const button = which && editor.querySelector(`[data-${which}] button`);
  if (!(button instanceof HTMLButtonElement) || button.disabled) return;
  event.preventDefault();
  button.click();
});
addEventListener("beforeunload", (event) => {
  if (typing.size > 0 || saver.isPending) event.preventDefault();
});
/** Send what is still typed, then do what leaves the page. What is wrong stays in the page, and the browser asks. */
async function leave(/** @type {() => void} */ go) {
  form.querySelectorAll("[data-setting]").forEach((setting) => {
    if (setting instanceof HTMLElement && typing.has(setting.dataset.setting ?? "")) send(setting);
  });
  await saver.settled();
  go();
}

for (const leaving of /** @type {NodeListOf<HTMLFormElement>} */ (editor.querySelectorAll("[data-undo], [data-redo]")))
  leaving.addEventListener("submit", (event) => {
    if (typing.size === 0 && !saver.isPending) return;
    event.preventDefault();
    leave(() => leaving.submit());
  });
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (typing.size === 0 && !saver.isPending) return;
  event.preventDefault();
  leave(() => location.assign(link.href));
});

const screens = /** @type {HTMLSelectElement | null} */ (editor.querySelector("[data-preview-screen]"));
screens?.addEventListener("change", () => {
  if (frame) frame.src = screens.value;
  editor.querySelector("[data-preview-link]")?.setAttribute("href", screens.value);
});
prepare(form);
editor.dataset.state = "ready";
