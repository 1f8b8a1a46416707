// What the panel says of a layer besides its arithmetic.

import { exact, ratio } from "../words.js";

/** The local field in words: "43×43 pixels of the input, in steps of 8, from 15 before the edge".
 * @param {import("../sight.js").Seen[]} axes */
export function fieldText(axes) {
  if (!axes.length) return "";
  if (axes.every((axis) => axis.unknown)) return "not known";
  if (axes.every((axis) => axis.whole && axis.stride === null)) return "the whole input";
  const size = axes.map((axis) => axis.size === null ? (axis.unknown ? "?" : "…") : axis.stride === null && axis.whole ? "whole" : exact(axis.size));
  const strides = [...new Set(axes.flatMap(({ stride }) => stride === null ? [] : [ratio(stride)]))];
  const starts = [...new Set(axes.flatMap(({ first }) => first ? [-first[0]] : []))];
  const words = [`${size.join("×")} of the input`];
  if (strides.length) words.push(`in steps of ${strides.join("×")}`);
  if (starts.some((start) => start > 0n)) words.push(`the first from ${starts.map(String).join(", ")} before the edge`);
  if (axes.some((axis) => axis.phases > 1)) words.push("the largest of several, which alternate");
  if (axes.some((axis) => axis.whole && axis.stride !== null)) words.push(`and all of it through ${axes[0].through || "another path"}`);
  if (axes.some((axis) => axis.aligned === false)) words.push("paths are not aligned");
  return words.join(", ");
}

/** What of the layer itself would make it read every row: more padding, a larger kernel. @param {import("../fit.js").Axis[]} axes */
export function fixesOf(axes) {
  if (!axes.some((axis) => axis.pixels > 0n)) return [];
  const pads = axes.map(({ low, high, S, leftover }) => `[${low}, ${leftover > 0n ? high + S - leftover : high}]`);
  const fixes = [`padding: [${pads.join(", ")}]`];
  const kernels = new Set(axes.map(({ F, leftover, D }) => leftover % D === 0n ? F + leftover / D : 0n));
  if (kernels.size === 1 && !kernels.has(0n)) fixes.push(`kernel_size: ${[...kernels][0]}`);
  return fixes;
}

/** The lines of a spec that write a layer: from its line to the next that is not further in.
 * @param {string} text @param {number} [line] from 1 @returns {{number: number, text: string}[]} */
export function linesOf(text, line) {
  if (!text || !line) return [];
  const lines = text.split("\n");
  const first = lines[line - 1];
  if (first === undefined) return [];
  const indent = (/** @type {string} */ each) => each.length - each.trimStart().length;
  let end = line;
  while (end < lines.length && end < line + 12 && (indent(lines[end]) > indent(first) && lines[end].trim() !== "")) end++;
  return lines.slice(line - 1, end).map((each, i) => ({ number: line + i, text: each.slice(indent(first), indent(first) + 160) }));
}
