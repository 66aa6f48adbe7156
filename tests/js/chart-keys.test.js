import assert from "node:assert/strict";
import { test } from "node:test";

import { listenByKeyboard } from "../../static/js/chart-keys.js";

class FakeMark extends EventTarget {
  /** @type {Record<string, string>} */
  attributes = {};

  /**
   * @param {number} x
   * @param {string} [sound]
   */
  constructor(x, sound) {
    super();
    this.__data__ = { x, datum: { sound, clip: `clip at ${x}` } };
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  focus() {
    focused = this;
  }
}

/** @type {FakeMark | null} */
let focused = null;

/** @param {FakeMark[]} marks */
function chartOf(marks) {
  /** @type {(string | undefined)[]} */
  const played = [];
  const chart = /** @type {any} */ ({ querySelectorAll: () => marks });
  listenByKeyboard(chart, (datum) => played.push(datum?.clip));
  return played;
}

/**
 * @param {FakeMark} mark
 * @param {string} key
 */
function press(mark, key) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key });
  mark.dispatchEvent(event);
  return event.defaultPrevented;
}

test("one mark is a stop, the arrows go from left to right, and Enter plays", () => {
  const [right, left, silent] = [new FakeMark(9, "/b"), new FakeMark(1, "/a"), new FakeMark(5)];
  const played = chartOf([right, left, silent]);
  assert.deepEqual([left.attributes.tabindex, right.attributes.tabindex], ["0", "-1"]);
  assert.deepEqual(silent.attributes, {});
  assert.equal(press(left, "ArrowRight"), true);
  assert.equal(focused, right);
  assert.deepEqual([left.attributes.tabindex, right.attributes.tabindex], ["-1", "0"]);
  press(right, "Enter");
  press(left, " ");
  assert.deepEqual(played, ["clip at 9", "clip at 1"]);
});

test("the ends hold, and other keys stay the page's", () => {
  const marks = [new FakeMark(1, "/a"), new FakeMark(2, "/b"), new FakeMark(3, "/c")];
  chartOf(marks);
  assert.equal(press(marks[2], "ArrowDown"), false);
  assert.equal(press(marks[0], "ArrowLeft"), false);
  assert.equal(press(marks[0], "Tab"), false);
  press(marks[0], "End");
  assert.equal(focused, marks[2]);
  press(marks[2], "Home");
  assert.equal(focused, marks[0]);
});
