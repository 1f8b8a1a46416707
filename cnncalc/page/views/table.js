// Every layer in a table.

import { html } from "../dom.js";
import { axisOf, gradeOf } from "../fit.js";
import { whenSeen } from "../seen.js";
import { fieldsOf } from "../sight.js";
import { bytes, exact, shape, share, short } from "../words.js";
import { unreadPixels } from "./box.js";
import { Sheet } from "./sheet.js";

/** @typedef {import("../store.js").Tensor} Tensor */

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountTable(root, store) {
  root.append(html("h2", {}, "Every layer"));
  sheetOf(root, store, columnsOf(store), {
    words: (tensor) => `${tensor.name} ${store.words(tensor)} ${fitText(store, tensor)}`,
    dress: (row, tensor) => row.classList.toggle("warned", unreadPixels(store, tensor.id) !== ""),
  });
}

/** A table of layers that follows the store, drawn when it is seen. @param {HTMLElement} root @param {import("../store.js").Store} store
 * @param {import("./sheet.js").Column<Tensor>[]} columns
 * @param {{words: (tensor: Tensor) => string, dress: (row: HTMLElement, tensor: Tensor) => void}} ways as for a sheet */
export function sheetOf(root, store, columns, ways) {
  root.classList.add("view-table");
  const sheet = new Sheet(root, {
    noun: "layer", items: store.layers, columns, ...ways,
    choose: ({ id }) => store.select(id), point: (tensor) => store.hover(tensor?.id ?? null),
  });
  const mark = () => sheet.mark(store.tensors[store.selected ?? -1] ?? null, store.tensors[store.hovered ?? -1] ?? null);
  store.on("sizes", whenSeen(root, () => {
    sheet.arrange();
    mark();
  }));
  store.on("select", mark);
  store.on("hover", mark);
  return sheet;
}

/** @param {import("../store.js").Store} store @returns {import("./sheet.js").Column<Tensor>[]} */
function columnsOf(store) {
  const { totals } = store.document;
  const figure = (/** @type {number|null} */ form) => form === null ? -1n : store.value(form);
  let [values, largest] = [/** @type {bigint[]} */ ([]), 0]; // the largest MACs of a layer, found once per size
  const partOf = (/** @type {Tensor} */ { macs }) => {
    if (values !== store.values) [values, largest] = [store.values, Math.max(...store.layers.map((each) => Number(figure(each.macs))))];
    return largest > 0 ? Math.max(0, Number(figure(macs))) / largest : 0;
  };
  return [
    { id: "number", label: "#", rising: true, text: ({ id }) => String(id - store.inputs.length + 1), value: ({ id }) => id },
    { id: "layer", label: "layer", left: true, rising: true, title: true, text: ({ name }) => name, value: ({ name }) => name },
    { id: "what", label: "what it is", left: true, quiet: true, rising: true, title: true, text: (tensor) => store.words(tensor), value: (tensor) => store.words(tensor) },
    { id: "from", label: "from", left: true, quiet: true, rising: true, text: (tensor) => tensor.joins ? tensor.from.map((id) => store.tensors[id].name).join(", ") : "", value: ({ from }) => from[0] ?? -1 },
    { id: "output", label: "output", text: (tensor) => shape(store.sizes(tensor.output)), value: (tensor) => store.sizes(tensor.output).reduce((a, b) => a * b, 1n) },
    { id: "fit", label: "fit", left: true, text: (tensor) => fitText(store, tensor), value: (tensor) => fitText(store, tensor) },
    { id: "params", label: "parameters", text: ({ params }) => params === null ? "unknown" : exact(store.value(params)), value: ({ params }) => figure(params) },
    { id: "macs", label: "MACs", text: ({ macs }) => macs === null ? "unknown" : short(store.value(macs)), value: ({ macs }) => figure(macs),
      raw: ({ macs }) => macs === null ? "unknown" : String(store.value(macs)) },
    { id: "share", label: "share of MACs", text: ({ macs }) => macs === null || !store.value(macs) ? "" : share(store.value(macs), store.value(totals.macs)), value: ({ macs }) => figure(macs), bar: partOf },
    { id: "field", label: "field", text: (tensor) => fieldSizes(fieldsOf(store, tensor)), value: (tensor) => fieldSize(store, tensor) },
    { id: "activation", label: "activation", text: (tensor) => tensor.memory_of === undefined ? bytes(store.value(tensor.bytes) * store.batch) : "", value: ({ bytes: form }) => store.value(form) },
  ];
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
export function fitText(store, tensor) {
  if (!tensor.windows.length) return "";
  const grade = gradeOf(tensor.windows.map((window) => axisOf(window, (form) => store.value(form))));
  return grade === "pixels" ? `▲ ${unreadPixels(store, tensor.id)}` : grade;
}

/** The size of the field in the first input. @param {Record<string, import("../sight.js").Seen[]>} fields */
export function fieldSizes(fields) {
  const [axes = []] = Object.values(fields);
  if (axes.length && axes.every((axis) => axis.whole && axis.stride === null)) return "whole";
  return axes.map(({ size }) => size === null ? "…" : exact(size)).join("×");
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function fieldSize(store, tensor) {
  const [axes = []] = Object.values(fieldsOf(store, tensor));
  return axes.reduce((product, { size }) => product * (size ?? 1n), 1n);
}
