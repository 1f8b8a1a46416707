// Who is alive at a step of a run, from the spans of the document.

/** @typedef {{name: string, id: number | null, bytes: bigint}} Living */

/** The tensors in memory at a step, the largest first. @param {import("./store.js").Store} store
 * @param {"inference"|"training"} run @param {number} step @returns {Living[]} */
export function aliveAt(store, run, step) {
  /** @type {Living[]} */
  const alive = [];
  for (const [tensor, each, fixed, first, last] of store.document.memory[run].spans) {
    if (step < first || step > last) continue;
    const bytes = store.value(each) * store.batch + store.value(fixed);
    if (bytes === 0n) continue;
    const isTensor = typeof tensor === "number";
    alive.push({ name: isTensor ? store.tensors[tensor].name : tensor, id: isTensor ? tensor : null, bytes });
  }
  return alive.sort((a, b) => (a.bytes < b.bytes ? 1 : a.bytes > b.bytes ? -1 : 0));
}

/** The layer that runs in a step, and whether backward. @param {import("./store.js").Store} store
 * @param {"inference"|"training"} run @param {number} step @returns {{id: number, backward: boolean}} */
export function layerAt(store, run, step) {
  const layers = store.document.memory[run].steps;
  if (step < layers.length) return { id: layers[step], backward: false };
  return { id: layers[layers.length - 1 - Math.floor((step - layers.length) / 2)], backward: true };
}

/** The forward step of a layer in a run; −1 if it does not run there.
 * @param {import("./store.js").Store} store @param {"inference"|"training"} run @param {number} id */
export function stepOf(store, run, id) {
  return store.document.memory[run].steps.indexOf(id);
}
