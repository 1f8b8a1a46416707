// Asks every size of a range at once: where the network exists, and how many layers drop pixels there. In plain numbers, as
// long as they are exact: a range has hundreds of sizes.

import { evaluateAtoms, valueOf } from "./forms.js";
import { axisOf } from "./fit.js";

/** @typedef {{size: number, drops: number, refused: boolean}} Answer */
/** @typedef {number[][]} Terms [factor, atom, atom, …] */

const MOST_TRIED = 1500; // sizes, for the nearest that fits

export class Sweep {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Map<any, number>} */
    this.windows = new Map(); // the windows of a layer → how many layers have them
    for (const { windows } of store.layers) {
      if (windows.length) this.windows.set(windows, (this.windows.get(windows) ?? 0) + 1);
    }
    const { atoms, forms, conditions } = store.document;
    this.forms = new Set(conditions.flatMap((/** @type {any} */ { left, right }) => [left, right]));
    for (const windows of this.windows.keys()) {
      for (const { ceil, ...axis } of windows) for (const form of Object.values(axis)) this.forms.add(form);
    }
    this.used = usedAtoms(atoms, [...this.forms].map((form) => forms[form]));
    this.atoms = atoms.map((/** @type {any} */ atom, /** @type {number} */ i) => this.used.has(i) ? numeric(atom) : null);
    /** @type {Map<number, Terms>} */
    this.terms = new Map([...this.forms].map((form) => [form, terms(forms[form])]));
  }

  /** The answer at the sizes of now, with these symbols moved. @param {string[]} names @param {number} size @returns {Answer} */
  ask(names, size) {
    const point = new Map(this.store.point);
    for (const name of names) point.set(name, BigInt(size));
    const values = this.inNumbers(point);
    return values ? this.answer(size, values) : this.answerExactly(size, point);
  }

  /** The values of the forms; null if one may not be exact. @param {Map<string, bigint>} point */
  inNumbers(point) {
    /** @type {number[]} */
    const known = [];
    let most = 0;
    for (const atom of this.atoms) {
      const value = atom === null ? 0 : atomValue(atom, point, known);
      most = Math.max(most, Math.abs(value));
      known.push(value);
    }
    /** @type {number[]} */
    const values = [];
    for (const [form, each] of this.terms) {
      values[form] = sum(each, known);
      most = Math.max(most, Math.abs(values[form]));
    }
    return most < 2 ** 40 ? values : null; // far from 2^53: no sum or product on the way was rounded
  }

  /** @param {number} size @param {number[]} values @returns {Answer} */
  answer(size, values) {
    const { conditions } = this.store.document;
    const refused = conditions.some((/** @type {any} */ { left, op, right }) => !holds(values[left] - values[right], op));
    let drops = 0;
    if (!refused) {
      for (const [windows, count] of this.windows) if (windows.some((/** @type {any} */ axis) => dropsPixels(axis, values))) drops += count;
    }
    return { size, drops, refused };
  }

  /** @param {number} size @param {Map<string, bigint>} point @returns {Answer} */
  answerExactly(size, point) {
    const { store } = this;
    const known = evaluateAtoms(store.document.atoms, point);
    /** @type {bigint[]} */
    const values = [];
    for (const form of this.forms) values[form] = valueOf(store.document.forms[form], known);
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
    for (let size = from + step, tries = 0; size >= 1 && tries < MOST_TRIED; size += step, tries++) {
      const { drops, refused } = this.ask(names, size);
      if (!refused && !drops) return size;
    }
    return null;
  }
}

/** The atoms that forms need. @param {any[]} atoms @param {any[]} forms @returns {Set<number>} */
function usedAtoms(atoms, forms) {
  const used = new Set();
  const follow = (/** @type {any[]} */ form) => form.forEach(([, ...each]) => each.forEach((/** @type {number} */ atom) => {
    if (used.has(atom)) return;
    used.add(atom);
    if (typeof atoms[atom] !== "string") atoms[atom].slice(1).filter(Array.isArray).forEach(follow);
  }));
  forms.forEach(follow);
  return used;
}

/** @param {any[]} form @returns {Terms} */
function terms(form) {
  return form.map(([factor, ...atoms]) => [Number(factor), ...atoms]);
}

/** An atom with numbers in place of texts. @param {any} atom */
function numeric(atom) {
  if (typeof atom === "string") return atom;
  return atom[0] === "//" ? ["//", terms(atom[1]), Number(atom[2])] : [atom[0], ...atom.slice(1).map(terms)];
}

/** @param {any} atom @param {Map<string, bigint>} point @param {number[]} known */
function atomValue(atom, point, known) {
  if (typeof atom === "string") return Number(point.get(atom));
  if (atom[0] === "//") return Math.floor(sum(atom[1], known) / atom[2]);
  return Math[/** @type {"min"|"max"} */ (atom[0])](...atom.slice(1).map((/** @type {Terms} */ each) => sum(each, known)));
}

/** @param {Terms} form @param {number[]} known */
function sum(form, known) {
  let total = 0;
  for (const term of form) {
    let product = term[0];
    for (let i = 1; i < term.length; i++) product *= known[term[i]];
    total += product;
  }
  return total;
}

/** @param {number} difference @param {string} op */
function holds(difference, op) {
  switch (op) {
    case "==": return difference === 0;
    case "!=": return difference !== 0;
    case "<": return difference < 0;
    case "<=": return difference <= 0;
    case ">": return difference > 0;
    default: return difference >= 0;
  }
}

/** As `axisOf` counts `pixels`. @param {any} axis places of forms @param {number[]} values */
function dropsPixels({ leftover, high, stride, extent }, values) {
  return values[leftover] - Math.max(0, values[high]) - Math.max(0, values[stride] - values[extent]) > 0;
}
