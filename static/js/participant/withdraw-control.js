import { h } from "./dom.js";
import { texts } from "./texts.js";

/** The quiet button below every page with which a participant withdraws, and the question that it asks first. */
export class WithdrawControl {
  /**
   * @param {() => void} withdraw
   * @param {boolean} erases what becomes of the answers
   */
  constructor(withdraw, erases) {
    this.button = h("button", { type: "button", class: "plain", "data-action": "withdraw", click: () => dialog.showModal() }, texts.withdraw);
    const yes = h("button", { type: "button", "data-action": "confirm-withdraw" }, texts.withdrawYes);
    const no = h("button", { type: "button", class: "primary", "data-action": "stay" }, texts.withdrawNo);
    const dialog = h(
      "dialog",
      { "aria-labelledby": "withdraw-title", "aria-describedby": "withdraw-text" },
      h("h2", { id: "withdraw-title" }, texts.withdrawAsk),
      h("p", { id: "withdraw-text" }, texts.withdrawHelp, " ", erases ? texts.withdrawErases : texts.withdrawKeeps),
      h("div", { class: "actions" }, no, yes),
    );
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      withdraw();
    });
    this.dialog = dialog;
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.button.hidden = !isShown;
    if (!isShown && this.dialog.open) this.dialog.close();
  }
}
