import assert from "node:assert/strict";
import { test } from "node:test";

import { kindOf, sizeWords, sortOut, walk } from "../../static/js/upload/choose.js";
import { AT_ONCE, SendError, SendQueue } from "../../static/js/upload/queue.js";
import { judge } from "../../static/js/upload/send.js";

/** @typedef {import("../../static/js/upload/queue.js").Item} Item */

const LIMITS = { max_files: 4, max_bytes: 1000, max_file_bytes: 100, max_table_bytes: 50 };
/** @param {string} name */
const item = (name, size = 10) => /** @type {Item} */ ({ name, size, file: /** @type {any} */ (null) });
const settle = () => new Promise((done) => setTimeout(done, 5));
const atOnce = async () => {};

/** Sends when told to: `ends` holds, for each name, how to end its latest request. */
function fakeServer() {
  /** @type {Map<string, {resolve: () => void, reject: (error: Error) => void}>} */
  const ends = new Map();
  /** @type {string[]} */
  const asked = [];
  /** @type {import("../../static/js/upload/queue.js").Send} */
  const send = ({ name }) => {
    asked.push(name);
    const promise = /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => ends.set(name, { resolve: () => resolve(), reject }))
    );
    return { promise, abort: () => ends.get(name)?.reject(new SendError("Stopped by you.")) };
  };
  return { ends, asked, send };
}

test("sends three at a time, and the next when one is done", async () => {
  const { ends, asked, send } = fakeServer();
  const queue = new SendQueue(send, () => {}, atOnce);
  queue.add(["a", "b", "c", "d"].map((name) => item(name)));
  assert.deepEqual(asked, ["a", "b", "c"]);
  assert.equal(queue.active.size, AT_ONCE);
  ends.get("b")?.resolve();
  await settle();
  assert.deepEqual(asked, ["a", "b", "c", "d"]);
  assert.deepEqual(queue.bytes, { n_sent: 10, n_bytes: 40 });
});

test("repeats a passing fault by itself, and keeps what is refused with its words", async () => {
  const { ends, asked, send } = fakeServer();
  const queue = new SendQueue(send, () => {}, atOnce);
  queue.add([item("a"), item("b")]);
  ends.get("a")?.reject(new SendError("away", { passes: true }));
  ends.get("b")?.reject(new SendError("no ZIP file"));
  await settle();
  assert.deepEqual(asked, ["a", "b", "a"]);
  assert.deepEqual(queue.failed.map(({ item: { name }, message }) => [name, message]), [["b", "no ZIP file"]]);
  for (let again = 0; again < 3; again += 1) {
    ends.get("a")?.reject(new SendError("away", { passes: true }));
    await settle();
  }
  assert.deepEqual(queue.failed.map(({ item: { name } }) => name), ["b", "a"], "four tries, then its user decides");
  queue.retry();
  assert.deepEqual(queue.failed.map(({ item: { name } }) => name), ["b"], "what was refused would be refused again");
  ends.get("a")?.resolve();
  await settle();
  assert.deepEqual(queue.done.map(({ name }) => name), ["a"]);
  assert.equal(queue.is_busy, false);
});

test("stops, and nothing is lost", async () => {
  const { ends, send } = fakeServer();
  const queue = new SendQueue(send, () => {}, atOnce);
  queue.add(["a", "b", "c", "d", "e"].map((name) => item(name)));
  ends.get("a")?.resolve();
  await settle();
  queue.cancel();
  await settle();
  assert.deepEqual(queue.failed.map(({ item: { name } }) => name).sort(), ["b", "c", "d", "e"]);
  queue.retry();
  assert.equal(queue.active.size + queue.waiting.length, 4);
});

test("knows what is there by name and size, and always sends tables", () => {
  const there = new Map([["a.wav", 10], ["b.wav", 10], ["m.csv", 10]]);
  const items = [item("a.wav"), item("b.wav", 11), item("m.csv"), item("x/.DS_Store"), item("readme.pdf"), item("big.wav", 101)];
  const { wanted, refused, n_there, n_left_out } = sortOut(items, there, LIMITS);
  assert.deepEqual(wanted.map(({ name }) => name), ["b.wav", "m.csv"]);
  assert.deepEqual(refused.map(({ message }) => message), ["larger than 1 KiB"]);
  assert.deepEqual([n_there, n_left_out], [1, 2]);
});

test("takes no more files than an upload holds", () => {
  const { wanted, refused } = sortOut(["1", "2", "3", "4", "5"].map((n) => item(`${n}.wav`)), new Map(), LIMITS);
  assert.deepEqual([wanted.length, refused.length], [4, 1]);
});

test("tells files apart by their names", () => {
  assert.deepEqual(["a.WAV", "a.zip", "a.csv", "a.exe", "__MACOSX/a.wav", "b/._a.wav"].map(kindOf), [
    "sound", "archive", "manifest", "", "", "",
  ]);
  assert.equal(sizeWords(1.5 * 1024 ** 3), "1.5 GiB");
});

test("walks folders, which come in parts", async () => {
  const file = (/** @type {string} */ path) => ({ isFile: true, fullPath: path, file: (/** @type {any} */ ok) => ok({ size: 3 }) });
  const parts = [[file("/top/a.wav")], [file("/top/b.wav")], []];
  const folder = { isFile: false, createReader: () => ({ readEntries: (/** @type {any} */ ok) => ok(parts.shift()) }) };
  const items = await walk(/** @type {any} */ (folder));
  assert.deepEqual(items.map(({ name, size }) => [name, size]), [["top/a.wav", 3], ["top/b.wav", 3]]);
});

test("judges answers", () => {
  assert.equal(judge(200, "application/json", "{}"), null);
  assert.match(judge(200, "text/html", "sign in")?.message ?? "", /signed out/);
  const refused = judge(413, "application/json", '{"error": "too large", "code": "too_large"}');
  assert.deepEqual([refused?.message, refused?.can_help], ["too large", false]);
  assert.equal(judge(409, "application/json", '{"error": "full", "code": "full"}')?.can_help, true);
  assert.equal(judge(502, "text/html", "")?.passes, true);
});
