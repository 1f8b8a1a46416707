// The steps of `explain` at the sizes of now. A product is shown only if it equals its number.

import { html } from "../dom.js";
import { evaluate, fractionText, toText, unrounded } from "../formula.js";
import { exact } from "../words.js";

/** @typedef {import("../formula.js").Fraction} Fraction */
/** `tree` in letters; `shown` with numbers (without rounding where there is none); `true` if it equals the result.
 * @typedef {{label: string, group: string, tree: any, shown: any, values: Record<string, Fraction>, result: string, note: string, holds: boolean}} Read */

const WEIGHTS = new Set(["weights", "biases", "parameters", "buffers"]);

/** @param {import("../store.js").Store} store @param {import("../store.js").Tensor} tensor @returns {Read[]} */
export function readSteps(store, tensor) {
  const steps = tensor.steps.map((step) => readStep(store, step, tensor));
  return merge(steps);
}

/** @param {import("../store.js").Store} store @param {any} step @param {import("../store.js").Tensor} tensor @returns {Read} */
function readStep(store, step, tensor) {
  /** @type {Record<string, Fraction>} */
  const values = {};
  for (const [letter, form] of Object.entries(step.values ?? {})) values[letter] = fraction(store, form);
  const result = step.results?.length ? fraction(store, step.results[step.results.length - 1]) : null;
  const tree = step.formula ?? null;
  const plain = tree === null ? null : unrounded(tree);
  const equals = (/** @type {any} */ formula) => {
    const value = formula === null || !result ? null : evaluate(formula, values);
    return value !== null && result !== null && value[0] * result[1] === result[0] * value[1];
  };
  const shown = equals(plain) ? plain : tree;
  const group = WEIGHTS.has(step.label) || step.label in tensor.weights ? "weights" : "";
  return { label: step.label, group, tree, shown, values, result: result ? fractionText(result) : "", note: step.note ?? "", holds: equals(shown) };
}

/** @param {import("../store.js").Store} store @param {number|[number, number]} form @returns {Fraction} */
function fraction(store, form) {
  return typeof form === "number" ? [store.value(form), 1n] : [store.value(form[0]), store.value(form[1])];
}

/** Steps of several axes ("size H", "size W") that say the same are said once. @param {Read[]} steps */
function merge(steps) {
  /** @type {Map<string, Read[]>} */
  const alike = new Map();
  for (const step of steps) {
    const [word] = step.label.split(" ");
    alike.set(word, [...(alike.get(word) ?? []), step]);
  }
  return [...alike].flatMap(([word, each]) => {
    const same = each.length > 1 && /^(size|reach|left|field|jump)$/.test(word) && each.every((step) => saying(step) === saying(each[0]));
    return same ? [{ ...each[0], label: word }] : each;
  });
}

/** @param {Read} step */
function saying({ tree, values, result }) {
  return JSON.stringify([tree, Object.entries(values).map(([name, value]) => [name, value.map(String)]), result]);
}

/** One line: "96 · 3 · 11 · 11 = 34,848"; the number alone if the formula does not give it. @param {Read} step */
export function stepText(step) {
  const number = step.result ? html("b", {}, step.result) : "";
  const product = step.tree !== null && step.holds && Array.isArray(step.shown) ? html("span", { class: "quiet" }, `${toText(step.shown, step.values)} = `) : "";
  const note = step.note && !step.tree ? html("span", { class: "quiet" }, `${number ? " " : ""}${step.note}`) : "";
  return [product, number, note];
}
