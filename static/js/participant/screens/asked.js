import { h, heading, prose } from "../dom.js";
import { texts } from "../texts.js";
import { QuestionForm } from "./questions.js";

/** @typedef {import("../types.js").Question} Question */

/**
 * A page of questions: who may take part, or who took part.
 * @param {import("../types.js").App} app
 * @param {"eligibility" | "questions"} step
 * @param {Question[]} questions
 * @returns {import("../types.js").Screen}
 */
export function askedScreen(app, step, questions) {
  const title = step === "eligibility" ? texts.eligibility : texts.questions;
  const help = step === "questions" ? h("p", {}, texts.questionsHelp) : null;
  return { element: h("section", {}, heading(title), help, questionForm(app, step, new QuestionForm(questions))) };
}

/**
 * @param {import("../types.js").App} app
 * @param {{html: string, questions: Question[], tries: number, wrong: string[]}} instructions
 * @param {boolean} isSwapped
 * @returns {import("../types.js").Screen}
 */
export function instructionsScreen(app, { html, questions, tries, wrong }, isSwapped) {
  const form = new QuestionForm(questions, { wrong });
  const again = tries > 0 ? h("p", { class: "notice", role: "alert" }, texts.understoodWrong) : null;
  const swapped = isSwapped ? h("p", { class: "notice", role: "alert" }, texts.swapped) : null;
  const check = questions.length > 0 ? h("h2", {}, texts.understood) : null;
  return {
    element: h("section", {}, heading(texts.instructions), swapped, again, prose(html), check, questionForm(app, "instructions", form)),
  };
}

/**
 * @param {import("../types.js").App} app
 * @param {string} action
 * @param {QuestionForm} form
 */
function questionForm(app, action, form) {
  const next = h("button", { class: "primary", "data-action": "next" }, texts.next);
  /** @param {Event} event */
  const finish = (event) => {
    event.preventDefault();
    if (next.disabled) return;
    const answers = form.read();
    if (!answers) return;
    next.disabled = true;
    app.send(action, { answers });
  };
  return h("form", { novalidate: true, submit: finish }, form.element, h("div", { class: "actions" }, next));
}
