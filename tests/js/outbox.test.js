import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../../static/js/participant/api.js";
import { crc32 } from "../../static/js/participant/crc32.js";
import { deviceKind } from "../../static/js/participant/device-kind.js";
import { MemoryOutbox, openOutbox, StoredOutbox } from "../../static/js/participant/outbox.js";
import { problemOf } from "../../static/js/participant/question-check.js";

/** @param {number[]} statuses one after another; 200 after that */
function setUp(statuses = []) {
  /** @type {{url: string, body: any}[]} */
  const sent = [];
  const outbox = new MemoryOutbox();
  const api = new Api({
    base: "/p/abc/",
    outbox,
    fetch: /** @type {any} */ (
      async (/** @type {string} */ url, /** @type {{body: string}} */ { body }) => {
        sent.push({ url, body: body && JSON.parse(body) });
        const status = statuses[sent.length - 1] ?? 200;
        return new Response(JSON.stringify(status === 200 ? {} : { error: { code: "wrong_step", message: "" } }), { status });
      }
    ),
    wait: async () => {},
  });
  return { api, outbox, sent };
}

test("what an earlier page left is sent in its order, each with its own key, and is forgotten then", async () => {
  const { api, outbox, sent } = setUp([503, 200, 409]);
  await outbox.add({ key: "key-one-1", action: "played", body: { position: 0 } });
  await outbox.add({ key: "key-two-2", action: "answer", body: { position: 0, choice: "real" } });
  /** @type {[string, number][]} */
  const refused = [];
  await api.sendLeftovers(({ action }, { status }) => refused.push([action, status]));
  assert.deepEqual(
    sent.map(({ url, body }) => [url, body.key]),
    [
      ["/p/abc/act/played/", "key-one-1"],
      ["/p/abc/act/played/", "key-one-1"],
      ["/p/abc/act/answer/", "key-two-2"],
    ],
  );
  assert.deepEqual(refused, [["answer", 409]]);
  assert.equal(outbox.held.length, 0);
});

test("a play that an earlier page asked for is forgotten: nobody would hear it", async () => {
  const { api, outbox, sent } = setUp();
  await outbox.add({ key: "key-one-1", action: "answer", body: { position: 0, choice: "real" } });
  await outbox.add({ key: "key-two-2", action: "play", body: { position: 1 } });
  await outbox.add({ key: "key-three", action: "screening-play", body: { position: 1 } });
  await api.sendLeftovers(() => assert.fail());
  assert.deepEqual(sent.map(({ url }) => url), ["/p/abc/act/answer/"]);
  assert.equal(outbox.held.length, 0);
});

test("what refuses on the way is not asked for ever: the participant is, and nothing is lost", async () => {
  const outbox = new MemoryOutbox();
  let [tries, asked] = [0, 0];
  const api = new Api({
    base: "/p/abc/",
    outbox,
    fetch: /** @type {any} */ (
      async () => {
        tries += 1;
        return asked < 2 ? new Response("<h1>Forbidden</h1>", { status: 403 }) : new Response("{}", { status: 200 });
      }
    ),
    wait: async () => {},
    onBlocked: async () => {
      asked += 1;
      assert.equal(outbox.held.length, 1);
    },
  });
  const reply = await api.act("answer", { position: 0 });
  assert.deepEqual([reply.status, tries, asked, outbox.held.length], [200, 13, 2, 0]);
});

test("a sign-in page in place of an answer is waited out, and the server's own refusal is one", async () => {
  let tries = 0;
  const answers = [...Array(9).fill(() => new Response("<h1>Sign in</h1>")), () => Response.json({ error: { code: "x", message: "" } }, { status: 403 })];
  const api = new Api({
    base: "/p/abc/",
    fetch: /** @type {any} */ (async () => answers[tries++]()),
    wait: async () => {},
    onBlocked: async () => assert.fail(),
  });
  assert.equal((await api.act("answer", { position: 0 })).status, 403);
  assert.equal(tries, 10);
});

