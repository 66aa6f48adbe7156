import assert from "node:assert/strict";
import { test } from "node:test";

import { keyName, ownsKey } from "../../static/js/participant/keys.js";

test("a key is named by what is printed on it", () => {
  assert.equal(keyName({ key: " ", code: "Space" }), "Space");
  assert.equal(keyName({ key: "Enter", code: "Enter" }), "Enter");
  assert.equal(keyName({ key: "F", code: "KeyF" }), "f");
  // Dvorak: the key that prints j stands elsewhere.
  assert.equal(keyName({ key: "j", code: "KeyC" }), "j");
});

test("digits work with every layout and on the number pad", () => {
  assert.equal(keyName({ key: "1", code: "Digit1" }), "1");
  assert.equal(keyName({ key: "&", code: "Digit1" }), "1");
  assert.equal(keyName({ key: "2", code: "Numpad2" }), "2");
});

test("the place decides where the layout has no Latin letters", () => {
  assert.equal(keyName({ key: "а", code: "KeyF" }), "f");
  assert.equal(keyName({ key: "о", code: "KeyJ" }), "j");
});

test("nothing is a shortcut while somebody types", () => {
  assert.equal(ownsKey({ tagName: "INPUT", type: "text" }, "1"), true);
  assert.equal(ownsKey({ tagName: "TEXTAREA" }, "f"), true);
  assert.equal(ownsKey({ tagName: "DIV", isContentEditable: true }, "f"), true);
});

test("a focused control keeps Space and Enter, and leaves the other keys to the screen", () => {
  assert.equal(ownsKey({ tagName: "BUTTON" }, "Space"), true);
  assert.equal(ownsKey({ tagName: "INPUT", type: "radio" }, "Enter"), true);
  assert.equal(ownsKey({ tagName: "BUTTON" }, "f"), false);
  assert.equal(ownsKey({ tagName: "INPUT", type: "radio" }, "3"), false);
  assert.equal(ownsKey({ tagName: "H1" }, "Space"), false);
  assert.equal(ownsKey(null, "Space"), false);
});
