// What an output position reads of every tensor back to the inputs, and which positions an input pixel reaches.
// The first is `rf --position` (`cnncalc/analysis/field/footprint.py`), the second its inverse. Rows are clipped to
// every map on the way: padding within a network contains no pixels.

import { MOST_BOXES, rowsMarked, simplify } from "./boxes.js";
import { isItself, isSplit, recallRows, splitPlaces } from "./rows.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./boxes.js").Pixels} Pixels */
/** @typedef {import("./boxes.js").Rows} Rows */
/** @typedef {import("./rows.js").Axis} Axis */
/** @typedef {import("./rows.js").Route} Route */
/** @typedef {{shape: number[], from: number[], routes: Route[]}} Tensor inputs have no routes */

const MOST_ROWS = 2_000_000;

/** @param {number} tensor @param {Tensor[]} tensors @param {number[]} position a row per spatial axis
 * @returns {Map<number, Pixels>} tensor → what is seen of it */
export function footprints(tensors, tensor, position) {
  /** @type {Map<number, Pixels>} */
  const seen = new Map();
  /** @type {Map<number, Pixels>} */
  const pending = new Map([[tensor, { boxes: [[null, ...position.map((row) => [row])]], exact: true }]]);
  for (let place = tensor; place >= 0; place--) {
    const found = pending.get(place);
    if (!found) continue;
    const pixels = place === tensor ? found : simplify(found);
    if (pixels.boxes.length) seen.set(place, pixels);
    const { shape, from, routes } = tensors[place];
    for (const [source, ...axes] of routes) {
      const into = pending.get(from[source]) ?? { boxes: [], exact: true };
      const sizes = tensors[from[source]].shape;
      const flattened = axes.flatMap((axis) => (axis[0] === "merged" ? [Number(axis[1])] : []));
      const apart = takeApart(pixels, flattened);
      into.boxes.push(...apart.boxes.flatMap((box) => back(axes, box, sizes, shape)));
      into.exact &&= apart.exact && !axes.includes("unknown");
      pending.set(from[source], into);
    }
  }
  return seen;
}

/** With a box for every row along these axes, on which several are flattened or which are split into several: their
 * rows belong together one by one. Too many stay together. @param {Pixels} pixels @param {number[]} axes
 * @returns {Pixels} */
function takeApart(pixels, axes) {
  let { boxes, exact } = pixels;
  for (const axis of new Set(axes)) {
    const apart = boxes.flatMap((box) => (box[axis] ?? [null]).map((row) => box.with(axis, row === null ? null : [row])));
    if (apart.length <= MOST_BOXES) boxes = apart;
    else exact = false;
  }
  return { boxes, exact };
}

/** The box that a box of an output reads: none if it reads no row along one axis.
 * @param {Axis[]} axes @param {Box} box @param {number[]} sizes @param {number[]} output @returns {Box[]} */
function back(axes, box, sizes, output) {
  const rows = axes.map((axis, place) => backRows(axis, box, sizes[place], output));
  return rows.every((each) => each === null || each.length) ? [rows] : [];
}

/** @param {Axis} axis @param {Box} box @param {number} size @param {number[]} output @returns {Rows} */
function backRows(axis, box, size, output) {
  if (typeof axis === "string") return null;
  if (isSplit(axis)) return rowsTogether(axis, box, size);
  const [type, along] = axis;
  const rows = box[along];
  if (rows === null && (type === "past" || type === "segment" || (isItself(axis) && size === output[along]))) return null;
  if (rows !== null && isItself(axis) && rows[rows.length - 1] < size) return rows.length === size ? null : rows;
  const marked = new Uint8Array(size);
  let count = 0;
  for (const row of rows === null ? Array(output[along]).keys() : type === "past" ? rows.slice(-1) : rows) {
    const each = recallRows(axis, row, size);
    count += 1 + each.length;
    if (count > MOST_ROWS) throw new RangeError("the field of this position is too large to be followed row by row");
    for (const found of each) marked[found] = 1;
  }
  const read = rowsMarked(marked);
  return read.length === size ? null : read;
}

/** The rows of an axis that the rows of all axes into which it is split read.
 * @param {Axis} axis @param {Box} box @param {number} size @returns {Rows} */
function rowsTogether(axis, box, size) {
  const places = splitPlaces(axis);
  const own = box.slice(Number(axis[1]), Number(axis[1]) + places.length);
  if (own.every((rows) => rows === null)) return null;
  const marked = new Uint8Array(size);
  const sums = own.reduce((/** @type {number[]} */ before, rows, place) => {
    const steps = rows ?? Array.from({ length: places[place].size }, (_, row) => row);
    return before.flatMap((sum) => steps.map((step) => sum + step * places[place].inner));
  }, [0]);
  for (const row of sums) marked[row] = 1;
  const read = rowsMarked(marked);
  return read.length === size ? null : read;
}

/** The positions of every later tensor that see a pixel. @param {number} tensor @param {Tensor[]} tensors
 * @param {number[]} position @param {number} until the last tensor asked for @returns {Map<number, Pixels>} */
export function projections(tensors, tensor, position, until = tensors.length - 1) {
  /** @type {Map<number, Pixels>} */
  const reached = new Map([[tensor, { boxes: [[null, ...position.map((row) => [row])]], exact: true }]]);
  for (let place = tensor + 1; place <= until; place++) {
    const { shape, from, routes } = tensors[place];
    /** @type {Pixels} */
    const pixels = { boxes: [], exact: true };
    for (const [source, ...axes] of routes) {
      const before = reached.get(from[source]);
      if (!before) continue;
      const sizes = tensors[from[source]].shape;
      const apart = takeApart(before, axes.flatMap((axis, place) => (isSplit(axis) ? [place] : [])));
      pixels.boxes.push(...apart.boxes.flatMap((box) => forth(axes, box, sizes, shape)));
      pixels.exact &&= apart.exact && !axes.includes("unknown");
    }
    if (pixels.boxes.length) reached.set(place, simplify(pixels));
  }
  return reached;
}

/** The box of output positions that read some pixel of a box; none if there are none.
 * @param {Axis[]} axes @param {Box} box @param {number[]} sizes @param {number[]} output @returns {Box[]} */
function forth(axes, box, sizes, output) {
  /** @type {Box} */
  const rows = output.map(() => null);
  for (const [place, axis] of axes.entries()) {
    if (typeof axis === "string") continue;
    const along = axis[1];
    if (isSplit(axis)) {
      const [row] = box[place] ?? [null];
      if (row !== null) splitPlaces(axis).forEach(({ inner, size }, each) => (rows[along + each] = [Math.floor(row / inner) % size]));
      continue;
    }
    const reading = forthRows(axis, box[place], sizes[place], output[along]);
    const before = rows[along];
    rows[along] = before === null || reading === null ? before ?? reading : before.filter((row) => reading.includes(row));
    if (rows[along]?.length === 0) return [];
  }
  return [rows];
}

/** @param {Axis} axis @param {Rows} wanted @param {number} size @param {number} count output rows @returns {Rows} */
function forthRows(axis, wanted, size, count) {
  if (wanted !== null && isItself(axis)) return wanted[wanted.length - 1] < count ? wanted : wanted.filter((row) => row < count);
  const among = wanted === null ? null : new Set(wanted);
  /** @type {number[]} */
  const reading = [];
  for (let row = 0; row < count; row++) {
    const each = recallRows(axis, row, size);
    if (among === null ? each.length : each.some((found) => among.has(found))) reading.push(row);
  }
  return reading.length === count ? null : reading;
}
