import assert from "node:assert/strict";
import { test } from "node:test";

import { texts as english } from "../../static/js/participant/texts/en.js";
import { texts as french } from "../../static/js/participant/texts/fr.js";

/**
 * Every text by its path; functions called with numbers, so that what they leave out shows.
 * @param {Record<string, any>} texts
 * @param {string} prefix
 * @returns {Record<string, string>}
 */
function spoken(texts, prefix = "") {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === "string") found[prefix + name] = value;
    else if (typeof value === "function") found[prefix + name] = value(71, 93).slice(0);
    else Object.assign(found, spoken(value, `${prefix}${name}.`));
  }
  return found;
}

test("French has every text that English has, and each differs", () => {
  const [en, fr] = [spoken(english), spoken(french)];
  assert.deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
  const same = Object.keys(en).filter((name) => en[name] === fr[name]);
  assert.deepEqual(same, ["instructions"].filter((name) => en[name] === fr[name]));
  for (const name of Object.keys(en)) {
    assert.ok(fr[name].trim() && en[name].trim(), name);
    for (const number of ["71", "93"]) assert.equal(fr[name].includes(number), en[name].includes(number), name);
  }
});