test("an action waits in the outbox until it is acknowledged", async () => {
  const { api, outbox } = setUp([503, 503]);
  const sending = api.act("answer", { position: 0 });
  assert.equal(outbox.held.length, 1);
  assert.ok(api.pending);
  await sending;
  await api.settled();
  assert.equal(outbox.held.length, 0);
});

test("entries of a session that is gone are forgotten", async () => {
  const { api, outbox } = setUp([404]);
  await outbox.add({ key: "key-one-1", action: "answer", body: {} });
  await assert.rejects(api.sendLeftovers(() => {}));
  assert.equal(outbox.held.length, 0);
});

for (const [name, find] of /** @type {[string, () => any][]} */ ([
  ["has none", () => undefined],
  ["throws", () => { throw new Error("private window"); }],
  ["cannot open it", () => ({ open: () => { const request = /** @type {any} */ ({}); queueMicrotask(() => request.onerror()); return request; } })],
]))
  test(`the outbox is in memory where the browser ${name}`, async () => {
    const outbox = await openOutbox("/p/abc/", find);
    assert.ok(outbox instanceof MemoryOutbox);
    assert.equal(outbox.isKept, false);
  });

test("the outbox is in memory where the browser never answers", async () => {
  const outbox = await openOutbox("/p/abc/", () => /** @type {any} */ ({ open: () => ({}) }), 5);
  assert.ok(outbox instanceof MemoryOutbox);
});

test("the outbox goes on in memory when the browser answers no more", async () => {
  const silent = /** @type {any} */ ({ transaction: () => ({ objectStore: () => ({ add: () => ({}) }) }) });
  const outbox = new StoredOutbox(silent, "/p/abc/", 5);
  await outbox.add({ key: "key-one-1", action: "answer", body: {} });
  assert.equal(outbox.held.length, 1);
  assert.equal(outbox.isKept, false);
});

test("the checksum is the CRC-32 of ZIP and PNG", () => {
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text).buffer;
  assert.equal(crc32(/** @type {ArrayBuffer} */ (bytes("123456789"))), "cbf43926");
  assert.equal(crc32(new ArrayBuffer(0)), "00000000");
  assert.equal(crc32(/** @type {ArrayBuffer} */ (bytes("123456788"))) === "cbf43926", false);
});

const none = { userAgent: "", isMobile: undefined, maxTouchPoints: 0, isCoarse: false };
const devices = /** @type {[string, any, string][]} */ ([
  ["a Windows laptop with a touch screen", { userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0", maxTouchPoints: 10 }, "desktop"],
  ["a Mac", { userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19 Safari/605.1.15" }, "desktop"],
  ["an iPad that says it is a Mac", { userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19 Safari/605.1.15", maxTouchPoints: 5, isCoarse: true }, "tablet"],
  ["an iPhone", { userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148", maxTouchPoints: 5, isCoarse: true }, "phone"],
  ["an Android phone", { userAgent: "Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/147.0 Mobile Safari/537.36", isMobile: true }, "phone"],
  ["an Android tablet", { userAgent: "Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/147.0 Safari/537.36", maxTouchPoints: 5, isCoarse: true }, "tablet"],
  ["a Linux desktop", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0 Safari/537.36" }, "desktop"],
]);
for (const [name, facts, kind] of devices)
  test(`${name} is a ${kind}`, () => assert.equal(deviceKind({ ...none, ...facts }), kind));

const number = /** @type {any} */ ({ kind: "number", required: false, minimum: 18, maximum: 120 });
for (const [answer, problem] of [["", ""], ["18", ""], ["120", ""], ["17", "number"], ["121", "number"], ["1e2", "number"], ["3.5", "number"], ["abc", "number"]])
  test(`the age ${JSON.stringify(answer)} has the problem ${JSON.stringify(problem)}`, () => assert.equal(problemOf(number, answer), problem));
test("a needed answer that is not given is missing", () => assert.equal(problemOf({ ...number, required: true }, ""), "missing"));
