// The picture of a window along one axis: what every cell of the padded input is, and which cells a position reads.
// Cells are counted from the first row of padding. A transposed window is drawn on its output, which it writes.

/** @typedef {"real" | "padding" | "gap" | "unread" | "spare" | "overhang" | "cropped" | "empty"} Kind
 * `spare` is padding that no window reads; `gap` lies between windows that step over it; of a transposed window,
 * `cropped` is written and thrown away, `empty` is written by no window. */
/** @typedef {{transposed: boolean, cells: number, before: number, size: number, positions: number, step: number,
 *    kernel: number, dilation: number, extent: number, parts?: [number, number], kindOf: (cell: number) => Kind}} Strip
 * `before` cells come before row 0 of the `size` rows; position i covers `extent` cells from i·step. With `parts`
 * [a, b], it covers ⌊i·a/b⌋ to ⌈(i + 1)·a/b⌉ − 1 (adaptive pooling): `step` is their mean, `extent` the most of them */

/** @param {import("./fit.js").Axis} axis @returns {Strip} */
export function slidingStrip(axis) {
  const [N, F, S, low, high, D, E, out, leftover, gap, pixels] = [axis.N, axis.F, axis.S, axis.low, axis.high, axis.D,
    axis.E, axis.out, axis.leftover, axis.gap, axis.pixels].map(Number);
  const padded = low + N + high;
  const end = S * (out - 1) + E; // of what the last window reads
  /** @param {number} cell @returns {Kind} */
  function kindOf(cell) {
    if (cell >= padded) return "overhang";
    const isPadding = cell < low || cell >= low + N;
    if (cell >= end) return cell < end + gap ? "gap" : cell < end + gap + pixels ? "unread" : "spare";
    if (cell % S >= E) return isPadding ? "spare" : "gap";
    return isPadding ? "padding" : "real";
  }
  return { transposed: false, cells: padded + Math.max(0, -leftover), before: low, size: N, positions: Math.max(0, out),
    step: S, kernel: F, dilation: D, extent: E, kindOf };
}

/** A transposed window, drawn on the output that it writes: position i is an input row.
 * @param {{kernel: number, stride: number, low: number, dilation: number}} window @param {number} size of the input
 * @param {number} out of the output @returns {Strip} */
export function transposedStrip({ kernel, stride, low, dilation }, size, out) {
  const extent = dilation * (kernel - 1) + 1;
  const written = stride * (size - 1) + extent;
  /** @param {number} cell @returns {Kind} */
  function kindOf(cell) {
    const hit = isWritten(cell, { kernel, stride, dilation, size });
    if (cell < low || cell >= low + out) return "cropped";
    return hit ? "real" : "empty";
  }
  return { transposed: true, cells: Math.max(written, low + out), before: low, size: out, positions: size, step: stride,
    kernel, dilation, extent, kindOf };
}

/** Whether stride·i + dilation·u is the cell for some i and u. @param {number} cell
 * @param {{kernel: number, stride: number, dilation: number, size: number}} window */
function isWritten(cell, { kernel, stride, dilation, size }) {
  for (let tap = 0; tap < kernel && dilation * tap <= cell; tap++) {
    const start = cell - dilation * tap;
    if (start % stride === 0 && start / stride < size) return true;
  }
  return false;
}

/** The parts of an axis that adaptive pooling makes: position i reads ⌊i·a/b⌋ to ⌈(i + 1)·a/b⌉ − 1.
 * @param {[number, number]} parts @param {number} size @param {number} out @returns {Strip} */
export function partsStrip(parts, size, out) {
  const [advance, period] = parts;
  const extent = Math.min(size, Math.ceil(advance / period) + (advance % period ? 1 : 0));
  return { transposed: false, cells: size, before: 0, size, positions: out, step: advance / period, kernel: extent,
    dilation: 1, extent, parts, kindOf: () => "real" };
}

/** The first cell that a position covers, and how many. @param {Strip} strip @param {number} position */
export function spanAt({ parts, step, extent }, position) {
  if (!parts) return { first: step * position, extent };
  const first = Math.floor((position * parts[0]) / parts[1]);
  return { first, extent: Math.ceil(((position + 1) * parts[0]) / parts[1]) - first };
}

/** The cells that a position reads or writes. @param {Strip} strip @param {number} position */
export function taps(strip, position) {
  const { first, extent } = spanAt(strip, position);
  return Array.from({ length: strip.parts ? extent : strip.kernel }, (_, tap) => first + strip.dilation * tap);
}

/** The rows that a position reads (or writes), padding left out. @param {Strip} strip @param {number} position */
export function rowsAt(strip, position) {
  return taps(strip, position).map((cell) => cell - strip.before).filter((row) => row >= 0 && row < strip.size);
}

/** The position whose window is centred nearest to a cell. @param {Strip} strip @param {number} cell */
export function positionAt(strip, cell) {
  const { parts, step, extent } = strip;
  const position = parts ? Math.floor((cell + 0.5) / step) : Math.round((cell - (extent - 1) / 2) / step);
  return Math.max(0, Math.min(strip.positions - 1, position));
}

/** Runs of equal cells: [kind, first cell, count]. @param {Strip} strip @param {number} from @param {number} to
 * @returns {[Kind, number, number][]} */
export function runs(strip, from = 0, to = strip.cells) {
  /** @type {[Kind, number, number][]} */
  const found = [];
  for (let cell = from; cell < to; cell++) {
    const kind = strip.kindOf(cell);
    const last = found[found.length - 1];
    if (last && last[0] === kind) last[2] += 1;
    else found.push([kind, cell, 1]);
  }
  return found;
}

/** "0…37"; "0, 4, 8"; "0…36, every 4th"; "0…40, 13 of 41"; as `rf --position` abbreviates. @param {number[]} rows sorted */
export function runText(rows) {
  if (!rows.length) return "none";
  const [first, last] = [rows[0], rows[rows.length - 1]];
  if (rows.length === 1) return String(first);
  if (rows.length === last - first + 1) return `${first}…${last}`;
  if (rows.length <= 4) return rows.join(", ");
  const step = rows[1] - rows[0];
  if (rows.every((row, place) => row === first + step * place)) return `${first}…${last}, every ${ordinal(step)}`;
  return `${first}…${last}, ${rows.length} of ${last - first + 1}`;
}

/** @param {number} number */
function ordinal(number) {
  const teen = [11, 12, 13].includes(number % 100);
  return `${number}${teen ? "th" : { 1: "st", 2: "nd", 3: "rd" }[number % 10] ?? "th"}`;
}
