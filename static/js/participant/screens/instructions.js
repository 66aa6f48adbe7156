import { h, heading, keyHint, prose } from "../dom.js";
import { texts } from "../texts.js";

/**
 * @param {import("../types.js").App} app
 * @param {{html: string}} instructions
 * @returns {import("../types.js").Screen}
 */
export function instructionsScreen(app, instructions) {
  const finish = () => {
    if (next.disabled) return;
    next.disabled = true;
    app.send("instructions");
  };
  const next = h("button", { type: "button", class: "primary", "data-action": "next", click: finish }, texts.next, keyHint("Enter"));
  return {
    element: h("section", {}, heading(texts.instructions), prose(instructions.html), h("div", { class: "actions" }, next)),
    keys: { Enter: finish },
  };
}
