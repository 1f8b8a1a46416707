// The panel of the chosen layer: what it is, its arithmetic, its figures, and the lines that it was written in.

import { html, math } from "../dom.js";
import { axisOf, exactSize, gradeOf } from "../fit.js";
import { mathLine, sign, toMath } from "../formula.js";
import { fieldsOf } from "../sight.js";
import { bytes, exact, plural, shape, share } from "../words.js";
import { unreadPixels } from "./box.js";
import { fieldText, fixesOf, linesOf } from "./facts.js";
import { readSteps, stepText } from "./steps.js";

/** @typedef {import("../store.js").Tensor} Tensor */
/** @typedef {import("./steps.js").Read} Read */

const LEGEND = { N: "rows in", F: "kernel", S: "stride", P: "padding", P_low: "padding before", P_high: "padding after",
  D: "dilation", E: "extent", P_out: "output padding" };

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountPanel(root, store) {
  function show() {
    const tensor = store.selected === null ? null : store.tensors[store.selected];
    if (!tensor) return root.replaceChildren(html("p", { class: "note" }, "Choose a layer."));
    const steps = readSteps(store, tensor);
    root.replaceChildren(heading(store, tensor), arithmetic(store, tensor, steps), facts(store, tensor, steps), source(store, tensor));
  }
  store.on("select", show);
  store.on("sizes", show);
  show();
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function heading(store, tensor) {
  const cut = tensor.name.lastIndexOf(".") + 1;
  const lost = unreadPixels(store, tensor.id);
  const joined = tensor.joins ? ` of ${tensor.from.map((id) => store.tensors[id].name).join(", ")}` : "";
  const notes = [tensor.training && "only in training", tensor.frozen && "frozen", tensor.shares && `shares the weights of ${tensor.shares}`,
    outputText(tensor)].filter(Boolean);
  return html("header", { class: "layer-head" },
    html("h2", {}, html("span", { class: "path" }, tensor.name.slice(0, cut)), tensor.name.slice(cut), lost && html("span", { class: "warn", title: `${lost} unread` }, " ▲")),
    html("p", { class: "what" }, tensor.kind === "input" ? "an input of the network" : store.words(tensor), joined),
    notes.length ? html("p", { class: "note" }, notes.join("; ")) : null,
    html("p", { class: "walk no-print" }, neighbours(store, "reads", tensor.from), neighbours(store, "read by", tensor.readers)));
}

/** @param {Tensor} tensor that is an output, or not @returns {string} */
function outputText({ outputs }) {
  if (outputs.join() === "output") return "the output of the network"; // what a single one is called
  return outputs.length ? `${outputs.length > 1 ? "outputs" : "output"} ${outputs.join(", ")}` : "";
}

/** @param {import("../store.js").Store} store @param {string} word @param {number[]} ids */
function neighbours(store, word, ids) {
  if (!ids.length) return null;
  const most = 4;
  const links = [...new Set(ids)].slice(0, most).map((id) => html("button", { class: "link", onclick: () => store.select(id),
    onpointerenter: () => store.hover(id), onpointerleave: () => store.hover(null) }, store.tensors[id].name));
  return html("span", {}, `${word} `, links.flatMap((link, i) => i ? [", ", link] : [link]), ids.length > most ? ` and ${ids.length - most} more` : "");
}

/** The size of the output along each axis, as a fraction; once where axes agree.
 * @param {import("../store.js").Store} store @param {Tensor} tensor @param {Read[]} steps */
function arithmetic(store, tensor, steps) {
  const axes = tensor.windows.map((window) => axisOf(window, (form) => store.value(form)));
  const lines = steps.filter(({ label, tree }) => tree && /^(size|reach|channels|features)/.test(label));
  const sizes = lines.map((step, i) => {
    const axis = step.label.startsWith("size") ? axes[axes.length > 1 && lines.length > 1 ? i % axes.length : 0] : null;
    const letters = Object.entries(step.values).filter(([name]) => name in LEGEND);
    const label = step.label.replace(/^size ?/, "").trim();
    return html("div", { class: "line" },
      html("p", { class: "key" }, label && html("b", {}, label), letters.map(([name, value]) => html("span", {}, mathLine(toMath(name)), ` ${exact(value[0])} ${LEGEND[/** @type {keyof LEGEND} */ (name)]}`))),
      html("div", { class: "math" },
        html("span", { class: "quiet" }, mathLine(toMath(step.tree))),
        mathLine(sign("="), toMath(step.shown, step.values), sign("="), math("mn", {}, step.result))),
      axis && rounding(store, axis));
  });
  return html("div", { class: "arithmetic" }, sizes, axes.length > 0 && !sizes.length ? null : null, fixes(store, tensor, axes));
}

/** @param {import("../store.js").Store} store @param {import("../fit.js").Axis} axis */
function rounding(store, axis) {
  const grade = gradeOf([axis]);
  if (grade === "fits") return html("p", { class: "verdict-of quiet" }, "it fits: every row is read");
  const counts = { pixels: axis.pixels, padding: axis.padding, gap: axis.gap, overhang: -axis.leftover };
  const words = { pixels: "of pixels unread", padding: "of padding unread", gap: "in the gap of the stride unread", overhang: "beyond the input in the last window" };
  const count = counts[/** @type {keyof counts} */ (grade)];
  const rounded = axis.slack % axis.S === 0n ? "" : `${exactSize(axis)}, rounded ${axis.ceil && axis.leftover < 0n ? "up" : "down"}: `;
  const text = `${rounded}${plural(count, "row")} ${words[/** @type {keyof words} */ (grade)]}`;
  return html("p", { class: grade === "pixels" ? "verdict-of warn" : "verdict-of quiet" }, grade === "pixels" ? "▲ " : "", text);
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor @param {import("../fit.js").Axis[]} axes */
function fixes(store, tensor, axes) {
  const found = fixesOf(axes);
  return found.length ? html("p", { class: "note fixes" }, "to fit here: ", found.map((text, i) => [i ? " or " : "", html("code", {}, text)])) : null;
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor @param {Read[]} steps */
function facts(store, tensor, steps) {
  const { totals } = tensor.status === "removed" ? store.document.before : store.document;
  /** @type {[string, any][]} */
  const rows = [];
  const entering = [...new Set(tensor.from.map((id) => shape(store.sizes(store.tensors[id].output))))];
  rows.push(["shape", [entering.length ? `${entering.join(", ")} → ` : "", html("b", {}, shape(store.sizes(tensor.output)))]]);
  for (const step of steps.filter(({ group }) => group === "weights")) rows.push([step.label, stepText(step)]);
  const operations = Object.entries(tensor.operations).filter(([kind]) => kind !== "mac");
  for (const step of steps.filter(({ label }) => label === "MACs")) {
    rows.push(["MACs", [stepText(step), " ", html("span", { class: "quiet" }, `${share(tensor.macs === null ? 0 : store.value(tensor.macs), store.value(totals.macs))} of the network`)]]);
  }
  if (operations.length) rows.push(["operations", operations.map(([kind, form]) => `${exact(store.value(form))} ${kind}`).join(", ")]);
  if (tensor.kind !== "input") {
    const owner = tensor.memory_of;
    rows.push(["memory", owner === undefined ? [html("b", {}, bytes(store.value(tensor.bytes) * store.batch)), store.batch > 1n ? ` for ${store.batch} images` : ""]
      : `none: it lies in that of ${store.tensors[owner].name}`]);
  }
  for (const [name, axes] of Object.entries(fieldsOf(store, tensor))) {
    const text = fieldText(axes);
    if (text) rows.push([store.inputs.length > 1 ? `field in ${name}` : "field", text]);
  }
  const own = store.document.conditions.filter((/** @type {any} */ { layer, before }) => layer === tensor.id && Boolean(before) === (tensor.status === "removed"));
  const refusing = new Set(store.refused);
  for (const condition of own.slice(0, 4)) rows.push(["needs", html("span", { class: refusing.has(condition) ? "warn" : "" }, condition.text)]);
  return html("dl", { class: "facts" }, rows.flatMap(([label, value]) => [html("dt", {}, label), html("dd", {}, value)]));
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function source(store, tensor) {
  const { text, before } = store.document;
  const lines = linesOf(tensor.status === "removed" ? before.text : text, tensor.line);
  if (!lines.length) return "";
  return html("div", { class: "source-lines" }, html("pre", {}, lines.map(({ number, text }) => [html("span", { class: "line-number" }, `${String(number).padStart(4)}  `), `${text}\n`])));
}
