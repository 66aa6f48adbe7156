import assert from "node:assert/strict";
import { test } from "node:test";
import { ago } from "../../static/js/monitor.js";

test("says how long ago something was", () => {
  assert.deepEqual(
    [0, 59, 60, 7199, 7200, 172_799, 172_800].map(ago),
    ["just now", "just now", "1 min ago", "119 min ago", "2 h ago", "47 h ago", "2 days ago"],
  );
});
