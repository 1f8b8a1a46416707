// The figures of a receptive field: size, effective stride, padding, and whether its paths are aligned.

import { html } from "../dom.js";
import { fieldIn, fieldsOf } from "../sight.js";
import { exact, ratio } from "../words.js";

/** @typedef {import("../sight.js").Seen} Seen */

/** @param {import("../store.js").Store} store @param {import("../store.js").Tensor} tensor @param {number} target
 * @param {HTMLElement} list a `dl`, filled */
export function factsOf(store, tensor, target, list) {
  const axes = fieldsOf(store, tensor)[store.tensors[target].name] ?? fieldIn(store, tensor, target);
  const facts = axes ? describe(axes) : [];
  list.replaceChildren(...facts.map(([label, text, title]) =>
    html("div", { title }, html("dt", {}, label), html("dd", {}, text))));
}

/** @param {Seen[]} axes @returns {[string, string, string][]} */
function describe(axes) {
  if (axes.some((axis) => axis.unknown)) {
    return [["field", "not the same everywhere", "it differs from position to position, or depends on the values of the input"]];
  }
  if (!axes.some((axis) => axis.phases)) return axes.every((axis) => axis.whole) ? [["field", "the whole map", "every position sees all of it"]] : [];
  const alike = (/** @type {string[]} */ each) => (new Set(each).size === 1 ? each[0] : each.join("×"));
  const through = axes.find((axis) => axis.through)?.through;
  const aligned = axes.some((axis) => axis.aligned === false) ? "not aligned" : "aligned";
  /** @type {[string, string, string][]} */
  const facts = [
    ["size", axes.map(({ size }) => size === null ? "?" : exact(size)).join("×"), "away from the borders"],
    ["effective stride", alike(axes.map(({ stride }) => stride ? ratio(stride) : "?")), "rows from the field of one position to that of the next"],
    ["effective padding", alike(axes.map(({ first }) => first ? exact(-first[0]) : "?")), "rows of the first field before the start of the map"],
    ["paths", aligned, "whether all paths have equal stride and centre"],
  ];
  if (through) facts.push(["and the whole map", `through ${through}`, "beside the local field"]);
  return facts;
}
