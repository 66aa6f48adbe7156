// One file, one request: its bytes are the body, its name stands in a header.

import { SendError } from "./queue.js";

/** @typedef {import("./queue.js").Item} Item */

const SIGNED_OUT = "You are signed out. Sign in in another tab, then send again.";

/**
 * What an answer of the server means: null for taken, else the fault.
 * @param {number} status
 * @param {string} type of the content
 * @param {string} text
 * @returns {SendError | null}
 */
export function judge(status, type, text) {
  const is_json = type.includes("json");
  if (status === 200 && is_json) return null;
  if (status === 200) return new SendError(SIGNED_OUT, { can_help: true }); // a page to sign in at
  if (status === 403 && !is_json) return new SendError("The server refused it. Load the page again.", { can_help: true });
  if (is_json) {
    const { error, code } = JSON.parse(text);
    return new SendError(String(error), { can_help: code === "full" || code === "incomplete" });
  }
  const passes = status >= 500 || status === 408 || status === 429;
  return new SendError(`The server answered ${status}.`, { can_help: true, passes });
}

/**
 * @param {string} address
 * @param {string} token against forged requests
 * @param {Item} item
 * @param {(n_bytes: number) => void} onSent
 * @returns {import("./queue.js").Sending}
 */
export function sendFile(address, token, item, onSent) {
  const request = new XMLHttpRequest();
  const promise = /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      request.open("POST", address);
      request.setRequestHeader("X-CSRFToken", token);
      request.setRequestHeader("X-File-Name", encodeURIComponent(item.name));
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.addEventListener("progress", (event) => onSent(event.loaded));
      request.addEventListener("load", () => {
        const fault = judge(request.status, request.getResponseHeader("Content-Type") ?? "", request.responseText);
        if (fault) reject(fault);
        else resolve();
      });
      request.addEventListener("error", () =>
        reject(new SendError("The connection broke, or the file cannot be read any more.", { passes: true })),
      );
      request.addEventListener("abort", () => reject(new SendError("Stopped by you.", { can_help: true })));
      request.send(item.file);
    })
  );
  return { promise, abort: () => request.abort() };
}
