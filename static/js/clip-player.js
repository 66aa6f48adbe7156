// Plays the clips of a list, one at a time: every <button data-clip-src="ADDRESS"> starts its clip, or stops it while it
// sounds. One <audio> element serves the whole page. Messages go to the element marked data-clip-status, where there is one.
// Arrow keys go from a clip's button to the next. A "play-clip" event, such as a click in a chart sends, plays a clip through
// the button marked data-clip-now, which stays to stop it and to hear it again.

const PLAY = "▶";
const STOP = "■";
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * @param {Document} page
 * @param {HTMLAudioElement} audio
 */
export function attachClipPlayer(page, audio) {
  /** @type {HTMLElement | null} */
  let current = null;

  /** @param {string} message */
  const say = (message) => {
    const status = page.querySelector("[data-clip-status]");
    if (status) status.textContent = message;
  };

  /**
   * @param {HTMLElement} button
   * @param {boolean} sounding
   */
  const mark = (button, sounding) => {
    button.setAttribute("aria-pressed", String(sounding));
    button.textContent = sounding ? STOP : PLAY;
  };

  const release = () => {
    if (current) mark(current, false);
    current = null;
  };

  /** @param {HTMLElement} button */
  const start = async (button) => {
    release();
    current = button;
    mark(button, true);
    audio.src = button.dataset.clipSrc ?? "";
    try {
      await audio.play();
    } catch (error) {
      // A second button pressed while this clip was loading interrupts it; that is no fault.
      if (current !== button || (error instanceof DOMException && error.name === "AbortError")) return;
      release();
      say("This clip could not be played. Reload the page and try again.");
    }
  };

  audio.addEventListener("ended", release);
  page.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-clip-src]") : null;
    if (!(target instanceof HTMLElement)) return;
    if (target === current) {
      audio.pause();
      release();
    } else {
      start(target);
    }
  });

  page.addEventListener("play-clip", (event) => {
    const { src, name } = /** @type {CustomEvent<{src: string, name: string}>} */ (event).detail;
    const button = page.querySelector("[data-clip-now]");
    if (!(button instanceof HTMLElement)) return;
    button.dataset.clipSrc = src;
    button.hidden = false;
    button.setAttribute("aria-label", `Play ${name}`);
    const shown = page.querySelector("[data-clip-now-name]");
    if (shown) shown.textContent = name;
    start(button);
  });

  page.addEventListener("keydown", (event) => {
    const { key, target } = /** @type {KeyboardEvent} */ (event);
    const step = STEPS[key];
    if (!step || !(target instanceof HTMLElement) || !target.closest("[data-clip-src]")) return;
    const buttons = /** @type {HTMLElement[]} */ ([...page.querySelectorAll("[data-clip-list] [data-clip-src]")]);
    const next = buttons[buttons.indexOf(target) + step];
    if (!next) return;
    event.preventDefault(); // the page would scroll
    next.focus();
  });
}

// Not in the tests, which bring a page of their own.
if (typeof document !== "undefined") attachClipPlayer(document, new Audio());
