import { h, heading, prose } from "../dom.js";
import { texts } from "../texts.js";

/**
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Consent} consent
 * @returns {import("../types.js").Screen}
 */
export function consentScreen(app, consent) {
  const ticks = consent.ticks.map(({ code, label_html: html, required }) => {
    const id = `tick-${code}`;
    const box = h("input", { type: "checkbox", id, name: code, change: () => complain("") });
    if (required) box.setAttribute("aria-required", "true");
    const problem = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });
    /** @param {string} text */
    const complain = (text) => {
      problem.textContent = text;
      box.toggleAttribute("aria-invalid", Boolean(text));
      if (text) box.setAttribute("aria-describedby", problem.id);
      else box.removeAttribute("aria-describedby");
    };
    const label = prose(html);
    label.className = "tick-label";
    const element = h("div", { class: "tick" }, h("label", { for: id }, box, label), problem);
    return { code, required, box, complain, element };
  });
  /** @param {boolean} agree */
  const decide = (agree) => {
    const missing = agree ? ticks.filter(({ required, box }) => required && !box.checked) : [];
    for (const tick of missing) tick.complain(texts.tickFirst);
    if (missing.length > 0) return missing[0].box.focus();
    // The first gesture of the page: the one audio context of the run is made here.
    if (agree) app.unlock();
    app.send("consent", { agree, ticks: agree ? ticks.filter(({ box }) => box.checked).map(({ code }) => code) : [] });
  };
  const element = h(
    "section",
    {},
    heading(texts.consent),
    prose(consent.html),
    ...ticks.map((tick) => tick.element),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "primary", "data-action": "agree", click: () => decide(true) }, consent.agree_label),
      h("button", { type: "button", "data-action": "decline", click: () => decide(false) }, consent.decline_label),
    ),
  );
  return { element };
}
