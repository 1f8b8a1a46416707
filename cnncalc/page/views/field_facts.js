// The figures of a receptive field: size, effective stride, padding, and whether its paths are aligned.

import { html } from "../dom.js";

/** @param {import("../store.js").Store} store @param {import("../store.js").Tensor} tensor @param {number} target
 * @param {HTMLElement} list a `dl`, filled */
export function factsOf(store, tensor, target, list) {
  const axes = /** @type {any[] | undefined} */ (tensor.field[store.tensors[target].name]);
  const facts = axes ? describe(store, axes) : [];
  list.replaceChildren(...facts.map(([label, text, title]) =>
    html("div", { title }, html("dt", {}, label), html("dd", {}, text))));
}

/** @param {import("../store.js").Store} store @param {any[]} axes @returns {[string, string, string][]} */
function describe(store, axes) {
  if (axes.some((axis) => axis.unknown)) {
    return [["field", "has no closed form", "it differs from position to position, or depends on the values of the input"]];
  }
  const moving = axes.some((axis) => axis.size !== undefined && (axis.stride !== undefined || axis.phases));
  if (!moving) return axes.every((axis) => axis.whole) ? [["field", "the whole map", "every position sees all of it"]] : [];
  const value = (/** @type {number | number[] | undefined} */ form) =>
    form === undefined ? "?" : Array.isArray(form) ? form.map((each) => store.value(each)).join("/") : String(store.value(form));
  const alike = (/** @type {string[]} */ each) => (new Set(each).size === 1 ? each[0] : each.join("×"));
  const size = axes.map((axis) => value(axis.size)).join("×");
  const stride = alike(axes.map((axis) => value(axis.stride)));
  const padding = alike(axes.map((axis) => (axis.first ? String(-store.value(axis.first[0])) : "?")));
  const through = axes.find((axis) => axis.through)?.through;
  const aligned = axes.some((axis) => axis.aligned === false) ? "not aligned" : "aligned";
  /** @type {[string, string, string][]} */
  const facts = [
    ["size", size, "away from the borders"],
    ["effective stride", stride, "rows from the field of one position to that of the next"],
    ["effective padding", padding, "rows of the first field before the start of the map"],
    ["paths", aligned, "whether all paths have equal stride and centre"],
  ];
  if (through) facts.push(["and the whole map", `through ${through}`, "beside the local field"]);
  return facts;
}
