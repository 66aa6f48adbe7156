import { h } from "../dom.js";
import { problemOf } from "../question-check.js";
import { texts } from "../texts.js";

/** @typedef {import("../types.js").Question} Question */

const TEXT_LENGTH = 1000;

/** Questions one below the other, each with its problem beside it. */
export class QuestionForm {
  #fields;

  /**
   * @param {Question[]} questions
   * @param {object} [options]
   * @param {string[]} [options.wrong] codes whose last answer was not right
   */
  constructor(questions, { wrong = [] } = {}) {
    this.#fields = questions.map((question) => makeField(question, wrong.includes(question.code)));
    this.element = h("div", { class: "questions" }, ...this.#fields.map((field) => field.element));
  }

  /** The answers by code; null when one is missing or unfit: then it is told, and has the focus. */
  read() {
    const faulty = this.#fields.filter((field) => field.check());
    if (faulty.length > 0) {
      faulty[0].focus();
      return null;
    }
    /** @type {Record<string, string>} */
    const answers = {};
    for (const { code, answer } of this.#fields) if (answer()) answers[code] = answer();
    return answers;
  }
}

/**
 * @param {Question} question
 * @param {boolean} wasWrong
 */
function makeField(question, wasWrong) {
  const { code, text, kind, required } = question;
  const id = `question-${code}`;
  const problem = h("p", { class: "problem", id: `${id}-problem` });
  problem.textContent = wasWrong ? texts.wrongAnswer : "";
  const words = [h("span", { dir: "auto" }, text), required ? h("span", { class: "needed" }, ` ${texts.needed}`) : null];
  const inputs = kind === "choice" ? radios(question, id) : [box(question, id)];
  for (const input of inputs) {
    input.addEventListener("input", () => complain(""));
    input.addEventListener("change", () => complain(""));
    if (required && kind !== "choice") input.setAttribute("aria-required", "true");
  }
  /** @param {string} message */
  const complain = (message) => {
    problem.textContent = message;
    for (const input of inputs) {
      input.setAttribute("aria-invalid", String(Boolean(message)));
      if (message) input.setAttribute("aria-describedby", problem.id);
      else input.removeAttribute("aria-describedby");
    }
  };
  const answer = () =>
    kind === "choice" ? (inputs.find((input) => "checked" in input && input.checked)?.value ?? "") : inputs[0].value.trim();
  const check = () => {
    const found = problemOf(question, answer());
    if (found === "missing") complain(kind === "choice" ? texts.chooseFirst : texts.writeFirst);
    if (found === "number") complain(texts.numberFirst(question.minimum ?? 0, question.maximum ?? 1_000_000));
    return found !== "";
  };
  const element =
    kind === "choice"
      ? h("fieldset", { class: "question" }, h("legend", {}, ...words), ...labelled(question, inputs), problem)
      : h("div", { class: "question" }, h("label", { for: id }, ...words), inputs[0], problem);
  if (wasWrong) complain(texts.wrongAnswer);
  return { code, answer, check, element, focus: () => inputs[0].focus() };
}

/**
 * @param {Question} question
 * @param {string} id
 */
function radios({ code, options, required }, id) {
  return options.map(({ value }, index) =>
    h("input", { type: "radio", name: code, value, id: `${id}-${index}`, required }),
  );
}

/**
 * @param {Question} question
 * @param {HTMLElement[]} inputs
 */
function labelled({ options }, inputs) {
  return options.map(({ label }, index) => h("label", { class: "reason" }, inputs[index], h("span", { dir: "auto" }, label)));
}

/**
 * @param {Question} question
 * @param {string} id
 */
function box({ code, kind }, id) {
  if (kind === "text") return h("textarea", { id, name: code, rows: 3, maxlength: TEXT_LENGTH, dir: "auto" });
  return h("input", { type: "text", inputmode: "numeric", id, name: code, maxlength: 7, autocomplete: "off" });
}
