import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "../../static/js/editor/cost.js";
import { moved } from "../../static/js/editor/lists.js";
import { Saver } from "../../static/js/editor/saver.js";
import { slugOf } from "../../static/js/editor/slug.js";
import { mappingOf, numberOf, ValueError } from "../../static/js/editor/values.js";

/**
 * A saver before a server that answers so, one after another.
 * @param {(Error | {status: number, body?: object, type?: string})[]} answers
 */
function saverWith(answers) {
  /** @type {any[]} */
  const sent = [];
  /** @type {string[]} */
  const said = [];
  /** @type {Record<string, any[]>} */
  const problems = {};
  const send = async (/** @type {any} */ _, /** @type {any} */ init) => {
    sent.push(JSON.parse(init.body));
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new Error("no more answers");
    const headers = { "Content-Type": answer.type ?? "application/json" };
    return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status, headers });
  };
  const saver = new Saver({
    url: "/setting/",
    revision: 7,
    token: "t",
    fetch: /** @type {any} */ (send),
    wait: async () => {},
    onStatus: (kind, words) => said.push(`${kind}: ${words}`),
    onSaved: () => {},
    onProblems: (path, found) => (problems[path] = found),
  });
  return { saver, sent, said, problems };
}

test("changes go one after another, each on the revision before", async () => {
  const { saver, sent, said } = saverWith([
    { status: 200, body: { revision: 8 } },
    { status: 200, body: { revision: 9 } },
  ]);
  const first = saver.save({ path: "a", value: 1 });
  saver.save({ path: "b", value: 2 });
  saver.save({ path: "b", value: 3 });
  assert.equal(saver.isPending, true);
  await first;
  assert.deepEqual(sent, [
    { path: "a", value: 1, base: 7 },
    { path: "b", value: 3, base: 8 },
  ]);
  assert.equal(said.at(-1), "saved: Saved.");
  assert.equal(saver.isPending, false);
});

test("what is wrong is told and counted until it is put right", async () => {
  const { saver, said, problems } = saverWith([
    { status: 422, body: { problems: [{ path: "a", message: "must be" }] } },
    { status: 200, body: { revision: 8 } },
    { status: 422, body: { problems: [{ path: "a", message: "must be" }] } },
    { status: 200, body: { revision: 9 } },
  ]);
  await saver.save({ path: "a", value: 0 });
  assert.equal(said.at(-1), "problems: Not saved: 1 problem, marked at the field.");
  await saver.save({ path: "b", value: 1 });
  assert.match(said.at(-1) ?? "", /1 problem/);
  assert.equal(problems.a.length, 1);
  await saver.save({ path: "a", value: 1 });
  assert.equal(said.at(-1), "saved: Saved.");
  saver.refuse("a", "given twice");
  assert.match(said.at(-1) ?? "", /1 problem/);
});

test("what was refused is sent again after the next change that is taken", async () => {
  const refusal = { status: 422, body: { problems: [{ path: "screening", message: "nobody could pass" }] } };
  const { saver, sent, said, problems } = saverWith([
    refusal,
    refusal,
    { status: 200, body: { revision: 8 } },
    refusal,
    { status: 200, body: { revision: 9 } },
    { status: 200, body: { revision: 10 } },
  ]);
  await saver.save({ path: "n_trials", value: 4 });
  await saver.save({ path: "other", value: 1 });
  await saver.save({ path: "pass_mark", value: 4 });
  assert.deepEqual(
    sent.map(({ path }) => path),
    ["n_trials", "other", "pass_mark", "n_trials", "other", "n_trials"],
  );
  assert.deepEqual(sent.at(-1), { path: "n_trials", value: 4, base: 9 });
  assert.deepEqual(problems, { n_trials: [], other: [], pass_mark: [] });
  assert.equal(said.at(-1), "saved: Saved.");
  assert.equal(saver.isPending, false);
});

test("of a setting that was refused only the newest value is sent, and none that the page itself refuses", async () => {
  const { saver, sent } = saverWith([
    { status: 422, body: { problems: [{ path: "a", message: "must be" }] } },
    { status: 422, body: { problems: [{ path: "a", message: "must be" }] } },
    { status: 200, body: { revision: 8 } },
  ]);
  await saver.save({ path: "a", value: 0 });
  await saver.save({ path: "a", value: -1 });
  saver.refuse("a", "given twice");
  await saver.save({ path: "b", value: 1 });
  assert.deepEqual(sent.map(({ value }) => value), [0, -1, 1]);
});

test("without an answer it says so, sends the same again, and then the newest value", async () => {
  const taken = [8, 9].map((revision) => ({ status: 200, body: { revision } }));
  const { saver, sent, said } = saverWith([new Error("offline"), { status: 503 }, ...taken]);
  const done = saver.save({ path: "a", value: 1 });
  saver.save({ path: "a", value: 2 });
  saver.save({ path: "a", value: 3 });
  await done;
  assert.deepEqual(
    sent.map(({ value, base }) => [value, base]),
    [[1, 7], [1, 7], [1, 7], [3, 8]],
  );
  assert.ok(said.some((words) => words.startsWith("offline: Not saved")));
  assert.equal(said.at(-1), "saved: Saved.");
});

test("it stops when somebody else saved, or when it may not any more", async () => {
  const conflict = saverWith([{ status: 409, body: { message: "ada changed this study" } }]);
  await conflict.saver.save({ path: "a", value: 1 });
  assert.equal(conflict.said.at(-1), "stopped: Not saved. ada changed this study");
  await conflict.saver.save({ path: "a", value: 2 });
  assert.equal(conflict.sent.length, 1);
  const signedOut = saverWith([{ status: 403, type: "text/html" }]);
  await signedOut.saver.save({ path: "a", value: 1 });
  assert.match(signedOut.said.at(-1) ?? "", /signed out/);
});

test("a number's field gives a number, nothing, or what it holds", () => {
  assert.deepEqual(["3", " 2.5 ", "", "x", "-1", "0x10", "1e999"].map(numberOf), [3, 2.5, null, "x", -1, "0x10", "1e999"]);
});

test("a mapping leaves out empty rows and refuses a key given twice", () => {
  assert.deepEqual(mappingOf([["rain", "Rain"], ["", ""], ["", null]]), { rain: "Rain" });
  assert.throws(() => mappingOf([["a", 1], ["a", 2]]), ValueError);
});

test("names follow the place of their row, and no other list's", () => {
  assert.equal(moved("id_q.items.0.code", "q.items", "0", "2"), "id_q.items.2.code");
  assert.equal(moved("help-q.items.0.code problem-q.items.0.code", "q.items", "0", "1"), "help-q.items.1.code problem-q.items.1.code");
  assert.equal(moved("up q.items 0", "q.items", "0", "1"), "up q.items 1");
  assert.equal(moved("up q.items.0.options 0", "q.items.0.options", "0", "1"), "up q.items.0.options 1");
  assert.equal(moved("up q.items.0.options 0", "q.items", "0", "1"), "up q.items.1.options 0");
  assert.equal(moved("id_q.items.10.code", "q.items", "1", "2"), "id_q.items.10.code");
});

test("the name in the address follows the title", () => {
  assert.deepEqual(["Rain, or not?", "Été réel", "  -- ", "日本", "A_b"].map(slugOf), ["rain-or-not", "ete-reel", "", "", "a_b"]);
  assert.equal(slugOf("x".repeat(200)).length, 80);
});

test("the cost is the pay of the minutes and the fee on it", () => {
  assert.equal(costOf(30, 12, 50), 9);
});
