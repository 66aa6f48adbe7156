import { h, heading, keyHint, progressBar } from "../dom.js";
import { texts } from "../texts.js";
import { categoryLine, titleOf } from "./trial.js";

const TEXT_LENGTH = 500;

/**
 * Why the participant answered so. The answer itself is stored already.
 *
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Trial} trial
 * @param {boolean} isPractice
 * @returns {import("../types.js").Screen}
 */
export function reasonScreen(app, trial, isPractice) {
  const { position, number, n_trials: nTrials, reasons } = trial;
  const answer = trial.choices.find(({ value }) => value === trial.answer)?.label ?? "";
  const isSingle = trial.reason_mode !== "multiple";
  const shownAt = performance.now();
  const inputs = reasons.map(({ code }, index) =>
    h("input", { type: isSingle ? "radio" : "checkbox", name: "reason", value: code, id: `reason-${index}`, change: () => follow() }),
  );
  const words = h("input", { type: "text", id: "reason-text", maxlength: TEXT_LENGTH, autocomplete: "off", dir: "auto" });
  const wordsField = h("p", { class: "words", hidden: true }, h("label", { for: "reason-text" }, texts.reasonText), words);
  const problem = h("p", { class: "problem", id: "reason-problem", role: "alert" });
  const next = h("button", { class: "primary", "data-action": "next" }, texts.next, keyHint("Enter"));

  const chosen = () => reasons.filter((_, index) => inputs[index].checked);
  const needsWords = () => chosen().some((reason) => reason.needs_text);
  const follow = () => {
    problem.textContent = "";
    wordsField.hidden = !needsWords();
  };
  /** @param {Event} event */
  const finish = (event) => {
    event.preventDefault();
    if (next.disabled) return;
    const text = needsWords() ? words.value.trim() : "";
    if (chosen().length === 0) return complain(texts.reasonFirst, inputs[0]);
    if (needsWords() && !text) return complain(texts.reasonTextFirst, words);
    next.disabled = true;
    app.send("reason", { position, codes: chosen().map(({ code }) => code), text, rt_ms: event.timeStamp - shownAt });
  };
  /**
   * @param {string} text
   * @param {HTMLElement} target
   */
  const complain = (text, target) => {
    problem.textContent = text;
    target.focus();
  };
  /** @type {import("../types.js").KeyMap} */
  const keys = { Enter: () => form.requestSubmit() };
  inputs.slice(0, 9).forEach((input, index) => {
    keys[String(index + 1)] = () => {
      input.checked = isSingle || !input.checked;
      input.focus();
      follow();
    };
  });
  const items = reasons.map(({ label }, index) =>
    h("label", { class: "reason", for: `reason-${index}` }, inputs[index], h("span", { dir: "auto" }, label), index < 9 ? keyHint(String(index + 1)) : null),
  );
  const legend = h("legend", {}, isSingle ? texts.reasonOne : texts.reasonMany);
  const form = h(
    "form",
    { novalidate: true, submit: finish },
    h("fieldset", { class: "reasons", "aria-describedby": "reason-problem" }, legend, ...items, wordsField),
    problem,
    h("div", { class: "actions" }, next),
  );
  return {
    element: h(
      "section",
      {},
      heading(texts.reason(answer.toLowerCase())),
      progressBar(titleOf(trial, isPractice), number - 1, nTrials),
      categoryLine(trial.category),
      form,
    ),
    keys,
  };
}
