import { deviceFacts, deviceKind } from "../device-kind.js";
import { h, heading } from "../dom.js";
import { texts } from "../texts.js";

/**
 * Looks at the browser and says so to the server; nothing is asked.
 * @param {import("../types.js").App} app
 * @returns {import("../types.js").Screen}
 */
export function deviceScreen(app) {
  const audio = typeof AudioContext === "function" && "decodeAudioData" in AudioContext.prototype;
  app.send("device", { kind: deviceKind(deviceFacts()), audio });
  return { element: h("section", {}, heading(texts.device), h("p", {}, texts.deviceHelp)) };
}
