// Which rows of an input an output row reads: `cnncalc/layers/reading.py` in numbers. An axis of a route is "whole",
// "unknown" or [type, output axis, numbers…]; `readings.py` writes it, and `resolve` puts numbers for the forms.

/** @typedef {"whole" | "unknown" | [string, number, ...any[]]} Axis */
/** @typedef {[number, ...Axis[]]} Route the number of the input, then an axis per axis of that tensor */

/** @param {number} a @param {number} b ⌊a/b⌋ for b > 0 */
const floorDivide = (a, b) => Math.floor(a / b);
/** @param {number} a @param {number} b @returns {number} */
export const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

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

/** Evenly spaced rows: the first, how many, and from one to the next. @typedef {[number, number, number]} Progression */

/** @param {number} row @param {number[]} numbers @returns {Progression} */
function spread(row, [kernel, stride, low, dilation]) {
  const shared = gcd(stride, dilation);
  const first = floorDivide(row + low, shared);
  if ((row + low) % shared !== 0) return [0, 0, 1];
  const every = stride / shared;
  const step = dilation / shared;
  let tap = 0; // the first that makes the row whole; then every stride-th
  while (tap < every && (((first - step * tap) % every) + every) % every !== 0) tap += 1;
  if (tap >= kernel) return [0, 0, 1];
  const last = (first - step * tap) / every;
  const count = floorDivide(kernel - 1 - tap, every);
  return [last - count * step, count + 1, step];
}

/** Half-pixel centres, unless corners are aligned; with 0 for one of both, there is one row, and it reads the first.
 * @param {number} advance @param {number} period @returns {[number, number]} */
export function scaleOf(advance, period) {
  return advance === 0 || period === 0 ? [0, 1] : [advance, period];
}

/** @param {number} row @param {any[]} numbers @returns {Progression} */
function resample(row, [into, of, kernel]) {
  const corners = kernel.endsWith("aligned");
  const [advance, period] = corners ? scaleOf(into, of) : [into, of];
  const middle = (2 * row + 1) * advance;
  const plain = kernel === "nearest" || corners;
  const top = plain ? row * advance : kernel === "nearest-exact" ? middle : middle - period;
  const bottom = plain ? period : 2 * period;
  const floor = floorDivide(top, bottom);
  if (top === floor * bottom || kernel.startsWith("nearest")) return [floor, 1, 1];
  return kernel.startsWith("cubic") ? [floor - 1, 4, 1] : [floor, 2, 1];
}

/** @param {number} row @param {number[]} numbers @returns {Progression} with rows of a cubic filter that weigh nothing */
function filtered(row, [into, of, reach]) {
  const [advance, period] = scaleOf(into, of);
  const middle = advance * (2 * row + 1);
  const ends = reach * 2 * Math.max(period, advance);
  const first = floorDivide(middle - ends - period, 2 * period) + 1;
  const last = -floorDivide(period - middle - ends, 2 * period) - 1;
  return [first, last - first + 1, 1];
}

/** Whether a cubic filter is zero at a row. @param {Axis} axis @param {number} row @param {number} read */
export function weighsNothing([type, , ...numbers], row, read) {
  if (type !== "filtered" || numbers[2] === 1) return false;
  const [advance, period] = scaleOf(numbers[0], numbers[1]);
  return Math.abs((2 * read + 1) * period - advance * (2 * row + 1)) === 2 * Math.max(period, advance);
}

/** The rows that an output row reads on an axis without ends: −1 lies in the padding.
 * @param {Axis} axis neither "whole" nor "unknown" @param {number} row @returns {Progression} */
export function progression([type, , ...numbers], row) {
  const [a, b, c, d] = numbers;
  switch (type) {
    case "slide":
      return [b * row - c, a, d];
    case "spread":
      return spread(row, numbers);
    case "resample":
      return resample(row, numbers);
    case "filtered":
      return filtered(row, numbers);
    case "parts": {
      const first = floorDivide(row * a, b);
      return [first, Math.ceil(((row + 1) * a) / b) - first, 1];
    }
    case "blocks":
      return [b + a * floorDivide(row - b, a), a, 1];
    case "every":
      return [row % a, Math.ceil((b - (row % a)) / a), a];
    case "segment":
      return [row - a, row >= a && row - a < b ? 1 : 0, 1];
    case "listed":
      return [/** @type {any} */ (a)[row], 1, 1];
    case "merged":
      return [floorDivide(row, a) % b, 1, 1];
    case "past":
      return [0, row + 1, 1];
    default:
      throw new RangeError(`no such reading: ${type}`);
  }
}

/** The existing rows that an output row reads, in order; one that padding repeats may come twice.
 * @param {Axis} axis neither "whole" nor "unknown" @param {number} row @param {number} size of the input's axis
 * @returns {number[]} */
export function rowsRead(axis, row, size) {
  const [first, count, between] = progression(axis, row);
  if (axis[0] === "slide" && axis[6] !== "clip") {
    return Array.from({ length: count }, (_, u) => borderRow(first + between * u, size, axis[6]));
  }
  const rows = spaced(first, count, between, size);
  return axis[0] === "filtered" && axis[4] !== 1 ? rows.filter((each) => !weighsNothing(axis, row, each)) : rows;
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
  const single = (/** @type {any} */ axis) => axis[0] === "merged" && axis[3] === 1; // every position reads its only row
  return routes.map(([source, ...axes]) => /** @type {Route} */ ([source, ...axes.map(resolve).map((axis) => single(axis) ? "whole" : axis)]));
}
