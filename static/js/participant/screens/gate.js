import { h, heading, keyHint } from "../dom.js";
import { texts } from "../texts.js";

/**
 * After a reload: the browser gives no sound before a gesture, so one is asked for.
 * @param {() => void} open called inside the gesture
 * @returns {import("../types.js").Screen}
 */
export function gateScreen(open) {
  const next = h("button", { type: "button", class: "primary", "data-action": "continue", click: open }, texts.next, keyHint("Enter"));
  return {
    element: h("section", {}, heading(texts.back), h("p", {}, texts.backHelp), h("div", { class: "actions" }, next)),
    keys: { Enter: open, Space: open },
  };
}
