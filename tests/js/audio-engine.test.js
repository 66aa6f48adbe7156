import assert from "node:assert/strict";
import { test } from "node:test";

import { AudioEngine } from "../../static/js/participant/audio-engine.js";
import { FakeContext } from "./fake-audio.js";

/** @param {Partial<FakeContext>} facts */
function setUp(facts = {}) {
  const context = Object.assign(new FakeContext(), { state: "running" }, facts);
  const clock = { ms: 1000 };
  /** @type {string[]} */
  const states = [];
  const engine = new AudioEngine(/** @type {any} */ (context), {
    now: () => clock.ms,
    wait: async (ms) => {
      // Time passes on both clocks, as it does while the context runs.
      clock.ms += ms;
      if (context.state === "running") context.currentTime += ms / 1000;
      if (clock.ms > 60_000) throw new Error("waited for ever");
    },
    onState: (state) => states.push(state),
  });
  return { context, clock, engine, states };
}

const SOUND = /** @type {any} */ ({ duration: 2 });

test("a sound is scheduled ahead of the clock, straight to the output, and ends its duration later", async () => {
  const { context, engine } = setUp({ currentTime: 5 });
  const playing = engine.play(SOUND);
  const [source] = context.sources;
  assert.ok(playing.startsAt > 5 && playing.startsAt <= 5.1);
  assert.equal(source.startedAt, playing.startsAt);
  assert.equal(playing.endsAt, playing.startsAt + 2);
  assert.equal(source.connectedTo, context.destination);
  assert.equal((await playing.ended).heardMs, 2000);
});

test("the end waits for the output latency: the last sample has been heard", async () => {
  const { context, engine } = setUp({ outputLatency: 0.3 });
  const playing = engine.play(SOUND);
  await playing.ended;
  assert.ok(context.currentTime >= playing.endsAt + 0.3 - 1e-9);
});

test("a suspended context holds the sound, and the end waits with it", async () => {
  const { context, clock, engine } = setUp();
  const playing = engine.play(SOUND);
  context.turn("suspended");
  let isOver = false;
  playing.ended.then(() => (isOver = true));
  for (let i = 0; i < 60; i += 1) await Promise.resolve();
  assert.ok(clock.ms > 2500, "more wall time than the sound is long");
  assert.equal(isOver, false);
  context.turn("running");
  assert.ok(Math.abs((await playing.ended).heardMs - 2000) < 1e-6);
});

test("a stopped sound reports what was heard of it", async () => {
  const { context, engine } = setUp();
  const playing = engine.play(SOUND);
  context.currentTime = playing.startsAt + 0.5;
  playing.stop();
  playing.stop();
  assert.ok(context.sources[0].isStopped);
  const { heardMs } = await playing.ended;
  assert.ok(heardMs >= 500 && heardMs < 700);
});

test("a closed context ends the wait", async () => {
  const { context, engine } = setUp();
  const playing = engine.play(SOUND);
  context.turn("closed");
  assert.ok((await playing.ended).heardMs < 100);
});

test("a loop fades in and has no end until it is stopped", async () => {
  const { context, engine } = setUp();
  const playing = engine.play(SOUND, { loop: true, fadeInS: 1 });
  const [source] = context.sources;
  assert.equal(source.loop, true);
  assert.equal(playing.endsAt, Infinity);
  assert.deepEqual(source.connectedTo.calls, [
    ["set", 0, playing.startsAt],
    ["ramp", 1, playing.startsAt + 1],
  ]);
  playing.stop();
  await playing.ended;
});

test("an event's time is mapped through the output timestamp", () => {
  const { context, engine } = setUp({ currentTime: 10 });
  context.pair = { contextTime: 9.9, performanceTime: 990 };
  // 40 ms after the pair was taken, what is heard is 40 ms further on.
  assert.ok(Math.abs(engine.heardAt(1030) - 9.94) < 1e-9);
  assert.ok(Math.abs(engine.heardAt(900) - 9.81) < 1e-9);
});

test("a timestamp that makes no sense gives way to the clock less the latency", () => {
  const { context, engine } = setUp({ currentTime: 10, outputLatency: 0.05 });
  context.pair = { contextTime: 200, performanceTime: 990 };
  assert.ok(Math.abs(engine.heardAt(900) - (10 - 0.05 - 0.1)) < 1e-9);
  context.pair = { contextTime: 3, performanceTime: 990 };
  assert.ok(Math.abs(engine.heardAt(900) - (10 - 0.05 - 0.1)) < 1e-9);
  context.pair = null;
  assert.ok(Math.abs(engine.heardAt(900) - (10 - 0.05 - 0.1)) < 1e-9);
});

test("a time across an interruption of the audio clock is unknown", () => {
  const { context, engine } = setUp({ currentTime: 10, outputLatency: 0 });
  assert.ok(Math.abs(Number(engine.msSince(9, 900)) - 900) < 1e-6);
  context.turn("interrupted");
  assert.equal(engine.msSince(9, 900), null);
  context.turn("running");
  assert.equal(engine.msSince(9, 900), null);
  context.currentTime = 12;
  assert.ok(Math.abs(Number(engine.msSince(11, 1000)) - 1000) < 1e-6);
});

test("an unknown or absurd output latency is null, never 0", () => {
  assert.equal(setUp({ outputLatency: undefined }).engine.outputLatencyMs, null);
  assert.equal(setUp({ outputLatency: NaN }).engine.outputLatencyMs, null);
  assert.equal(setUp({ outputLatency: 60 }).engine.outputLatencyMs, null);
  assert.equal(setUp({ outputLatency: 0.25 }).engine.outputLatencyMs, 250);
});

test("resuming starts a sound inside the gesture and reports the new state", async () => {
  const { context, engine, states } = setUp({ state: "suspended" });
  await engine.resume();
  assert.equal(context.sources.length, 1);
  assert.deepEqual(states, ["running"]);
});
