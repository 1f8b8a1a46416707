// Formulas of the document: evaluated exactly, and as MathML in letters or in numbers. A formula is a letter, a number,
// ["+", a, b] (also − · /), ["floor", a] or ["ceil", a].

import { decimal } from "./fit.js";
import { math } from "./dom.js";
import { exact } from "./words.js";

/** @typedef {string|number|any[]} Tree */
/** @typedef {[bigint, bigint]} Fraction numerator and denominator, which is positive */

/** @param {Fraction} value @returns {Fraction} */
function reduced([top, bottom]) {
  let [a, b] = [top < 0n ? -top : top, bottom];
  while (b) [a, b] = [b, a % b];
  return a > 1n ? [top / a, bottom / a] : [top, bottom];
}

/** The exact value of a formula; null if it has none (a letter without a value, a division by 0).
 * @param {Tree} tree @param {Record<string, Fraction>} values @returns {Fraction|null} */
export function evaluate(tree, values) {
  if (typeof tree === "string") return values[tree] ?? null;
  if (typeof tree === "number") return [BigInt(tree), 1n];
  const [left, right] = [evaluate(tree[1], values), tree.length > 2 ? evaluate(tree[2], values) : [0n, 1n]];
  if (!left || !right) return null;
  const [[a, b], [c, d]] = [left, right];
  switch (tree[0]) {
    case "+": return reduced([a * d + c * b, b * d]);
    case "−": return reduced([a * d - c * b, b * d]);
    case "·": return reduced([a * c, b * d]);
    case "/": return c === 0n ? null : reduced(c < 0n ? [-a * d, -b * c] : [a * d, b * c]);
    case "floor": return [a / b - (a % b < 0n ? 1n : 0n), 1n];
    default: return [a / b + (a % b > 0n ? 1n : 0n), 1n];
  }
}

/** The formula without its rounding: "floor" and "ceil" left out. @param {Tree} tree @returns {Tree} */
export function unrounded(tree) {
  if (!Array.isArray(tree)) return tree;
  if (tree[0] === "floor" || tree[0] === "ceil") return unrounded(tree[1]);
  return [tree[0], ...tree.slice(1).map(unrounded)];
}

/** @param {Fraction} value */
export function fractionText([top, bottom]) {
  return bottom === 1n ? exact(top) : decimal(top, bottom);
}

const LEVELS = { "+": 0, "−": 0, "·": 1 };

/** A formula as MathML: in letters, or in numbers where values are given.
 * @param {Tree} tree @param {Record<string, Fraction>} [values] @param {number} [level] that its surroundings ask for
 * @returns {MathMLElement} */
export function toMath(tree, values = {}, level = 0) {
  if (typeof tree === "number") return math("mn", {}, String(tree));
  if (typeof tree === "string") return values[tree] ? number(values[tree], level) : letter(tree);
  const [operator, left, right] = tree;
  if (operator === "/") return math("mfrac", {}, math("mrow", {}, toMath(left, values)), math("mrow", {}, toMath(right, values)));
  if (operator === "floor" || operator === "ceil") {
    const [open, close] = operator === "floor" ? ["⌊", "⌋"] : ["⌈", "⌉"]; // drawn by the style sheet, as high as what they hold
    return math("mrow", { class: operator }, math("mo", { stretchy: "false" }, open), toMath(left, values), math("mo", { stretchy: "false" }, close));
  }
  const own = LEVELS[/** @type {keyof LEVELS} */ (operator)];
  const parts = [toMath(left, values, own), math("mo", {}, operator), toMath(right, values, own + (operator === "+" ? 0 : 1))];
  return own < level ? math("mrow", {}, math("mo", {}, "("), parts, math("mo", {}, ")")) : math("mrow", {}, parts);
}

/** @param {Fraction} value @param {number} level */
function number(value, level) {
  const element = math("mn", {}, fractionText(value));
  return value[0] < 0n && level > 0 ? math("mrow", {}, math("mo", {}, "("), element, math("mo", {}, ")")) : element;
}

/** P_low is P with an index. @param {string} name */
function letter(name) {
  const [head, ...rest] = name.split("_");
  const main = head.length === 1 ? math("mi", {}, head) : math("mtext", {}, head);
  return rest.length ? math("msub", {}, main, math("mtext", {}, rest.join(" "))) : main;
}

/** @param {...any} children @returns {MathMLElement} */
export function mathLine(...children) {
  return math("math", { displaystyle: "true" }, math("mrow", {}, children));
}

/** @param {string} sign */
export function sign(sign) {
  return math("mo", {}, sign);
}

/** A formula in one line of text, for products. @param {Tree} tree @param {Record<string, Fraction>} values @param {number} [level] @returns {string} */
export function toText(tree, values, level = 0) {
  if (typeof tree === "number") return exact(tree);
  if (typeof tree === "string") return values[tree] ? fractionText(values[tree]) : tree;
  const [operator, left, right] = tree;
  if (operator === "floor" || operator === "ceil") return `${operator === "floor" ? "⌊" : "⌈"}${toText(left, values)}${operator === "floor" ? "⌋" : "⌉"}`;
  if (operator === "/") return `${toText(left, values, 2)}/${toText(right, values, 2)}`;
  const own = LEVELS[/** @type {keyof LEVELS} */ (operator)];
  const text = `${toText(left, values, own)} ${operator} ${toText(right, values, own + (operator === "+" ? 0 : 1))}`;
  return own < level ? `(${text})` : text;
}
