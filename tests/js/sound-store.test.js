import assert from "node:assert/strict";
import { test } from "node:test";

import { SoundError, SoundStore } from "../../static/js/participant/sound-store.js";

/** @param {(number | "fails")[]} answers statuses, one after another; 200 after that */
function setUp(answers = []) {
  /** @type {string[]} */
  const urls = [];
  const store = new SoundStore({
    base: "/p/abc/",
    fetch: /** @type {any} */ (
      async (/** @type {string} */ url) => {
        urls.push(url);
        const answer = answers[urls.length - 1] ?? 200;
        if (answer === "fails") throw new TypeError("Failed to fetch");
        return new Response(new Uint8Array([1, 2, 3]), { status: answer });
      }
    ),
    wait: async () => {},
  });
  return { store, urls };
}

const decoded = /** @type {any} */ ({ duration: 1 });

test("a sound is fetched and decoded once, however often it is asked for", async () => {
  const { store, urls } = setUp();
  let nDecodes = 0;
  store.decodeWith(async () => {
    nDecodes += 1;
    return decoded;
  });
  const [a, b] = await Promise.all([store.load("x"), store.load("x")]);
  assert.equal(a, b);
  assert.deepEqual(urls, ["/p/abc/sound/x"]);
  assert.equal(nDecodes, 1);
});

test("bytes come before the audio is unlocked, and are decoded after", async () => {
  const { store, urls } = setUp();
  await store.want(["x", "y", null]);
  assert.equal(urls.length, 2);
  store.decodeWith(async () => decoded);
  await store.load("x");
  assert.equal(urls.length, 2);
});

test("a fetch that fails is tried again", async () => {
  const { store, urls } = setUp(["fails", 503]);
  store.decodeWith(async () => decoded);
  assert.equal(await store.load("x"), decoded);
  assert.equal(urls.length, 3);
});

test("a sound that cannot be fetched says so, and can be asked for again", async () => {
  const { store, urls } = setUp(["fails", "fails", "fails", "fails"]);
  store.decodeWith(async () => decoded);
  await assert.rejects(store.load("x"), (error) => error instanceof SoundError && error.kind === "fetch");
  assert.equal(urls.length, 4);
  assert.equal(await store.load("x"), decoded);
});

test("a sound that does not exist is not asked for over and over", async () => {
  const { store, urls } = setUp([404]);
  store.decodeWith(async () => decoded);
  await assert.rejects(store.load("x"), SoundError);
  assert.equal(urls.length, 1);
});

test("a sound that cannot be decoded says so, and its bytes are fetched anew", async () => {
  const { store, urls } = setUp();
  let isBroken = true;
  store.decodeWith(async () => {
    if (isBroken) throw new Error("EncodingError");
    return decoded;
  });
  await assert.rejects(store.load("x"), (error) => error instanceof SoundError && error.kind === "decode");
  isBroken = false;
  assert.equal(await store.load("x"), decoded);
  assert.equal(urls.length, 2);
});

test("only the sounds that are wanted are kept", async () => {
  const { store, urls } = setUp();
  store.decodeWith(async () => decoded);
  await store.want(["x", "y"]);
  await store.want(["y", "z"]);
  await store.load("y");
  assert.equal(urls.length, 3);
  await store.load("x");
  assert.equal(urls.length, 4);
});

test("a download of which nothing more comes is tried again, one that is only slow is not", async () => {
  let nAsked = 0;
  const store = new SoundStore({
    base: "/p/abc/",
    fetch: /** @type {any} */ (
      async (/** @type {string} */ _url, /** @type {{signal: AbortSignal}} */ { signal }) => {
        const isSilent = (nAsked += 1) === 1;
        return new Response(
          new ReadableStream({
            async start(stream) {
              signal.addEventListener("abort", () => stream.error(signal.reason));
              stream.enqueue(new Uint8Array([1]));
              if (isSilent) return;
              for (let part = 0; part < 4; part += 1) {
                await new Promise((resolve) => setTimeout(resolve, 30));
                stream.enqueue(new Uint8Array([2]));
              }
              stream.close();
            },
          }),
        );
      }
    ),
    wait: async () => {},
    silenceMs: 80,
  });
  let length = 0;
  store.decodeWith(async (bytes) => {
    length = bytes.byteLength;
    return decoded;
  });
  assert.equal(await store.load("x"), decoded);
  assert.equal(nAsked, 2);
  assert.equal(length, 5);
});
