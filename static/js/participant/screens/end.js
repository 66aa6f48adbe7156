import { h, prose, heading } from "../dom.js";
import { texts } from "../texts.js";

/**
 * @param {import("../types.js").App} app
 * @param {import("../types.js").End} end
 * @returns {import("../types.js").Screen}
 */
export function endScreen(app, end) {
  return {
    element: h(
      "section",
      { "data-outcome": end.outcome },
      heading(end.heading),
      prose(end.html),
      end.completion_code ? codeBox(app, end.completion_code) : null,
    ),
  };
}

/**
 * @param {import("../types.js").App} app
 * @param {string} code
 */
function codeBox(app, code) {
  const copy = h("button", {
    type: "button",
    click: () =>
      navigator.clipboard.writeText(code).then(
        () => {
          copy.textContent = texts.copied;
          app.say(texts.copied);
        },
        // Not allowed here: the code stands beside the button and can be selected.
        () => copy.remove(),
      ),
  });
  copy.textContent = texts.copy;
  // The clipboard exists on secure origins only.
  return h("div", { class: "code" }, h("p", {}, texts.code), h("output", {}, code), navigator.clipboard ? copy : null);
}
