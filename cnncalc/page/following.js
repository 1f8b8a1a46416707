// The tensors of the store as `field.js` follows them, with numbers at the sizes of now.

import { resolveRoutes } from "./rows.js";
import { runText } from "./window.js";

/** @type {WeakMap<bigint[], import("./field.js").Tensor[]>} */
const known = new WeakMap();

/** @param {import("./store.js").Store} store @returns {import("./field.js").Tensor[]} by id; computed once per size */
export function followed(store) {
  const values = /** @type {bigint[]} */ (store.values);
  let tensors = known.get(values);
  if (!tensors) {
    /** @type {Map<any, any>} records are shared by layers that repeat */
    const resolved = new Map();
    const number = (/** @type {number} */ form) => store.number(form);
    tensors = store.tensors.map(({ output, from, reading }) => {
      if (!resolved.has(reading)) resolved.set(reading, resolveRoutes(reading, number));
      return { shape: output.map(number), from, routes: resolved.get(reading) };
    });
    known.set(values, tensors);
  }
  return tensors;
}

/** "rows 3…5 and column 7": the rows of every axis. @param {number[][]} rows sorted, per axis */
export function rowsText(rows) {
  const names = axisNames(rows.length);
  return rows.map((each, axis) => `${names[axis]}${each.length === 1 ? "" : "s"} ${runText(each)}`).join(" and ");
}

/** What the axes of a map are called. @param {number} rank */
export function axisNames(rank) {
  return { 1: ["position"], 2: ["row", "column"], 3: ["frame", "row", "column"] }[rank] ??
    Array.from({ length: rank }, (_, axis) => `axis ${axis + 1}`);
}
