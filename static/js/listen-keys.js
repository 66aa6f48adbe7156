// Which key does what while listening. Keys that a field or a button needs for itself stay theirs.

/** @type {Record<string, string>} */
const ACTIONS = { " ": "play", ArrowLeft: "previous", ArrowRight: "next", r: "real", f: "fake", d: "doubt", n: "note" };

/**
 * Return what the key asks for: an action, or "tag 1" to "tag 9"; empty for nothing.
 * @param {{key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} event
 * @param {{isField: boolean, isButton: boolean}} focus
 * @returns {string}
 */
export function actionOf({ key, ctrlKey, altKey, metaKey }, { isField, isButton }) {
  if (ctrlKey || altKey || metaKey) return "";
  if (isField) return key === "Escape" ? "leave" : "";
  if (isButton && key === " ") return "";
  if (/^[1-9]$/.test(key)) return `tag ${key}`;
  return ACTIONS[key.length === 1 ? key.toLowerCase() : key] ?? "";
}
