import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { attachClipPlayer } from "../../static/js/clip-player.js";

class FakeElement extends EventTarget {
  /** @type {Record<string, string>} */
  attributes = {};
  textContent = "▶";

  /** @param {string} [src] */
  constructor(src) {
    super();
    this.dataset = { clipSrc: src };
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

  closest() {
    return this.dataset.clipSrc ? this : null;
  }
}
Object.assign(globalThis, { Element: FakeElement, HTMLElement: FakeElement });

class FakeAudio extends EventTarget {
  src = "";
  paused = true;
  /** @type {Promise<void>} */
  outcome = Promise.resolve();

  play() {
    this.paused = false;
    return this.outcome;
  }

  pause() {
    this.paused = true;
  }
}

/** @type {FakeElement | null} */
let focused = null;
/** @type {FakeElement[]} */
let listed = [];
let now = new FakeElement();
let audio = new FakeAudio();
let status = { textContent: "" };
let page = new EventTarget();
/** @type {(target: FakeElement) => void} */
let click;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const pressed = (/** @type {FakeElement} */ button) => button.attributes["aria-pressed"];

beforeEach(() => {
  audio = new FakeAudio();
  status = { textContent: "2 clips" };
  now = Object.assign(new FakeElement(), { hidden: true });
  focused = null;
  page = Object.assign(new EventTarget(), {
    querySelector: (/** @type {string} */ selector) => (selector === "[data-clip-now]" ? now : status),
    querySelectorAll: () => listed,
  });
  attachClipPlayer(/** @type {any} */ (page), /** @type {any} */ (audio));
  click = (target) => {
    const event = new Event("click");
    Object.defineProperty(event, "target", { value: target });
    page.dispatchEvent(event);
  };
});

test("a button plays its clip and shows that it sounds", async () => {
  const button = new FakeElement("/a");
  click(button);
  await settle();
  assert.equal(audio.src, "/a");
  assert.equal(audio.paused, false);
  assert.equal(pressed(button), "true");
  audio.dispatchEvent(new Event("ended"));
  assert.equal(pressed(button), "false");
  assert.equal(button.textContent, "▶");
});

test("a second press stops the clip", async () => {
  const button = new FakeElement("/a");
  click(button);
  await settle();
  click(button);
  assert.equal(audio.paused, true);
  assert.equal(pressed(button), "false");
});

test("another button takes over", async () => {
  const [first, second] = [new FakeElement("/a"), new FakeElement("/b")];
  click(first);
  click(second);
  await settle();
  assert.equal(audio.src, "/b");
  assert.equal(pressed(first), "false");
  assert.equal(pressed(second), "true");
});

test("a clip that cannot be played says so", async () => {
  const button = new FakeElement("/gone");
  audio.outcome = Promise.reject(new DOMException("no source", "NotSupportedError"));
  click(button);
  await settle();
  assert.equal(pressed(button), "false");
  assert.match(status.textContent, /could not be played/);
});

test("a press elsewhere does nothing", () => {
  click(new FakeElement());
  assert.equal(audio.src, "");
});

test("a click in a chart plays the clip through a button that stays to stop it", async () => {
  page.dispatchEvent(new CustomEvent("play-clip", { detail: { src: "/c", name: "rain 3" } }));
  await settle();
  assert.equal(audio.src, "/c");
  assert.deepEqual([now.dataset.clipSrc, /** @type {any} */ (now).hidden, pressed(now)], ["/c", false, "true"]);
  assert.equal(now.attributes["aria-label"], "Play rain 3");
  click(now);
  assert.equal(audio.paused, true);
});

test("arrow keys go from a clip's button to the next, and stop at the ends", () => {
  listed = [new FakeElement("/a"), new FakeElement("/b")];
  const press = (/** @type {FakeElement} */ target, /** @type {string} */ key) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key });
    Object.defineProperty(event, "target", { value: target });
    page.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(press(listed[0], "ArrowDown"), true);
  assert.equal(focused, listed[1]);
  assert.equal(press(listed[1], "ArrowDown"), false);
  press(listed[1], "ArrowUp");
  assert.equal(focused, listed[0]);
  assert.equal(press(new FakeElement(), "ArrowDown"), false);
  assert.equal(press(listed[0], "x"), false);
});
