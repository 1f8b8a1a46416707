// How many ways lead from an output position to each pixel: through which layers, and through which cell of each
// window on the way. Channels are not told apart. Numbers grow beyond 2^53 and are approximate there.

import { isSplit, rowsRead, splitPlaces } from "./rows.js";

/** @typedef {import("./field.js").Tensor} Tensor */
/** @typedef {import("./rows.js").Axis} Axis */

const MOST_PIXELS = 1 << 22;

/** @param {number[]} sizes */
const product = (sizes) => sizes.reduce((all, size) => all * size, 1);

/** Ways from a position to the pixels of one tensor, row by row; null if a reading is unknown or a map very large.
 * @param {Tensor[]} tensors @param {number} tensor @param {number[]} position @param {number} target
 * @returns {Float64Array | null} */
export function countPaths(tensors, tensor, position, target) {
  /** @type {Map<number, Float64Array>} */
  const counts = new Map();
  const start = mapOf(tensors[tensor]);
  if (!start) return null;
  start[position.reduce((at, row, axis) => at * tensors[tensor].shape[axis + 1] + row, 0)] = 1;
  counts.set(tensor, start);
  for (let place = tensor; place > target; place--) {
    const ways = counts.get(place);
    if (!ways) continue;
    counts.delete(place);
    const { from, routes, shape } = tensors[place];
    for (const [source, ...axes] of routes) {
      if (from[source] < target) continue;
      const before = counts.get(from[source]) ?? mapOf(tensors[from[source]]);
      if (!before || axes.includes("unknown")) return null;
      counts.set(from[source], before);
      follow(ways, shape, axes, tensors[from[source]].shape, before);
    }
  }
  return counts.get(target) ?? null;
}

/** @param {Tensor} tensor */
function mapOf({ shape }) {
  const pixels = product(shape.slice(1));
  return pixels > MOST_PIXELS ? null : new Float64Array(pixels);
}

/** Adds the ways along one route. @param {Float64Array} ways @param {number[]} output @param {Axis[]} axes
 * @param {number[]} sizes @param {Float64Array} into */
function follow(ways, output, axes, sizes, into) {
  const spatial = axes.slice(1);
  const reduced = sizes.slice(1).map((size, place) => (spatial[place] === "whole" ? 1 : size));
  const wide = reduced.some((size, place) => size !== sizes[place + 1]);
  const found = wide ? new Float64Array(product(reduced)) : into;
  const whole = (/** @type {Axis} */ axis) => axis === "whole" || isSplit(axis);
  const lists = spatial.map((axis, place) => (whole(axis) ? null : readings(axis, sizes[place + 1], output)));
  const places = spatial.map((axis) => (isSplit(axis) ? splitPlaces(axis) : []));
  const row = output.slice(1).map(() => 0);
  for (let at = 0; at < ways.length; at++) {
    if (ways[at] === 0) continue;
    let rest = at;
    for (let axis = row.length - 1; axis >= 0; axis--) {
      row[axis] = rest % output[axis + 1];
      rest = Math.floor(rest / output[axis + 1]);
    }
    visit(0, 0, ways[at]);
  }
  if (wide) broadcast(found, reduced, sizes.slice(1), into);

  /** @param {number} axis @param {number} at @param {number} count */
  function visit(axis, at, count) {
    if (axis === reduced.length) {
      found[at] += count;
      return;
    }
    const list = lists[axis];
    const along = /** @type {number} */ (/** @type {any} */ (spatial[axis])[1]);
    if (list === null) {
      const read = places[axis].reduce((sum, { inner }, each) => sum + inner * row[along - 1 + each], 0);
      visit(axis + 1, at * reduced[axis] + read, count); // of a whole axis, whose rows are counted as one, row 0
      return;
    }
    for (const read of list[along === 0 ? 0 : row[along - 1]]) visit(axis + 1, at * reduced[axis] + read, count);
  }
}

/** Per output row, the rows that it reads; along the channels, those that all of them read together.
 * @param {Axis} axis @param {number} size @param {number[]} output */
function readings(axis, size, output) {
  const along = /** @type {number} */ (/** @type {any} */ (axis)[1]);
  const each = Array.from({ length: output[along] }, (_, row) => rowsRead(axis, row, size));
  return along === 0 ? [each.flat()] : each;
}

/** Adds a map to a wider one, repeated along its axes of one row. @param {Float64Array} from @param {number[]} narrow
 * @param {number[]} sizes @param {Float64Array} into */
function broadcast(from, narrow, sizes, into) {
  for (let at = 0; at < into.length; at++) {
    let rest = at;
    let index = 0;
    let step = 1;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      if (narrow[axis] > 1) index += (rest % sizes[axis]) * step;
      step *= narrow[axis];
      rest = Math.floor(rest / sizes[axis]);
    }
    into[at] += from[index];
  }
}
