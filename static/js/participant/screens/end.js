import { h, heading, prose } from "../dom.js";
import { texts } from "../texts.js";

/** @typedef {import("../types.js").End} End */

/**
 * @param {import("../types.js").App} app
 * @param {End} end
 * @returns {import("../types.js").Screen}
 */
export function endScreen(app, end) {
  const way = h("div", { class: "exit" });
  const sending = h("p", { class: "status" }, texts.sendingRest);
  if (end.exit) {
    way.append(sending);
    // Nobody is led away from answers that are still on their way.
    app.settled().then(() => way.replaceChildren(exitButton(/** @type {NonNullable<End["exit"]>} */ (end.exit))));
  }
  return {
    element: h(
      "section",
      { "data-outcome": end.outcome },
      heading(end.heading),
      prose(end.html),
      end.completion_code ? codeBox(app, texts.code, end.completion_code) : null,
      end.completion_code && !end.exit ? h("p", {}, texts.codeHelp) : null,
      way,
      end.debrief ? debriefing(end.debrief) : null,
      end.withdrawal_code ? withdrawal(app, end.withdrawal_code, end.withdrawal_url) : null,
      end.outcome === "completed" && !end.exit ? h("p", {}, texts.mayClose) : null,
    ),
  };
}

/** @param {NonNullable<End["exit"]>} exit */
function exitButton({ url, method, fields }) {
  const inputs = Object.entries(fields).map(([name, value]) => h("input", { type: "hidden", name, value }));
  const button = h("button", { class: "primary", "data-action": "exit" }, texts.exit);
  if (method === "POST") return h("form", { method: "post", action: url, class: "actions" }, ...inputs, button);
  return h("div", { class: "actions" }, h("a", { class: "button primary", href: url, rel: "noreferrer", "data-action": "exit" }, texts.exit));
}

/** @param {NonNullable<End["debrief"]>} debrief */
function debriefing({ html, n_right: nRight, n_judged: nJudged, rows }) {
  return h(
    "div",
    { class: "debrief" },
    h("h2", {}, texts.debrief),
    prose(html),
    nRight !== null && nJudged ? h("p", {}, texts.score(nRight, nJudged)) : null,
    rows.length > 0 ? debriefTable(rows) : null,
  );
}

/** @param {NonNullable<End["debrief"]>["rows"]} rows */
function debriefTable(rows) {
  const hasCategory = rows.some(({ category }) => category !== null);
  const titles = [texts.debriefSound, ...(hasCategory ? [texts.debriefCategory] : []), texts.debriefAnswer, texts.debriefTruth];
  const head = h("thead", {}, h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title))));
  const body = rows.map(({ category, answer, truth, is_right: isRight }, index) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, String(index + 1)),
      hasCategory ? h("td", { dir: "auto" }, category ?? "") : null,
      h("td", {}, answer),
      h("td", {}, truth, isRight === null ? null : h("span", { class: "mark", "aria-hidden": "true" }, isRight ? " ✓" : " ✗")),
    ),
  );
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": texts.debrief }, h("table", {}, head, h("tbody", {}, ...body)));
}

/**
 * @param {import("../types.js").App} app
 * @param {string} code
 * @param {string | null} url
 */
function withdrawal(app, code, url) {
  const shown = code.replace(/(.{5})(?=.)/g, "$1-");
  const link = url ? h("a", { href: url, rel: "noreferrer" }, texts.withdrawalPage) : null;
  return h("div", { class: "withdrawal" }, codeBox(app, texts.withdrawalCode, shown), h("p", {}, texts.withdrawalHelp, " ", link));
}

/**
 * @param {import("../types.js").App} app
 * @param {string} title
 * @param {string} code
 */
function codeBox(app, title, code) {
  const copy = h("button", {
    type: "button",
    "aria-label": `${texts.copy}: ${title}`,
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
  return h("div", { class: "code" }, h("p", {}, title), h("output", {}, code), navigator.clipboard ? copy : null);
}
