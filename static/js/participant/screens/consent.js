import { h, heading, prose } from "../dom.js";
import { texts } from "../texts.js";

/**
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Consent} consent
 * @returns {import("../types.js").Screen}
 */
export function consentScreen(app, consent) {
  /** @param {boolean} agree */
  const decide = (agree) => {
    // The first gesture of the page: the one audio context of the run is made here.
    if (agree) app.unlock();
    app.send("consent", { agree });
  };
  const element = h(
    "section",
    {},
    heading(texts.consent),
    prose(consent.html),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "primary", "data-action": "agree", click: () => decide(true) }, consent.agree_label),
      h("button", { type: "button", "data-action": "decline", click: () => decide(false) }, consent.decline_label),
    ),
  );
  return { element };
}
