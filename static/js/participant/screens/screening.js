import { h, heading, progressBar } from "../dom.js";
import { Player } from "../player.js";
import { texts } from "../texts.js";
import { Choices } from "./choices.js";

/**
 * @param {import("../types.js").App} app
 * @param {import("../types.js").Screening} screening
 * @returns {import("../types.js").Screen}
 */
export function screeningScreen(app, screening) {
  const { position, n_trials: nTrials } = screening;
  const player = new Player(app, {
    sound: screening.sound,
    grant: () => app.send("screening-play", { position }),
    ended: () => {
      player.set("off", texts.choose);
      choices.open(true);
      if (document.activeElement === document.body || document.activeElement === player.status) choices.legend.focus();
    },
  });
  const options = screening.answers.map((n) => ({ value: String(n), label: texts.sound(n), keys: [String(n)] }));
  const choices = new Choices(screening.question, options, (value, event) => {
    const rt = player.last && app.unlock().msSince(player.last.endsAt, event.timeStamp);
    app.send("screening-answer", { position, answer: Number(value), rt_from_offset_ms: rt });
  });
  if (screening.played) {
    player.set("off", texts.screeningPlayed);
    choices.open(true);
  }
  const isLast = screening.attempt >= screening.attempts;
  const help = screening.failed_before ? (isLast ? texts.screeningAgain : texts.screeningAgainMore) : texts.screeningHelp;
  return {
    element: h(
      "section",
      {},
      heading(texts.screening),
      progressBar(texts.screeningCount(position + 1, nTrials), position, nTrials),
      h("p", screening.failed_before ? { class: "notice" } : {}, help),
      player.element,
      choices.element,
    ),
    keys: { Space: () => player.press(), ...choices.keys },
    leave: () => player.leave(),
  };
}
