// What boxes say, in the map and in the rows.

import { axisOf, gradeOf } from "../fit.js";
import { cut, plural, shape } from "../words.js";

const PLUMBING = new Set(["add", "multiply", "concat", "crop", "flatten", "reshape", "permute", "identity", "pad", "slice", "chunk"]);

/** Whether a box only moves tensors about: a pill in the map. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function isPlumbing(store, box) {
  const tensor = store.tensors[box.lead];
  return !box.group && (tensor.kind === "input" || tensor.joins || PLUMBING.has(tensor.kind)) && !Object.keys(tensor.weights).length;
}

/** The second line of a box: "11×11, 96, stride 4", "20 layers", "×3, 30 layers". @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function wordsOf(store, box) {
  if (box.group) {
    const layers = plural(box.layers.length, "layer");
    return box.group.run ? `× ${box.group.run}, ${layers}` : layers;
  }
  const { kind, name, edits } = store.tensors[box.lead];
  if (edits.length) return edits.join(", ");
  const words = store.words(store.tensors[box.lead]).replace(", no bias", ""); // most have none
  const last = name.slice(name.lastIndexOf(".") + 1);
  return last.startsWith(kind) ? words.slice(kind.length).trim() : words;
}

/** "norm · relu": what rides along. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function ridersOf(store, box) {
  const names = box.riders.map((id) => store.tensors[id].kind.replace(/^(batch|layer|group|instance)norm$/, "norm"));
  return names.join(" · ");
}

/** The tensor that leaves a box. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function outputOf(store, box) {
  return store.tensors[box.layers[box.layers.length - 1]];
}

/** @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function shapeOf(store, box) {
  return shape(store.sizes(outputOf(store, box).output));
}

/** Of a layer, the rows of pixels that no window reads: "1 row, 1 column"; "" if there are none.
 * @param {import("../store.js").Store} store @param {number} id */
export function unreadPixels(store, id) {
  const { windows } = store.tensors[id];
  if (!windows.length) return "";
  const axes = windows.map((window) => axisOf(window, (form) => store.value(form)));
  if (gradeOf(axes) !== "pixels") return "";
  const words = [[], ["position"], ["row", "column"], ["plane", "row", "column"]][axes.length] ?? [];
  return axes.flatMap((axis, i) => axis.pixels > 0n ? [plural(axis.pixels, words[i] ?? "row")] : []).join(", ");
}

/** The layers of a box that drop pixels. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function droppers(store, box) {
  return box.layers.filter((id) => unreadPixels(store, id));
}

/** What is lit beside a box: "1 row unread", or how many layers of a block drop pixels. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
export function warningOf(store, box) {
  const dropping = droppers(store, box);
  if (!dropping.length) return "";
  return box.group ? `▲ ${plural(dropping.length, "layer")}` : `▲ ${unreadPixels(store, dropping[0])} unread`;
}

/** A dotted name cut at its front: what it ends with says more. @param {string} name @param {number} most */
export function cutFront(name, most) {
  return name.length <= most || !name.includes(".") ? cut(name, most) : `…${name.slice(Math.min(name.length - 2, name.length - most + 1))}`;
}
