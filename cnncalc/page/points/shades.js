// The groups into which a colour divides the points: a shade each, from light to dark, and for texts a sign each.

import { amount } from "./points.js";

const MOST = 8, RANGES = 6; // groups; of more values, each group is a range of them
export const SIGNS = ["circle", "square", "triangle", "diamond", "cross", "plus"];

/** @typedef {{label: string, shade: number, sign: string, of: number[]}} Group `shade`: from 0 to 1; `of`: ids of points */

/** @param {import("./points.js").Points} points @returns {Group[]} */
export function groupsOf(points) {
  const [column, drawn] = [points.column("colour"), points.drawn()];
  if (!column) return [{ label: "", shade: 0.7, sign: "circle", of: drawn }];
  /** @type {Map<number, number[]>} */
  const byValue = new Map();
  for (const id of drawn) {
    const value = column.numbers[id];
    if (Number.isNaN(value)) continue;
    const same = byValue.get(value);
    if (same) same.push(id);
    else byValue.set(value, [id]);
  }
  const values = [...byValue.keys()].sort((a, b) => a - b);
  const few = values.length <= MOST;
  const count = few ? values.length : RANGES;
  const groups = Array.from({ length: count }, (_, i) => {
    const mine = values.slice(Math.round((i * values.length) / count), Math.round(((i + 1) * values.length) / count));
    const ends = [...new Set([mine[0], mine[mine.length - 1]])].map((value) => points.text(column, /** @type {number[]} */ (byValue.get(value))[0]));
    const names = column.texts && !few ? (mine.length > 2 ? `${ends[0]} and ${mine.length - 1} more` : ends.join(", ")) : ends.join(" – ");
    return { label: names, shade: count > 1 ? i / (count - 1) : 0.7, sign: column.texts ? SIGNS[i % SIGNS.length] : "circle",
      of: mine.flatMap((value) => /** @type {number[]} */ (byValue.get(value))) };
  });
  const rest = drawn.filter((id) => Number.isNaN(column.numbers[id]));
  return rest.length ? [...groups, { label: "unknown", shade: 0, sign: "cross", of: rest }] : groups;
}

/** A fill of a shade: never so light that it is lost on paper. @param {number} shade */
export function shadeFill(shade) {
  return `color-mix(in oklab, var(--hi) ${Math.round(35 + 65 * shade)}%, var(--lo))`;
}

/** The outline of a sign around a spot. @param {string} sign @param {number} x @param {number} y @param {number} r */
export function signPath(sign, x, y, r) {
  const at = `M${round(x)} ${round(y)}`;
  switch (sign) {
    case "square": return `${at}m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case "triangle": return `${at}m0 ${-1.3 * r}l${1.2 * r} ${2.2 * r}h${-2.4 * r}z`;
    case "diamond": return `${at}m0 ${-1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z`;
    case "cross": return `${at}m${-r} ${-1.5 * r}l${r} ${r}l${r} ${-r}l${r / 2} ${r / 2}l${-r} ${r}l${r} ${r}l${-r / 2} ${r / 2}l${-r} ${-r}l${-r} ${r}l${-r / 2} ${-r / 2}l${r} ${-r}l${-r} ${-r}z`;
    case "plus": return `${at}m${-r / 3} ${-1.3 * r}h${(2 * r) / 3}v${r}h${r}v${(2 * r) / 3}h${-r}v${r}h${(-2 * r) / 3}v${-r}h${-r}v${(-2 * r) / 3}h${r}z`;
    default: return `${at}m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/** A tick as text. @param {import("./points.js").Column} column @param {number} value */
export function tickText(column, value) {
  if (column.texts) return column.texts[value] ?? "";
  return amount({ ...column, unit: column.unit === "count" ? "amount" : column.unit }, value).replace(/\.0+(?= )/, "");
}
