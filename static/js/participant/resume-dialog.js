import { h } from "./dom.js";
import { texts } from "./texts.js";

/**
 * The dialog shown when the browser has stopped the audio, and at no other time: it goes by itself when the audio runs.
 */
export class ResumeDialog {
  /**
   * @param {() => void} resume called inside the gesture
   * @param {() => void} withdraw the page's own control cannot be reached behind the dialog
   */
  constructor(resume, withdraw) {
    const button = h("button", { type: "button", class: "primary", "data-action": "resume", click: resume }, texts.resume);
    const leave = h("button", { type: "button", class: "plain", "data-action": "leave", click: withdraw }, texts.withdraw);
    this.element = h(
      "dialog",
      // Escape would leave a page without sound and without a way on.
      { "aria-labelledby": "resume-title", cancel: (event) => event.preventDefault() },
      h("h2", { id: "resume-title" }, texts.suspended),
      h("p", {}, texts.suspendedHelp),
      h("div", { class: "actions" }, button, leave),
    );
  }

  /** @param {boolean} isShown */
  show(isShown) {
    if (isShown && !this.element.open) this.element.showModal();
    if (!isShown && this.element.open) this.element.close();
  }
}
