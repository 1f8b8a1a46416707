// Sets of pixels as unions of boxes, as `cnncalc/analysis/field/footprint.py` has them: a box is a set of rows per axis.

/** @typedef {number[] | null} Rows sorted; null: all */
/** @typedef {Rows[]} Box per axis, channels included */
/** @typedef {{boxes: Box[], exact: boolean}} Pixels a superset of what is seen unless it is exact */

export const MOST_BOXES = 64;

/** @param {Rows} one @param {Rows} other */
function isEqual(one, other) {
  if (one === other) return true;
  if (one === null || other === null || one.length !== other.length) return false;
  return one.every((row, place) => row === other[place]);
}

/** @param {Rows} mine @param {Rows} its whether `mine` is a part of `its` */
function isPart(mine, its) {
  if (its === null) return true;
  if (mine === null || mine.length > its.length) return false;
  let place = 0;
  for (const row of mine) {
    while (place < its.length && its[place] < row) place += 1;
    if (its[place] !== row) return false;
  }
  return true;
}

/** @param {Box} box @param {Box} other */
const isWithin = (box, other) => box.every((rows, axis) => isPart(rows, other[axis]));

/** @param {Rows[]} each @returns {Rows} */
export function uniteRows(each) {
  let last = -1;
  for (const rows of each) {
    if (rows === null) return null;
    last = Math.max(last, rows[rows.length - 1] ?? -1);
  }
  const marked = new Uint8Array(last + 1);
  for (const rows of each) for (const row of rows ?? []) marked[row] = 1;
  return rowsMarked(marked);
}

/** The places that are marked. @param {Uint8Array} marked */
export function rowsMarked(marked) {
  /** @type {number[]} */
  const rows = [];
  for (let row = 0; row < marked.length; row++) if (marked[row]) rows.push(row);
  return rows;
}

/** Drops what is contained, and merges boxes that differ along one axis only. @param {Box[]} few @param {Box} box
 * @returns {Box[]} */
function add(few, box) {
  if (few.some((other) => isWithin(box, other))) return few;
  const kept = few.filter((other) => !isWithin(other, box));
  for (const [place, other] of kept.entries()) {
    const different = box.flatMap((rows, axis) => (isEqual(rows, other[axis]) ? [] : [axis]));
    if (different.length !== 1) continue;
    const [axis] = different;
    kept.splice(place, 1);
    return add(kept, box.with(axis, uniteRows([box[axis], other[axis]])));
  }
  return [...kept, box];
}

/** The union of boxes; of very many, the box around them. @param {Pixels} pixels @returns {Pixels} */
export function simplify({ boxes, exact }) {
  /** @type {Box[]} */
  let few = [];
  /** @type {Set<string>} */
  const known = new Set();
  for (const box of boxes) {
    const key = boxes.length > 1 ? JSON.stringify(box) : "";
    if (known.has(key)) continue;
    known.add(key);
    few = add(few, box);
  }
  if (few.length <= MOST_BOXES) return { boxes: few, exact };
  return { boxes: [few[0].map((_, axis) => uniteRows(few.map((box) => box[axis])))], exact: false };
}

/** Per spatial axis, the rows that are seen. @param {Pixels} pixels @param {number[]} shape @returns {number[][]} */
export function rowsOf({ boxes }, shape) {
  return shape.slice(1).map((size, place) => {
    const rows = uniteRows(boxes.map((box) => box[place + 1]));
    return rows ?? Array.from({ length: size }, (_, row) => row);
  });
}
