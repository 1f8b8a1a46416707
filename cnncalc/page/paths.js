// How many ways lead from an output position to each pixel: through which layers, and through which cell of each
// window on the way. Channels are not told apart. Numbers grow beyond 2^53 and are approximate there.

import { isItself, isSplit, recallRows, splitPlaces } from "./rows.js";

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
  const inOrder = output.length === sizes.length && axes.every((axis, place) => place === 0 || axis === "whole" || (axis[1] === place && !isSplit(axis)));
  const found = inOrder ? inTurn(ways, output, axes, sizes) : atOnce(ways, output, axes, sizes);
  for (let at = 0; at < into.length; at++) into[at] += found[at];
}

/** Axis by axis, where each follows its own axis of the output. @param {Float64Array} ways @param {number[]} output
 * @param {Axis[]} axes @param {number[]} sizes */
function inTurn(ways, output, axes, sizes) {
  const extents = output.slice(1);
  let found = ways;
  for (let axis = 0; axis < extents.length; axis++) {
    const [reading, size] = [axes[axis + 1], sizes[axis + 1]];
    if (isItself(reading) && size === extents[axis]) continue;
    found = alongAxis(found, extents, axis, reading, size);
    extents[axis] = size;
  }
  return found;
}

/** @param {Float64Array} ways @param {number[]} extents @param {number} axis @param {Axis} reading @param {number} size */
function alongAxis(ways, extents, axis, reading, size) {
  const [outer, rows, inner] = [product(extents.slice(0, axis)), extents[axis], product(extents.slice(axis + 1))];
  const found = new Float64Array(outer * size * inner);
  if (inner === 1 && reading !== "whole") return alongLast(ways, outer, rows, reading, size, found);
  const sum = reading === "whole" ? new Float64Array(inner) : null;
  for (let block = 0; block < outer; block++) {
    sum?.fill(0);
    for (let row = 0; row < rows; row++) {
      const from = (block * rows + row) * inner;
      if (isEmpty(ways, from, inner)) continue;
      if (sum) add(ways, from, sum, 0, inner);
      else for (const read of recallRows(reading, row, size)) add(ways, from, found, (block * size + read) * inner, inner);
    }
    for (let row = 0; sum && row < size; row++) add(sum, 0, found, (block * size + row) * inner, inner);
  }
  return found;
}

/** `alongAxis` for the last axis, where nothing is to be added in blocks. @param {Float64Array} ways @param {number} outer
 * @param {number} rows @param {Axis} reading @param {number} size @param {Float64Array} found */
function alongLast(ways, outer, rows, reading, size, found) {
  const lists = Array.from({ length: rows }, (_, row) => recallRows(reading, row, size));
  for (let at = 0; at < outer * rows; at++) {
    const count = ways[at];
    if (count === 0) continue;
    const to = Math.floor(at / rows) * size;
    for (const read of lists[at % rows]) found[to + read] += count;
  }
  return found;
}

/** @param {Float64Array} ways @param {number} from @param {number} count */
function isEmpty(ways, from, count) {
  for (let at = from; at < from + count; at++) if (ways[at] !== 0) return false;
  return true;
}

/** @param {Float64Array} ways @param {number} from @param {Float64Array} into @param {number} to @param {number} count */
function add(ways, from, into, to, count) {
  for (let place = 0; place < count; place++) into[to + place] += ways[from + place];
}

/** All axes at once, position by position: axes that are flattened, permuted or read whole by another.
 * @param {Float64Array} ways @param {number[]} output @param {Axis[]} axes @param {number[]} sizes */
function atOnce(ways, output, axes, sizes) {
  const spatial = axes.slice(1);
  const extents = sizes.slice(1);
  const reduced = extents.map((size, place) => (spatial[place] === "whole" ? 1 : size));
  const found = new Float64Array(product(reduced));
  const channels = spatial.map((axis, place) => (axis[1] === 0 && !isSplit(axis) ? ofChannels(axis, extents[place], output[0]) : null));
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
  return broadcast(found, reduced, extents);

  /** @param {number} axis @param {number} at @param {number} count */
  function visit(axis, at, count) {
    if (axis === reduced.length) found[at] += count;
    else if (spatial[axis] === "whole") visit(axis + 1, at, count);
    else {
      const along = Number(spatial[axis][1]);
      const rows = isSplit(spatial[axis]) ? splitRows(spatial[axis], [null, ...row]) : channels[axis] ?? recallRows(spatial[axis], row[along - 1], extents[axis]);
      for (const read of rows) visit(axis + 1, at * reduced[axis] + read, count);
    }
  }
}

/** The rows of an axis that a position along all axes into which it is split reads; of channels (null), all do.
 * @param {Axis} axis @param {(number | null)[]} position */
function splitRows(axis, position) {
  return splitPlaces(axis).reduce((/** @type {number[]} */ rows, { inner, size }, place) => {
    const at = position[Number(axis[1]) + place];
    const steps = at === null ? Array.from({ length: size }, (_, step) => step) : [at];
    return rows.flatMap((row) => steps.map((step) => row + inner * step));
  }, [0]);
}

/** The rows that all channels read together. @param {Axis} axis @param {number} size @param {number} channels */
function ofChannels(axis, size, channels) {
  return Array.from({ length: channels }, (_, channel) => recallRows(axis, channel, size)).flat();
}

/** A map, repeated along its axes of one row. @param {Float64Array} from @param {number[]} narrow @param {number[]} sizes */
function broadcast(from, narrow, sizes) {
  if (from.length === product(sizes)) return from;
  const into = new Float64Array(product(sizes));
  for (let at = 0; at < into.length; at++) {
    let [rest, index, step] = [at, 0, 1];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      if (narrow[axis] > 1) index += (rest % sizes[axis]) * step;
      step *= narrow[axis];
      rest = Math.floor(rest / sizes[axis]);
    }
    into[at] = from[index];
  }
  return into;
}
