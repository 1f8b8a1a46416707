// What happened to the chosen layer: what was written anew, and its figures in both networks.

import { html } from "../dom.js";
import { before, isAffected, markOf, SIGNS, WORDS } from "../marks.js";
import { changeText, pairTable, percentText } from "../pairs.js";
import { bytes, cut, exact, shape } from "../words.js";
import { evaluateFields, fieldsOf } from "../sight.js";
import { fieldSizes } from "./table.js";

/** @typedef {import("../store.js").Tensor} Tensor */

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountChange(root, store) {
  function show() {
    const tensor = store.tensors[store.selected ?? -1];
    if (!tensor) return root.replaceChildren();
    const mark = markOf(tensor);
    const pairs = mark === "inserted" || mark === "removed" ? [] : pairsOf(store, tensor);
    const edits = [...renamed(tensor), ...tensor.edits];
    root.className = `view view-change${mark && ` is-${mark}`}`;
    root.replaceChildren(
      html("p", { class: "change-head" }, headOf(store, tensor, mark)),
      edits.length ? html("ul", { class: "edits" }, edits.map((each) => html("li", {}, each))) : "",
      pairs.length ? pairTable(store.document.labels, pairs, "Figures of this layer in both networks") : "");
  }
  store.on("select", show);
  store.on("sizes", show);
  show();
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor @param {string} mark */
function headOf(store, tensor, mark) {
  const labels = store.document.labels.map((/** @type {string} */ label) => cut(label, 40));
  if (mark === "inserted") return `+ added: only in ${labels[1]}`;
  if (mark === "removed") return `− removed: only in ${labels[0]}`;
  if (mark) return `${SIGNS[mark]} ${WORDS[mark]}`;
  return isAffected(store, tensor) ? "· written the same; its figures differ because of changes elsewhere" : "the same in both networks";
}

/** @param {Tensor} tensor */
function renamed({ name, before: old }) {
  return old?.name && old.name !== name ? [`name ${old.name} → ${name}`] : [];
}

/** The figures that differ. @param {import("../store.js").Store} store @param {Tensor} tensor */
function pairsOf(store, tensor) {
  const sizes = ["output"].map((key) => ({ label: "output", texts: [before(tensor, key), tensor.output].map((forms) => shape(store.sizes(forms))) }));
  const fields = [{ label: "field", texts: [fieldSizes(evaluateFields(store, before(tensor, "field") ?? {})), fieldSizes(fieldsOf(store, tensor))] }];
  const texts = [...sizes, ...fields].filter(({ texts: [old, now] }) => old !== now).map(({ label, texts: [old, now] }) =>
    ({ label, before: old || "none", after: now || "none", wide: true }));
  const counts = [["parameters", "params", exact], ["MACs", "macs", exact], ["FLOPs", "flops", exact], ["activation", "bytes", bytes]];
  const figures = counts.flatMap(([label, key, write]) => {
    const values = [before(tensor, /** @type {string} */ (key)), /** @type {any} */ (tensor)[/** @type {string} */ (key)]].map((form) => form == null ? null : store.value(form));
    const [old, now] = key === "bytes" ? values.map((value) => value === null ? null : value * store.batch) : values;
    if (old === now) return [];
    const text = (/** @type {bigint|null} */ value) => value === null ? "unknown" : /** @type {any} */ (write)(value);
    return [{ label: /** @type {string} */ (label), before: text(old), after: text(now), change: changeText(old, now, /** @type {any} */ (write)), percent: percentText(old, now) }];
  });
  return [...texts.slice(0, 1), ...figures, ...texts.slice(1)];
}
