// The field along one axis of a tensor over several paths: `cnncalc/analysis/field/axis_field.py` in numbers. Paths of
// equal stride are one moving part, those of others stay apart; a path may also read the whole axis.

import { compose, hasSameStride, IDENTITY, isEmpty, isSame, join } from "./phases.js";
import { isApart, NOWHERE, relocate } from "./standing.js";

/** @typedef {import("./rows.js").Axis} Axis */
/** @typedef {import("./phases.js").Moving} Moving */
/** A field that moves along one axis of a tensor; `standing`: where its rows are there, if not row by row.
 * @typedef {{along: number, field: Moving, standing: import("./standing.js").Standing | null}} Part */
/** `through`: what joins the moving parts with the whole axis.
 * @typedef {{parts: Part[], whole: boolean, known: boolean, aligned: boolean | null, through: string}} AxisField `aligned`: null if not known */

const MOST_PARTS = 16;
const LAID = new Set(["merged", "segment", "split"]); // readings by which rows come to stand elsewhere

/** @type {AxisField} */
export const NOTHING = { parts: [], whole: false, known: true, aligned: true, through: "" };

/** The field of a tensor in itself. @param {number} axis @returns {AxisField} */
export const identityField = (axis) => ({ ...NOTHING, parts: [{ along: axis, field: IDENTITY, standing: null }] });

/** Whether nothing is read. @param {AxisField} field */
export const readsNothing = ({ known, whole, parts }) => known && !whole && parts.length === 0;

/** The field of an output, given that of its input and the axes along which it reads it.
 * @param {AxisField} field @param {Axis[]} axes @param {number[]} output @returns {AxisField} */
export function composeAxes(field, axes, output) {
  if (axes.every((axis) => axis === "whole" || axis[0] === "past")) return readsNothing(field) ? NOTHING : { ...NOTHING, whole: true };
  let { whole, known } = field;
  /** @type {Part[]} */
  const parts = [];
  for (const part of field.parts) {
    const axis = axes[part.along];
    if (axis === "whole" || axis[0] === "past" || axis[0] === "every") {
      whole = true;
      continue;
    }
    const composed = axis === "unknown" ? null : composePart(part, axis, output);
    known &&= composed !== null;
    if (composed && composed.standing !== NOWHERE && !isEmpty(composed.field)) parts.push(composed);
  }
  return { parts, whole, known, aligned: parts.length ? field.aligned : true, through: parts.length ? field.through : "" };
}

/** @param {Part} part @param {Axis} axis @param {number[]} output @returns {Part | null} null if it cannot be represented */
function composePart(part, axis, output) {
  if (part.standing === null && !LAID.has(axis[0])) {
    const field = compose(part.field, axis);
    return field && { along: Number(axis[1]), field, standing: null };
  }
  const placed = relocate(part.standing, axis, output);
  return placed && { along: placed[0], field: part.field, standing: placed[1] };
}

/** Whether every position reads rows of at most one part, as behind a concatenation. @param {Part[]} parts */
export function areApart(parts) {
  return parts.every((one, place) => parts.slice(place + 1).every((other) => areTwoApart(one, other)));
}

/** @param {Part} one @param {Part} other */
function areTwoApart(one, other) {
  return one.along === other.along && one.standing !== null && other.standing !== null && isApart(one.standing, other.standing);
}

/** Whether two fields say the same. @param {AxisField} one @param {AxisField} other */
export function isSameField(one, other) {
  if (one === other) return true;
  return one.whole === other.whole && one.known === other.known && one.aligned === other.aligned && one.through === other.through &&
    one.parts.length === other.parts.length && one.parts.every((part, place) => isSamePart(part, other.parts[place]));
}

/** @param {Part} one @param {Part} other */
const isSamePart = (one, other) => standAlike(one, other) && isSame(one.field, other.field);

/** @param {Part} one @param {Part} other */
function standAlike(one, other) {
  return one.along === other.along && JSON.stringify(one.standing) === JSON.stringify(other.standing);
}

/** The union of several paths. @param {AxisField[]} fields @returns {AxisField} */
export function unite(fields) {
  return fields.reduce((union, field) => readsNothing(union) ? field : readsNothing(field) || isSameField(union, field) ? union : uniteTwo(union, field), NOTHING);
}

/** @param {AxisField} one @param {AxisField} other @returns {AxisField} */
function uniteTwo(one, other) {
  const parts = [...one.parts];
  const aligned = [one.aligned, other.aligned, ...other.parts.flatMap((part) => addPart(parts, part))];
  const known = one.known && other.known && parts.length <= MOST_PARTS;
  return { parts: parts.slice(0, MOST_PARTS), whole: one.whole || other.whole, known,
    aligned: aligned.includes(false) ? false : aligned.includes(null) ? null : true, through: one.through || other.through };
}

/** Merges a part with one of equal stride, or appends it; whether it is aligned with each of the others that it may meet.
 * @param {Part[]} parts @param {Part} part @returns {(boolean | null)[]} */
function addPart(parts, part) {
  const unequal = [];
  for (const [place, mine] of parts.entries()) {
    const alike = standAlike(mine, part) && hasSameStride(mine.field, part.field);
    const merged = alike ? join(mine.field, part.field) : null;
    if (merged) {
      parts[place] = { ...mine, field: merged[0] };
      return [merged[1]];
    }
    if (!areTwoApart(mine, part)) unequal.push(alike ? null : false);
  }
  parts.push(part);
  return unequal;
}
