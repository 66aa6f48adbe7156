import assert from "node:assert/strict";
import { test } from "node:test";

import { rate, showProgress, timeLeft } from "../../static/js/job-progress.js";

test("says the time left in words", () => {
  assert.equal(timeLeft(null), "");
  assert.equal(timeLeft(12), "less than a minute left");
  assert.equal(timeLeft(150), "about 3 min left");
  assert.equal(timeLeft(3 * 3600), "about 3 h left");
});

test("says the pace in words", () => {
  const progress = { state: "running", is_open: true, n_done: 10, n_total: 110, unit: "clips", seconds_left: 40 };
  assert.equal(rate(progress), "2.5 clips a second");
  assert.equal(rate({ ...progress, seconds_left: 400 }), "15.0 clips a minute");
  assert.equal(rate({ ...progress, seconds_left: null }), "");
});

test("shows state, count and bar", () => {
  const parts = {
    "[data-job-state]": { textContent: "" },
    "[data-job-bar]": { max: 1, value: 0 },
    "[data-job-count]": { textContent: "" },
    "[data-job-left]": { textContent: "" },
    "[data-job-wait]": { hidden: false },
  };
  const job = { querySelector: (/** @type {keyof typeof parts} */ name) => parts[name] };
  const progress = { state: "running", is_open: true, n_done: 30, n_total: 100, unit: "epochs", seconds_left: 90 };
  showProgress(/** @type {any} */ (job), progress);
  assert.deepEqual(parts["[data-job-bar]"], { max: 100, value: 30 });
  assert.equal(parts["[data-job-count]"].textContent, "30 of 100 epochs");
  assert.equal(parts["[data-job-state]"].textContent, "running");
  assert.equal(parts["[data-job-left]"].textContent, "46.7 epochs a minute, about 2 min left");
  assert.equal(parts["[data-job-wait]"].hidden, true, "it waits for no worker any more");
  showProgress(/** @type {any} */ (job), { ...progress, state: "queued", n_done: 0, n_total: 0 });
  assert.equal(parts["[data-job-count]"].textContent, "", "nobody knows yet of how many");
});
