// The receptive field along one axis by integers, `cnncalc/analysis/field/phases.py` in numbers: output row t·q + r, of
// t phases, reads the input rows J·q + a … J·q + b, with J = `step` and [a, b] = `phases[r]`, or nothing.

import { gcd, progression, scaleOf, weighsNothing } from "./rows.js";

/** @typedef {import("./rows.js").Axis} Axis */
/** @typedef {[number, number] | null} Phase the first and the last row; null: nothing is read */
/** @typedef {{step: number, phases: Phase[]}} Moving */

const MOST_PHASES = 1024;
const MOST_ROWS = 1 << 17; // read by all phases of one layer

/** @type {Moving} */
export const IDENTITY = { step: 1, phases: [[0, 0]] };

/** Whether no phase reads anything. @param {Moving} field */
export const isEmpty = ({ phases }) => phases.every((phase) => phase === null);

/** @param {Moving} one @param {Moving} other */
export const isSame = (one, other) => one.step === other.step && one.phases.length === other.phases.length && one.phases.every((phase, row) => isSamePhase(phase, other.phases[row]));

/** @param {Phase} one @param {Phase} other */
const isSamePhase = (one, other) => one === other || (one !== null && other !== null && one[0] === other[0] && one[1] === other[1]);

/** The first and the last input row that an output row reads. @param {Moving} field @param {number} row @returns {Phase} */
export function rowsOfField({ step, phases }, row) {
  const turn = Math.floor(row / phases.length);
  const phase = phases[row - turn * phases.length];
  return phase && [step * turn + phase[0], step * turn + phase[1]];
}

/** After this many output rows a reading repeats itself, shifted by so many input rows; null if it does not.
 * @param {Axis} axis @returns {[number, number] | null} */
function periodOf([type, , a, b]) {
  switch (type) {
    case "slide": return [1, b];
    case "spread": return [b, 1];
    case "blocks": return [a, a];
    case "every": return [a, 0];
    case "resample": case "filtered": case "parts": {
      const [advance, period] = scaleOf(a, b);
      const shared = gcd(advance, period);
      return [period / shared, advance / shared];
    }
    default: return null;
  }
}

/** The field of a layer's output, given that of its input; null if it cannot be represented.
 * @param {Moving} field @param {Axis} axis @returns {Moving | null} */
export function compose(field, axis) {
  const period = periodOf(axis);
  if (!period) return null;
  const [rows, advance] = period;
  const phases = field.phases.length;
  const turns = phases / gcd(advance, phases); // so many periods cover a whole number of the input's
  const count = rows * turns;
  if (count > MOST_PHASES) return null;
  /** @type {Phase[]} */
  const hulls = [];
  let work = 0;
  for (let row = 0; row < count; row++) {
    const extremes = extremeRows(axis, row, phases);
    work += extremes.length;
    if (work > MOST_ROWS) return null;
    hulls.push(hull(extremes.map((each) => rowsOfField(field, each))));
  }
  return checked({ step: (field.step * advance * turns) / phases, phases: hulls });
}

/** A field with as few phases as it needs; null beyond what numbers hold exactly. @param {Moving} field */
function checked(field) {
  const numbers = [field.step, ...field.phases.flatMap((phase) => phase ?? [])];
  return numbers.every(Number.isSafeInteger) ? reduce(field) : null;
}

/** The first and the last rows read, which have every phase that occurs and the extremes of evenly spaced rows.
 * @param {Axis} axis @param {number} row @param {number} phases */
function extremeRows(axis, row, phases) {
  const [first, count, between] = progression(axis, row);
  const most = axis[0] === "filtered" ? count : phases; // a few of its rows may weigh nothing
  const low = Array.from({ length: Math.min(most, count) }, (_, place) => first + between * place);
  const high = Array.from({ length: Math.min(phases, count - low.length) }, (_, place) => first + between * (count - 1 - place));
  return [...low, ...high].filter((each) => !weighsNothing(axis, row, each));
}

/** @param {Phase[]} phases @returns {Phase} */
function hull(phases) {
  /** @type {Phase} */
  let found = null;
  for (const phase of phases) {
    if (phase) found = found ? [Math.min(found[0], phase[0]), Math.max(found[1], phase[1])] : phase;
  }
  return found;
}

/** @param {Moving} one @param {Moving} other */
export const hasSameStride = (one, other) => one.step * other.phases.length === other.step * one.phases.length;

/** The union, phase by phase, of two fields of equal stride, and whether they are aligned; null of too many phases.
 * @param {Moving} one @param {Moving} other @returns {[Moving, boolean] | null} */
export function join(one, other) {
  const count = (one.phases.length / gcd(one.phases.length, other.phases.length)) * other.phases.length;
  if (count > MOST_PHASES) return null;
  const [mine, its] = [one, other].map((field) => expand(field, count));
  const united = checked({ step: (one.step * count) / one.phases.length, phases: mine.map((phase, row) => hull([phase, its[row]])) });
  const aligned = mine.every((phase, row) => phase === null || its[row] === null || phase[0] + phase[1] === its[row][0] + its[row][1]);
  return united && [united, aligned];
}

/** The phases of a field written as more. @param {Moving} field @param {number} count */
function expand(field, count) {
  return Array.from({ length: count }, (_, row) => rowsOfField(field, row));
}

/** The same field with the fewest phases. @param {Moving} field @returns {Moving} */
function reduce({ step, phases }) {
  const count = phases.length;
  for (let fewer = 1; fewer < count; fewer++) {
    if (count % fewer || (step * fewer) % count) continue;
    const less = { step: (step * fewer) / count, phases: phases.slice(0, fewer) };
    if (phases.every((phase, row) => isSamePhase(phase, rowsOfField(less, row)))) return less;
  }
  return { step, phases };
}
