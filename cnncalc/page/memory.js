// What is alive at each step, from the spans of the document (`cnncalc/page/memory.py`).

/** @typedef {{steps: bigint[], bytes: bigint, step: number}} Alive bytes per step, the most, and its first step */

/** Bytes of inputs, activations (and in training gradients and what is saved) at every step, for the batch of now.
 * @param {import("./store.js").Store} store @param {"inference"|"training"} run @param {any} memory of the document @returns {Alive} */
export function peakOf(store, run, memory = store.document.memory) {
  const { spans, steps: layers } = memory[run];
  const count = Math.max(1, run === "training" ? 3 * layers.length : layers.length);
  const change = new Array(count + 2).fill(0n);
  for (const [, each, fixed, first, last] of spans) {
    const load = store.value(each) * store.batch + store.value(fixed);
    change[first] += load;
    change[Math.min(last, count) + 1] -= load;
  }
  const steps = [];
  let alive = 0n;
  let step = 0;
  for (let i = 0; i < count; i++) {
    alive += change[i];
    steps.push(alive);
    if (alive > steps[step]) step = i;
  }
  return { steps, bytes: steps[step], step };
}
