// Asks every size of a range at once: where the network exists, and how many layers drop pixels there.

import { evaluateAtoms, valueOf } from "./forms.js";
import { axisOf } from "./fit.js";

/** @typedef {{size: number, drops: number, refused: boolean}} Answer */

export class Sweep {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Map<any, number>} */
    this.windows = new Map(); // the windows of a layer → how many layers have them
    for (const { windows } of store.layers) {
      if (windows.length) this.windows.set(windows, (this.windows.get(windows) ?? 0) + 1);
    }
    this.needed = this.formsNeeded();
  }

  /** The forms of windows and conditions, with the atoms that they need. */
  formsNeeded() {
    const forms = new Set();
    for (const windows of this.windows.keys()) {
      for (const { ceil, ...axis } of windows) for (const form of Object.values(axis)) forms.add(form);
    }
    for (const { left, right } of this.store.document.conditions) forms.add(left).add(right);
    const { atoms, forms: all } = this.store.document;
    const used = new Set();
    const follow = (/** @type {any[]} */ form) => form.forEach(([, ...each]) => each.forEach((/** @type {number} */ atom) => {
      if (used.has(atom)) return;
      used.add(atom);
      const record = atoms[atom];
      if (typeof record !== "string") record.slice(1).filter(Array.isArray).forEach(follow);
    }));
    forms.forEach((form) => follow(all[form]));
    return { forms: [...forms], atoms: atoms.map((/** @type {any} */ atom, /** @type {number} */ i) => used.has(i) ? atom : ["min", []]) };
  }

  /** The answer at the sizes of now, with these symbols moved. @param {string[]} names @param {number} size @returns {Answer} */
  ask(names, size) {
    const { store } = this;
    const point = new Map(store.point);
    for (const name of names) point.set(name, BigInt(size));
    const known = evaluateAtoms(this.needed.atoms, point);
    /** @type {bigint[]} */
    const values = [];
    for (const form of this.needed.forms) values[form] = valueOf(store.document.forms[form], known);
    if (store.refusals(values).length) return { size, drops: 0, refused: true };
    let drops = 0;
    for (const [windows, count] of this.windows) {
      if (windows.some((/** @type {any} */ window) => axisOf(window, (form) => values[form]).pixels > 0n)) drops += count;
    }
    return { size, drops, refused: false };
  }

  /** The nearest size on one side at which no layer drops a pixel; null if there is none within reach.
   * @param {string[]} names @param {number} from @param {-1|1} step @returns {number|null} */
  nearest(names, from, step) {
    for (let size = from + step, tries = 0; size >= 1 && tries < 1500; size += step, tries++) {
      const { drops, refused } = this.ask(names, size);
      if (!refused && !drops) return size;
    }
    return null;
  }
}
