// Where the rows of one axis stand on another that holds several, after a concatenation or flattened with others:
// `cnncalc/analysis/field/place.py` in numbers.

import { splitPlaces } from "./rows.js";

/** @typedef {import("./rows.js").Axis} Axis */
/** Position i holds row ⌊(i − offset)/inner⌋ mod size, for begin ≤ i < end.
 * @typedef {{inner: number, size: number, begin: number, end: number, offset: number}} Standing */

/** @type {Standing} */
export const NOWHERE = { inner: 1, size: 1, begin: 0, end: 0, offset: 0 };

/** The row at a position; null if none stands there. @param {Standing} standing @param {number} position */
export function rowStanding({ inner, size, begin, end, offset }, position) {
  if (position < begin || position >= end) return null;
  const row = Math.floor((position - offset) / inner);
  return ((row % size) + size) % size;
}

/** Whether no position holds rows of both. @param {Standing} one @param {Standing} other */
export const isApart = (one, other) => one.end <= other.begin || other.end <= one.begin;

/** Where rows stand in the output of a layer that reads `axis`, given where in its input (null: row by row); null if not known.
 * @param {Standing | null} standing @param {Axis} axis
 * @param {number[]} output @returns {[number, Standing | null] | null} */
export function relocate(standing, axis, output) {
  const [type, along, first, second] = axis;
  if (type === "merged") {
    const merged = nested(standing, first, second, output[along]);
    return merged && [along, merged];
  }
  if (type === "split") return unfold(standing, axis);
  if (type === "segment") return shift(standing ?? { inner: 1, size: second, begin: 0, end: second, offset: 0 }, first, along, output);
  const shifts = type === "slide" && axis[2] === 1 && axis[3] === 1 && axis[5] === 1 && axis[6] === "clip";
  return standing !== null && shifts ? shift(standing, axis[4], along, output) : null; // a slice or padding: rows stay as they are
}

/** @param {Standing} standing @param {number} by @param {number} along @param {number[]} output @returns {[number, Standing]} */
function shift(standing, by, along, output) {
  const [begin, end] = [standing.begin + by, standing.end + by].map((at) => Math.max(0, Math.min(output[along], at)));
  return [along, begin === end ? NOWHERE : { ...standing, begin, end, offset: standing.offset + by }];
}

/** Where rows stand on an axis that is flattened with others; null if they do not fill their own.
 * @param {Standing | null} standing @param {number} inner @param {number} size @param {number} total @returns {Standing | null} */
function nested(standing, inner, size, total) {
  if (standing === null) return { inner, size, begin: 0, end: total, offset: 0 };
  const filled = standing.offset === 0 && standing.begin === 0 && standing.end === size;
  return filled ? { ...standing, inner: inner * standing.inner, end: total } : null;
}

/** The axis that was flattened, where a flattened one is split as it was before.
 * @param {Standing | null} standing @param {Axis} axis @returns {[number, null] | null} */
function unfold(standing, axis) {
  if (standing === null || standing.offset !== 0 || standing.begin !== 0) return null;
  const places = splitPlaces(axis);
  const total = places.reduce((all, { size }) => all * size, 1);
  const place = places.findIndex(({ inner, size }) => inner === standing.inner && size === standing.size && total === standing.end);
  return place < 0 ? null : [Number(axis[1]) + place, null];
}
