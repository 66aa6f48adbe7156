import { h, heading, keyHint } from "../dom.js";
import { texts } from "../texts.js";

/**
 * What a practice sound was.
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Trial} trial
 * @returns {import("../types.js").Screen}
 */
export function feedbackScreen(app, { position, number, n_trials: nTrials, task, feedback }) {
  const { label, is_right: isRight } = feedback ?? { label: "", is_right: null };
  const finish = () => {
    if (next.disabled) return;
    next.disabled = true;
    app.send("continue", { position });
  };
  const next = h("button", { type: "button", class: "primary", "data-action": "next", click: finish }, texts.next, keyHint("Enter"));
  const verdict = isRight === null ? texts.practice : isRight ? texts.feedbackRight : texts.feedbackWrong;
  return {
    element: h(
      "section",
      {},
      heading(verdict),
      h("p", { class: "count" }, texts.practiceCount(number, nTrials)),
      h("p", { class: "category" }, (task === "two_interval" ? texts.feedbackFake : texts.feedbackTruth)(label)),
      h("div", { class: "actions" }, next),
    ),
    keys: { Enter: finish },
  };
}
