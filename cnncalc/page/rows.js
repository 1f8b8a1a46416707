// Which rows of an input an output row reads: `cnncalc/layers/reading.py` in numbers. An axis of a route is "whole",
// "unknown" or [type, output axis, numbers…]; `readings.py` writes it, and `resolve` puts numbers for the forms.

/** @typedef {"whole" | "unknown" | [string, number, ...any[]]} Axis */
/** @typedef {[number, ...Axis[]]} Route the number of the input, then an axis per axis of that tensor */

/** @param {number} a @param {number} b ⌊a/b⌋ for b > 0 */
const floorDivide = (a, b) => Math.floor(a / b);
/** @param {number} a @param {number} b @returns {number} */
const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

/** `step`, `step + between` …: evenly spaced rows within 0 … size − 1.
 * @param {number} first @param {number} count @param {number} between @param {number} size */
function spaced(first, count, between, size) {
  const from = Math.max(0, Math.ceil(-first / between));
  const to = Math.min(count - 1, floorDivide(size - 1 - first, between));
  /** @type {number[]} */
  const rows = [];
  for (let u = from; u <= to; u++) rows.push(first + between * u);
  return rows;
}

/** @param {number} row @param {number} size @param {string} border the row that padding repeats there */
function borderRow(row, size, border) {
  if (border === "circular") return ((row % size) + size) % size;
  if (border === "replicate" || size === 1) return Math.min(Math.max(row, 0), size - 1);
  return row < size ? Math.abs(row) : 2 * (size - 1) - row;
}

/** @param {number} row @param {number[]} numbers @param {number} size */
function spread(row, [kernel, stride, low, dilation], size) {
  const shared = gcd(stride, dilation);
  const first = floorDivide(row + low, shared);
  if ((row + low) % shared !== 0) return [];
  const every = stride / shared;
  const step = dilation / shared;
  let tap = 0; // the first that makes the row whole; then every stride-th
  while (tap < every && (((first - step * tap) % every) + every) % every !== 0) tap += 1;
  if (tap >= kernel) return [];
  const last = (first - step * tap) / every;
  const count = floorDivide(kernel - 1 - tap, every);
  return spaced(last - count * step, count + 1, step, size);
}

/** @param {number} row @param {[number, number, string]} numbers @param {number} size */
function resample(row, [advance, period, kernel], size) {
  const corners = kernel.endsWith("aligned");
  if (corners && (advance === 0 || period === 0)) [advance, period] = [0, 1]; // one row: all read the first
  const middle = (2 * row + 1) * advance;
  const plain = kernel === "nearest" || corners;
  const top = plain ? row * advance : kernel === "nearest-exact" ? middle : middle - period;
  const bottom = plain ? period : 2 * period;
  const floor = floorDivide(top, bottom);
  if (top === floor * bottom || kernel.startsWith("nearest")) return spaced(floor, 1, 1, size);
  return kernel.startsWith("cubic") ? spaced(floor - 1, 4, 1, size) : spaced(floor, 2, 1, size);
}

/** @param {number} row @param {number[]} numbers @param {number} size */
function filtered(row, [advance, period, reach], size) {
  if (advance === 0 || period === 0) [advance, period] = [0, 1];
  const middle = advance * (2 * row + 1);
  const widened = 2 * Math.max(period, advance);
  const ends = reach * widened;
  const first = floorDivide(middle - ends - period, 2 * period) + 1;
  const last = -floorDivide(period - middle - ends, 2 * period) - 1;
  const rows = spaced(first, last - first + 1, 1, size);
  return reach === 1 ? rows : rows.filter((each) => Math.abs((2 * each + 1) * period - middle) !== widened);
}

/** The existing rows that an output row reads, in order; one that padding repeats may come twice.
 * @param {Axis} axis neither "whole" nor "unknown" @param {number} row @param {number} size of the input's axis
 * @returns {number[]} */
export function rowsRead(axis, row, size) {
  const [type, , ...numbers] = axis;
  const [a, b, c, d] = numbers;
  switch (type) {
    case "slide": {
      const first = b * row - c;
      if (numbers[4] === "clip") return spaced(first, a, d, size);
      return Array.from({ length: a }, (_, u) => borderRow(first + d * u, size, numbers[4]));
    }
    case "spread":
      return spread(row, numbers, size);
    case "resample":
      return resample(row, /** @type {any} */ (numbers), size);
    case "filtered":
      return filtered(row, numbers, size);
    case "parts": {
      const first = floorDivide(row * a, b);
      return spaced(first, Math.ceil(((row + 1) * a) / b) - first, 1, size);
    }
    case "blocks":
      return spaced(b + a * floorDivide(row - b, a), a, 1, size);
    case "every":
      return spaced(row % a, Math.ceil((b - (row % a)) / a), a, size);
    case "segment":
      return row >= a && row - a < b ? spaced(row - a, 1, 1, size) : [];
    case "listed":
      return spaced(/** @type {any} */ (a)[row], 1, 1, size);
    case "merged":
      return spaced(floorDivide(row, a) % b, 1, 1, size);
    case "past":
      return spaced(0, row + 1, 1, size);
    default:
      throw new RangeError(`no such reading: ${type}`);
  }
}

const LONGEST_KEPT = 512;
/** @type {WeakMap<object, Map<number, number[][]>>} axis → size of the input → output row → rows */
const kept = new WeakMap();

/** `rowsRead`, remembered: layers that repeat share their axes. @param {Axis} axis @param {number} row
 * @param {number} size @returns {number[]} */
export function recallRows(axis, row, size) {
  const key = /** @type {any} */ (axis);
  let sizes = kept.get(key);
  if (!sizes) kept.set(key, (sizes = new Map()));
  let lists = sizes.get(size);
  if (!lists) sizes.set(size, (lists = []));
  if (lists[row]) return lists[row];
  const rows = rowsRead(axis, row, size);
  if (rows.length <= LONGEST_KEPT) lists[row] = rows;
  return rows;
}

/** Whether every row reads itself. @param {Axis} axis */
export function isItself(axis) {
  return axis[0] === "slide" && axis[2] === 1 && axis[3] === 1 && axis[4] === 0 && axis[5] === 1 && axis[6] === "clip";
}

/** @param {Axis} axis whether an axis is read as several */
export const isSplit = (axis) => axis[0] === "split";

/** Per axis of those into which one is split, the rows of it that lie between two of theirs, and their number.
 * @param {any} axis @returns {{inner: number, size: number}[]} */
export function splitPlaces([, , sizes]) {
  return sizes.map((/** @type {number} */ size, /** @type {number} */ place) => ({
    inner: sizes.slice(place + 1).reduce((/** @type {number} */ all, /** @type {number} */ each) => all * each, 1), size }));
}

/** Routes with numbers in place of the forms. @param {any[][]} routes @param {(form: number) => number} valueOf
 * @returns {Route[]} */
export function resolveRoutes(routes, valueOf) {
  /** @param {any} axis */
  const resolve = (axis) =>
    typeof axis === "string" ? axis : axis.map((/** @type {any} */ part, /** @type {number} */ place) =>
      Array.isArray(part) ? part.map(valueOf) : place > 1 && typeof part === "number" ? valueOf(part) : part);
  return routes.map(([source, ...axes]) => /** @type {Route} */ ([source, ...axes.map(resolve)]));
}
