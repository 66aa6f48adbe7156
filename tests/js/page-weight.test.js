import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const scripts = readdirSync(join(root, "static/js/participant"), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".js") && name !== "types.js")
  // One language is fetched; French is the longer one.
  .filter((name) => name !== join("texts", "en.js"));

test("the participant's first page stays under 60 kB as it is sent", () => {
  const files = [
    ...scripts.map((name) => join(root, "static/js/participant", name)),
    join(root, "static/css/participant.css"),
    join(root, "static/css/participant-forms.css"),
    join(root, "templates/participant/base.html"),
    join(root, "templates/participant/run.html"),
    join(root, "templates/participant/modules.html"),
  ];
  const sent = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  assert.ok(sent < 60_000, `${sent} bytes`);
  assert.ok(sent > 10_000, `${sent} bytes: are the files still there?`);
});

test("the page asks for every module at once", () => {
  const list = readFileSync(join(root, "templates/participant/modules.html"), "utf8");
  const missing = scripts.filter((name) => name !== "run.js" && !name.startsWith("texts") && !list.includes(`js/participant/${name.replaceAll("\\", "/")}`));
  assert.deepEqual(missing, []);
  assert.ok(list.includes("js/participant/texts/"));
});
