// How a window fits along one axis, as `cnncalc/layers/window.py` and `analysis/fit.py` have it.

/** @typedef {{N: bigint, F: bigint, S: bigint, low: bigint, high: bigint, D: bigint, E: bigint, out: bigint,
 *    slack: bigint, leftover: bigint, ceil: boolean, padding: bigint, gap: bigint, pixels: bigint}} Axis */

/** One axis at the sizes of now; `padding`, `gap` and `pixels` count the trailing rows that no window reads.
 * @param {import("./store.js").WindowForms} window @param {(form: number) => bigint} value @returns {Axis} */
export function axisOf(window, value) {
  const [N, F, S, low, high, D, E, out, leftover] = [window.size, window.kernel, window.stride, window.low, window.high,
    window.dilation, window.extent, window.out, window.leftover].map(value);
  const rest = leftover > 0n ? leftover : 0n;
  const padding = least(rest, high);
  const gap = least(rest - padding, S > E ? S - E : 0n);
  const slack = N + low + high - E;
  return { N, F, S, low, high, D, E, out, slack, leftover, ceil: window.ceil, padding, gap, pixels: rest - padding - gap };
}

/** "fits", "overhang", "padding", "gap" or "pixels": the worst over all axes. @param {Axis[]} axes */
export function gradeOf(axes) {
  const grades = ["fits", "overhang", "padding", "gap", "pixels"];
  const worst = axes.map((axis) => axis.pixels > 0n ? 4 : axis.gap > 0n ? 3 : axis.padding > 0n ? 2 : axis.leftover < 0n ? 1 : 0);
  return grades[Math.max(0, ...worst)];
}

/** slack/S + 1 before rounding, as an exact decimal (54.25) or cut with "…". @param {Axis} axis */
export function exactSize({ slack, S }) {
  return decimal(slack + S, S);
}

/** top/bottom as a decimal, exact or cut after four digits. @param {bigint} top @param {bigint} bottom */
export function decimal(top, bottom) {
  const negative = top < 0n !== bottom < 0n && top !== 0n;
  const [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  let rest = a % b;
  let digits = "";
  while (rest > 0n && digits.length < 4) {
    rest *= 10n;
    digits += String(rest / b);
    rest %= b;
  }
  return `${negative ? "−" : ""}${grouped(a / b)}${digits && `.${digits}`}${rest > 0n ? "…" : ""}`;
}

/** @param {bigint} value */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {bigint} a @param {bigint} b */
function least(a, b) {
  return a < b ? a : b;
}
