// The head of a page of two networks: their names, how many layers changed, and both totals.

import { html } from "../dom.js";
import { isAffected, markOf, SIGNS, WORDS } from "../marks.js";
import { peakOf } from "../memory.js";
import { changeText, pairTable, percentText } from "../pairs.js";
import { bytes, exact, plural, shape, short } from "../words.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountTotals(root, store) {
  const { labels } = store.document;
  const counts = html("div", { class: "counts" });
  const totals = html("div");
  root.append(html("div", { class: "title" }, html("h1", {}, labels[0], html("span", { class: "arrow" }, " → "), labels[1]), counts), totals);
  function show() {
    counts.replaceChildren(...countsOf(store));
    totals.replaceChildren(pairTable(labels, pairsOf(store), "Totals of both networks"));
  }
  store.on("sizes", show);
  show();
}

/** @param {import("../store.js").Store} store */
function countsOf(store) {
  const found = Object.entries(SIGNS).flatMap(([mark, sign]) => {
    const count = store.layers.filter((tensor) => markOf(tensor) === mark).length;
    return count ? [html("span", { "data-count": mark }, html("b", { class: `sign is-${mark}` }, sign), ` ${plural(count, "layer")} ${WORDS[mark]}`)] : [];
  });
  const affected = store.layers.filter((tensor) => isAffected(store, tensor)).length;
  if (affected) found.push(html("span", { class: "quiet", "data-count": "affected" }, `${plural(affected, "layer")} ${affected === 1 ? "differs" : "differ"} only because of changes elsewhere`));
  return found.length ? found : [html("span", { class: "quiet" }, "no layer differs")];
}

/** @param {import("../store.js").Store} store @returns {import("../pairs.js").Pair[]} */
function pairsOf(store) {
  const { document: both } = store;
  const old = both.before;
  const least = (/** @type {any} */ { at_least }) => at_least ? "≥ " : "";
  const figure = (/** @type {string} */ label, /** @type {bigint} */ before, /** @type {bigint} */ after, /** @type {(value: bigint) => string} */ write) => ({
    label, before: `${least(old.totals)}${write(before)}`, after: `${least(both.totals)}${write(after)}`, change: changeText(before, after, write),
    percent: percentText(before, after), title: `${exact(before)} → ${exact(after)}` });
  const total = (/** @type {string} */ label, /** @type {string} */ key, /** @type {(value: bigint) => string} */ write) =>
    figure(label, store.value(old.totals[key]), store.value(both.totals[key]), write);
  const [before, after] = [old.outputs, both.outputs].map((outputs) =>
    Object.values(outputs).map((id) => id).join());
  const shapes = [shapesOf(store, old.outputs, true), shapesOf(store, both.outputs, false)];
  const pairs = [
    total("parameters", "params", exact), total("MACs", "macs", short), total("FLOPs", "flops", short),
    figure("peak memory", peakOf(store, "inference", old.memory).bytes, peakOf(store, "inference").bytes, bytes),
    figure("layers", BigInt(old.layers), BigInt(store.layers.filter(({ status }) => status !== "removed").length), exact),
  ];
  if (shapes[0] !== shapes[1] || before !== after) pairs.push({ label: "output", before: shapes[0], after: shapes[1], change: "", percent: "", title: "" });
  return pairs;
}

/** @param {import("../store.js").Store} store @param {Record<string, number>} outputs @param {boolean} first whether in the first network */
function shapesOf(store, outputs, first) {
  const shapes = Object.values(outputs).map((id) => {
    const tensor = store.tensors[id];
    return shape(store.sizes(first && tensor.before?.output ? tensor.before.output : tensor.output));
  });
  return shapes.length > 2 ? `${shapes.length} outputs` : shapes.join(", ");
}
