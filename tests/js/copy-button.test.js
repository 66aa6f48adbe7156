import assert from "node:assert/strict";
import test from "node:test";

import { makeCopy, placeToSay } from "../../static/js/copy-button.js";

/** @param {(text: string) => Promise<void>} writeText */
function press(writeText) {
  const field = { value: "https://example.org/invitations/x", selected: false, select: () => (field.selected = true) };
  /** @type {() => Promise<void>} */
  let click = async () => {};
  const button = { hidden: true, dataset: { copy: "link" }, addEventListener: (/** @type {string} */ _, /** @type {any} */ act) => (click = act) };
  /** @type {any} */ (globalThis).document = { getElementById: (/** @type {string} */ id) => (id === "link" ? field : null) };
  /** @type {string[]} */
  const said = [];
  makeCopy(/** @type {any} */ (button), { writeText }, (text) => said.push(text));
  return { field, button, said, click: () => click() };
}

test("the button shows up, copies the field, and says so", async () => {
  /** @type {string[]} */
  const copied = [];
  const { field, button, said, click } = press(async (text) => void copied.push(text));
  assert.equal(button.hidden, false);
  await click();
  assert.deepEqual(copied, [field.value]);
  assert.deepEqual(said, ["Copied."]);
});

test("a browser that refuses leaves the field marked, and says what to do", async () => {
  const { field, said, click } = press(() => Promise.reject(new Error("no")));
  await click();
  assert.equal(field.selected, true);
  assert.match(said[0] ?? "", /with the keyboard/);
});

test("it is said beside the button where there is a place, else in the page's one", () => {
  const [beside, ofPage] = [{}, {}];
  const page = /** @type {any} */ ({ querySelector: () => ofPage });
  const within = (/** @type {object | null} */ found) => /** @type {any} */ ({ parentElement: { querySelector: () => found } });
  assert.equal(placeToSay(within(beside), page), beside);
  assert.equal(placeToSay(within(null), page), ofPage);
});
