import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { attachLiveCurves } from "../../static/js/live-curves.js";

const source = { textContent: "{}" };
const figure = Object.assign(new EventTarget(), { dataset: { chart: "curves" } });
const place = { dataset: { liveCurves: "/curves", curvesAt: "0-10" }, hidden: true, querySelector: () => figure };
/** @type {string[]} */
let asked = [];
let n_drawn = 0;
/** @type {(curves_at?: string) => Promise<void>} */
let progress;
figure.addEventListener("chart-changed", () => (n_drawn += 1));

beforeEach(() => {
  [asked, n_drawn, place.hidden] = [[], 0, true];
  const page = Object.assign(new EventTarget(), { querySelector: () => place, getElementById: () => source });
  attachLiveCurves(/** @type {any} */ (page), async (address) => {
    asked.push(address);
    return { of: asked.length };
  });
  progress = async (curves_at) => {
    page.dispatchEvent(new CustomEvent("job-progress", { detail: { curves_at } }));
    await new Promise((resolve) => setImmediate(resolve));
  };
});

test("curves that are shown already are not asked for", async () => {
  await progress("0-10");
  await progress("");
  await progress(undefined);
  assert.deepEqual([asked, n_drawn, place.hidden], [[], 0, true]);
});

test("a newer state is asked for once, drawn and shown", async () => {
  await progress("0-20");
  await progress("0-20");
  assert.deepEqual([asked, n_drawn, place.hidden], [["/curves"], 1, false]);
  assert.equal(source.textContent, '{"of":1}');
  await progress("1-10");
  assert.equal(n_drawn, 2);
});
