import assert from "node:assert/strict";
import { test } from "node:test";

import { csvText, forFile, rowsOf } from "../../static/js/chart-data.js";

test("CSV has a header of every column, in order of first appearance", () => {
  assert.equal(csvText([{ a: 1, b: 0.25 }, { b: 2, c: "x" }]), "a,b,c\r\n1,0.25,\r\n,2,x\r\n");
});

test("CSV quotes what would break it, keeps numbers unrounded, and has no breaks of labels", () => {
  const rows = [{ name: 'rain, "loud"\nand long', value: 0.1 + 0.2, none: null }];
  assert.equal(csvText(rows), 'name,value,none\r\n"rain, ""loud"" and long",0.30000000000000004,\r\n');
});

test("CSV lets no text be taken for a formula, and a negative number is none", () => {
  assert.equal(csvText([{ system: "=cmd()", level: -3 }]), "system,level\r\n'=cmd(),-3\r\n");
});

test("CSV of no rows is an empty header", () => {
  assert.equal(csvText([]), "\r\n");
});

test("rows come from the data of the specification and from its named sets", () => {
  assert.deepEqual(rowsOf({ data: { values: [{ a: 1 }] } }), [{ a: 1 }]);
  assert.deepEqual(rowsOf({ data: { name: "x" }, datasets: { x: [{ a: 2 }, { a: 3 }] } }), [{ a: 2 }, { a: 3 }]);
  assert.deepEqual(rowsOf({ layer: [] }), []);
});

test("a chart as wide as its place keeps that width in a file", () => {
  assert.deepEqual(forFile({ width: "container", mark: "bar" }, 512), { width: 512, mark: "bar" });
  assert.deepEqual(forFile({ width: 300 }, 512), { width: 300 });
});
