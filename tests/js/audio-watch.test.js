import assert from "node:assert/strict";
import { test } from "node:test";

import { AudioWatch } from "../../static/js/participant/audio-watch.js";
import { FakeContext } from "./fake-audio.js";

/** @param {boolean} mayResume whether the browser lets the context run */
function setUp(mayResume = true) {
  const context = new FakeContext();
  if (!mayResume) context.resume = () => new Promise(() => {});
  const seen = { made: 0, states: /** @type {string[]} */ ([]), needed: /** @type {boolean[]} */ ([]) };
  const watch = new AudioWatch({
    makeContext: () => {
      seen.made += 1;
      return /** @type {any} */ (context);
    },
    onMade: () => {},
    onState: (state) => seen.states.push(state),
    onGestureNeeded: (isNeeded) => seen.needed.push(isNeeded),
  });
  return { context, watch, seen };
}

test("the page makes one context, however often the audio is unlocked", async () => {
  const { watch, seen } = setUp();
  const engine = watch.unlock();
  await watch.running();
  assert.equal(watch.unlock(), engine);
  assert.equal(seen.made, 1);
  assert.deepEqual(seen.states, ["suspended", "running"]);
});

test("a browser that keeps the audio suspended makes the page ask for a gesture instead of hanging", async () => {
  const { context, watch, seen } = setUp(false);
  watch.unlock();
  const running = watch.running();
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.deepEqual(seen.needed, [true]);
  context.turn("running");
  await running;
  assert.deepEqual(seen.needed, [true, false]);
});
