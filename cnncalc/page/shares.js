// How much of the network a box is: the figures that colour the graph.

import { fieldsOf } from "./sight.js";

export const METRICS = {
  macs: { label: "MACs", of: "the MACs" },
  params: { label: "parameters", of: "the parameters" },
  bytes: { label: "activations", of: "all activations" },
  field: { label: "field", of: "the input seen" },
};

/** The figure of every box, and the whole that they are shares of.
 * @param {import("./store.js").Store} store @param {import("./fold.js").Box[]} boxes @returns {{parts: number[], whole: number}} */
export function sharesOf(store, boxes) {
  const { metric } = store;
  if (metric === "change") return { parts: boxes.map(() => 0), whole: 1 };
  if (metric === "field") return { parts: boxes.map((box) => fieldShare(store, box.layers[box.layers.length - 1])), whole: 1 };
  const figure = (/** @type {any} */ tensor) => tensor[metric] == null || tensor.kind === "input" || tensor.status === "removed" ? 0 : store.number(tensor[metric]);
  const parts = boxes.map((box) => box.layers.reduce((sum, id) => sum + figure(store.tensors[id]), 0));
  const whole = store.layers.reduce((sum, tensor) => sum + (tensor.training ? 0 : figure(tensor)), 0);
  return { parts, whole };
}

/** The fraction of the first input that the field of a tensor covers, from 0 to 1. @param {import("./store.js").Store} store @param {number} id */
function fieldShare(store, id) {
  const [axes] = Object.values(fieldsOf(store, store.tensors[id]));
  if (!axes) return 0;
  return axes.reduce((share, { size, image }) => share * (size === null ? 1 : Math.min(1, Number(size) / Math.max(1, Number(image)))), 1);
}

/** The strength of the colour of a part, from 0 to 1: √share of the largest. @param {number} part @param {number} most */
export function strength(part, most) {
  return most > 0 && part > 0 ? Math.sqrt(part / most) : 0;
}

export const FLIP = 0.55; // the strength from which text is light

/** A fill of this strength, from --lo to --hi. Those between, on which neither dark nor light text has a contrast of 4.5, are
 * left out. @param {number} value */
export function fillOf(value) {
  const mixed = value <= FLIP ? value * 0.46 / FLIP : 0.72 + 0.28 * (value - FLIP) / (1 - FLIP);
  return `color-mix(in oklab, var(--hi) ${Math.round(mixed * 100)}%, var(--lo))`;
}
