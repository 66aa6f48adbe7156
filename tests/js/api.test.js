import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, SessionGone, backOffMs, newKey } from "../../static/js/participant/api.js";
import { MemoryOutbox } from "../../static/js/participant/outbox.js";

/** @typedef {{status?: number, body?: unknown, fails?: boolean, text?: string}} Answer */

/**
 * @param {Answer[]} answers given one after another; the last one for ever
 * @param {MemoryOutbox} [outbox]
 */
function setUp(answers, outbox) {
  /** @type {{url: string, method: string, body: any, keepalive: boolean | undefined}[]} */
  const requests = [];
  /** @type {number[]} */
  const waits = [];
  /** @type {boolean[]} */
  const trouble = [];
  const api = new Api({
    base: "/p/abc/",
    outbox,
    fetch: /** @type {any} */ (
      async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
        requests.push({ url, method: String(init.method), body: init.body ? JSON.parse(String(init.body)) : null, keepalive: init.keepalive });
        await new Promise((resolve) => setTimeout(resolve, 1));
        const { status = 200, body = { step: "trials" }, fails, text } = answers[Math.min(requests.length, answers.length) - 1];
        if (fails) throw new TypeError("Failed to fetch");
        return new Response(text ?? JSON.stringify(body), { status });
      }
    ),
    wait: async (ms) => void waits.push(ms),
    onTrouble: (inTrouble) => trouble.push(inTrouble),
  });
  return { api, requests, waits, trouble };
}

test("an action is a POST with a key of its own that outlives the page", async () => {
  const { api, requests } = setUp([{}]);
  const reply = await api.act("play", { position: 3 });
  assert.equal(reply.status, 200);
  assert.equal(requests[0].url, "/p/abc/act/play/");
  assert.equal(requests[0].method, "POST");
  assert.equal(requests[0].keepalive, true);
  assert.equal(requests[0].body.position, 3);
  assert.match(requests[0].body.key, /^[0-9a-f]{32}$/);
});

test("a lost answer is sent again with the same key until it is acknowledged", async () => {
  const { api, requests, waits, trouble } = setUp([{ fails: true }, { status: 503 }, { text: "<html>sign in</html>" }, {}]);
  const reply = api.act("answer", { position: 0, choice: "fake" });
  assert.equal((await reply).status, 200);
  assert.equal(requests.length, 4);
  assert.equal(new Set(requests.map(({ body }) => body.key)).size, 1);
  assert.equal(waits.length, 3);
  assert.deepEqual(trouble, [true, false]);
});

test("an action is on its way before the browser has written it down", async () => {
  const { api, requests } = setUp([{}], new (class extends MemoryOutbox {
    /** @param {any} entry */
    add(entry) {
      super.add(entry);
      return new Promise(() => {});
    }
  })());
  api.act("answer", { position: 0 });
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(requests.map(({ url }) => url), ["/p/abc/act/answer/"]);
});

test("a page that goes sends what waits, in order, but no play and nothing that is on its way", async () => {
  const { api, requests } = setUp([{}]);
  const all = ["played", "answer", "reason", "play"].map((action) => api.act(action, { position: 0 }));
  await Promise.resolve();
  await Promise.resolve();
  api.flush();
  const sent = requests.map(({ url, body, keepalive }) => [url, body.key, keepalive]);
  assert.deepEqual(sent.map(([url]) => url), ["played", "answer", "reason"].map((action) => `/p/abc/act/${action}/`));
  assert.ok(sent.every(([, , keepalive]) => keepalive));
  await Promise.all(all); // the page stays after all: each again, with its key
  assert.deepEqual(requests.slice(3).map(({ url }) => url), ["answer", "reason", "play"].map((action) => `/p/abc/act/${action}/`));
  assert.deepEqual(requests.slice(3, 5).map(({ body }) => body.key), sent.slice(1).map(([, key]) => key));
  assert.equal(api.pending, false);
  api.flush();
  assert.equal(requests.length, 6);
});

test("actions arrive in the order in which they were done, one after another", async () => {
  const { api, requests } = setUp([{ fails: true }, {}]);
  const all = [api.act("played", { position: 0 }), api.act("answer", { position: 0 }), api.state()];
  assert.equal(api.pending, true);
  await Promise.all(all);
  assert.deepEqual(
    requests.map(({ url }) => url),
    ["/p/abc/act/played/", "/p/abc/act/played/", "/p/abc/act/answer/", "/p/abc/state/"],
  );
  assert.equal(api.pending, false);
});

test("a refusal is an answer: it is not sent again, and brings the server's state", async () => {
  const error = { code: "already_answered", message: "…" };
  const { api, requests } = setUp([{ status: 409, body: { error, state: { step: "ended" } } }]);
  const reply = await api.act("answer");
  assert.equal(requests.length, 1);
  assert.deepEqual(reply, { status: 409, state: { step: "ended" }, error });
});

test("an action that is too early by the server's clock waits, and what follows waits with it", async () => {
  const error = { code: "too_early", message: "…" };
  const early = { status: 409, body: { error, state: { step: "trials", trial: { wait_ms: 900 } } } };
  const { api, requests, waits } = setUp([early, {}]);
  const replies = await Promise.all([api.act("played"), api.act("answer")]);
  assert.deepEqual(replies.map(({ status }) => status), [200, 200]);
  assert.deepEqual(requests.map(({ url }) => url.split("/")[4]), ["played", "played", "answer"]);
  assert.equal(requests[0].body.key, requests[1].body.key);
  assert.deepEqual(waits, [900]);
});

test("a body that the server finds wrong is not sent again", async () => {
  const { api, requests } = setUp([{ status: 422, body: { error: { code: "invalid", message: "…" } } }]);
  assert.equal((await api.act("reason", { codes: ["x"] })).status, 422);
  assert.equal(requests.length, 1);
});

test("an unknown session is said, and the queue goes on", async () => {
  const { api } = setUp([{ status: 404, text: "not found" }, {}]);
  await assert.rejects(api.state(), SessionGone);
  assert.equal((await api.state()).status, 200);
});

test("a note is tried once and never stops the answers", async () => {
  const { api, requests } = setUp([{ fails: true }, {}]);
  api.note("page_hidden");
  assert.equal((await api.act("answer")).status, 200);
  assert.equal(requests.filter(({ url }) => url.endsWith("/event/")).length, 1);
});

test("the waits double, have jitter, and stop growing", () => {
  assert.equal(backOffMs(1, 1), 500);
  assert.equal(backOffMs(2, 1), 1000);
  assert.equal(backOffMs(1, 0), 250);
  assert.equal(backOffMs(40, 1), 15_000);
});

test("keys differ", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newKey)).size, 1000);
});
