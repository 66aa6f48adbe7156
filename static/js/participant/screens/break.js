import { h, heading, keyHint, progressBar } from "../dom.js";
import { texts } from "../texts.js";

/**
 * The participant rests; the sounds of the next block are loaded meanwhile.
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Trial} trial
 * @returns {import("../types.js").Screen}
 */
export function breakScreen(app, { position, number, n_trials: nTrials }) {
  const finish = () => {
    if (next.disabled) return;
    next.disabled = true;
    app.send("continue", { position });
  };
  const next = h("button", { type: "button", class: "primary", "data-action": "next", click: finish }, texts.next, keyHint("Enter"));
  const loading = h("p", { class: "status" });
  /** @param {import("../sound-store.js").Progress} progress */
  const follow = ({ done, total }) => {
    loading.textContent = done < total ? texts.loading(done, total) : texts.loaded;
  };
  follow(app.sounds.progress);
  return {
    element: h(
      "section",
      {},
      heading(texts.break),
      progressBar(texts.trialCount(number, nTrials), number - 1, nTrials, false),
      h("p", {}, texts.breakHelp(number - 1, nTrials)),
      loading,
      h("div", { class: "actions" }, next),
    ),
    keys: { Enter: finish },
    loading: follow,
  };
}
