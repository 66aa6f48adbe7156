// Plays the clips of a list, one at a time: every <button data-clip-src="ADDRESS"> starts its clip, or stops it while it
// sounds. One <audio> element serves the whole page. Messages go to the element marked data-clip-status, where there is one.

const PLAY = "▶";
const STOP = "■";

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
}

// Not in the tests, which bring a page of their own.
if (typeof document !== "undefined") attachClipPlayer(document, new Audio());
