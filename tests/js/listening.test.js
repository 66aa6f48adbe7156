import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf } from "../../static/js/listen-keys.js";
import { makeNotes } from "../../static/js/clip-notes.js";
import { frequencyTicks, roundValues } from "../../static/js/sound-axes.js";

const plain = { ctrlKey: false, altKey: false, metaKey: false };
const nowhere = { isField: false, isButton: false };

test("ticks stand at round values", () => {
  assert.deepEqual(roundValues(4, 10), [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]);
  assert.deepEqual(roundValues(11025, 8), [0, 2000, 4000, 6000, 8000, 10000]);
  assert.ok(roundValues(0.01, 10).length <= 11);
});

test("octaves stand at equal distances, and nothing outside the picture", () => {
  const ticks = frequencyTicks({ duration_s: 1, top_hz: 4000, scale: "log", wave_share: 0.2, lowest_log_hz: 50 });
  assert.deepEqual(ticks.map(({ words }) => words), ["50", "100", "200", "500", "1 k", "2 k"]);
  assert.ok(Math.abs(ticks[2].at - 2 * ticks[1].at) < 1e-9);
});

test("a field keeps its keys, a button its space bar", () => {
  assert.equal(actionOf({ ...plain, key: "3" }, nowhere), "tag 3");
  assert.equal(actionOf({ ...plain, key: "F" }, nowhere), "fake");
  assert.equal(actionOf({ ...plain, key: "f", ctrlKey: true }, nowhere), "");
  assert.equal(actionOf({ ...plain, key: "f" }, { isField: true, isButton: false }), "");
  assert.equal(actionOf({ ...plain, key: "Escape" }, { isField: true, isButton: false }), "leave");
  assert.equal(actionOf({ ...plain, key: " " }, { isField: false, isButton: true }), "");
});

test("what the network lost is sent again, in order, and a refusal is said once", async () => {
  /** @type {string[]} */
  const heard = [];
  const answers = [() => Promise.reject(new Error("away")), () => Response.json({ place: 0 }), () => Response.json({ error: "no" }, { status: 422 })];
  const notes = makeNotes(
    async (place) => {
      heard.push(`post ${place}`);
      return /** @type {() => Promise<Response>} */ (answers.shift())();
    },
    {
      onStored: () => heard.push("stored"),
      onRefused: (words) => heard.push(words),
      onWaiting: () => heard.push("waiting"),
    },
    async () => {},
  );
  notes.say(0, { guess: "fake" });
  const last = notes.say(1);
  assert.equal(notes.isWaiting, true);
  await last;
  assert.deepEqual(heard, ["post 0", "waiting", "post 0", "stored", "post 1", "no"]);
  assert.equal(notes.isWaiting, false);
});
