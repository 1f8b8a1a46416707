// The receptive fields of all tensors at the sizes of now, away from borders: `receptive_field.py` and `extent.py` of
// `cnncalc/analysis/field/` in numbers. The document has closed forms of most; this is for those that have none.

import { areApart, composeAxes, identityField, isSameField, NOTHING, readsNothing, unite } from "./axis_fields.js";
import { isSame, rowsOfField } from "./phases.js";
import { rowStanding } from "./standing.js";

/** @typedef {import("./axis_fields.js").AxisField} AxisField */
/** @typedef {import("./axis_fields.js").Part} Part */
/** @typedef {{shape: number[], from: number[], routes: import("./rows.js").Route[], joint: string}} Tensor */
/** The field along one axis; a figure that depends on the position is null. `stride` is a fraction.
 * @typedef {{image: number, size: number | null, stride: [number, number] | null, first: import("./phases.js").Phase, phases: number,
 *    whole: boolean, unknown: boolean, aligned: boolean | null, through: string}} Extent */

/** What every tensor sees of the tensor `seen`: an extent per spatial axis; null if nothing.
 * @param {Tensor[]} tensors @param {number} seen @returns {(Extent[] | null)[]} */
export function extentsOf(tensors, seen) {
  const images = tensors[seen].shape.slice(1);
  /** @type {(AxisField[] | null)[]} */
  const fields = [];
  for (const [id, tensor] of tensors.entries()) {
    fields.push(id === seen ? images.map((_, axis) => identityField(axis + 1)) : id < seen ? null : fieldOfOutput(tensor, fields));
  }
  return fields.map((field, id) => (field === null || field.some(isNothing) ? null : field.map((axis, place) => extentOf(axis, images[place], tensors[id].shape))));
}

/** @param {AxisField} field */
const isNothing = (field) => readsNothing(field) && field.aligned && !field.through;

/** The field of a tensor, from those of the tensors that it reads. @param {Tensor} tensor @param {(AxisField[] | null)[]} fields */
function fieldOfOutput({ shape, from, routes, joint }, fields) {
  const paths = routes.flatMap(([source, ...axes]) => {
    const field = fields[from[source]];
    return field ? [complete(field.map((axis) => composeAxes(axis, axes, shape)))] : [];
  });
  if (paths.length === 0) return null;
  const unlike = paths.filter((path, place) => !paths.slice(0, place).some((other) => path.every((axis, at) => isSameField(axis, other[at]))));
  const united = paths[0].map((_, axis) => unite(unlike.map((path) => path[axis])));
  if (routes.length === 1) return united;
  return united.map((axis) => (axis.whole && axis.parts.length && !axis.through ? { ...axis, through: joint } : axis));
}

/** A path that reads nothing along one axis reads nothing at all. @param {AxisField[]} field */
const complete = (field) => (field.some(readsNothing) ? field.map(() => NOTHING) : field);

/** @param {AxisField} field @param {number} image the size of the axis that is seen @param {number[]} output @returns {Extent} */
function extentOf(field, image, output) {
  const parts = field.parts.filter(({ along }) => along > 0);
  // A part that moves with the channel is seen in full by all channels together.
  const whole = field.whole || parts.length < field.parts.length;
  /** @type {Extent} */
  const extent = { image, size: null, stride: null, first: null, phases: 0, whole, unknown: !field.known, aligned: null, through: "" };
  if (!field.known) return extent;
  if (!parts.length) return { ...extent, size: image };
  Object.assign(extent, { phases: 1, aligned: field.aligned, through: field.through });
  const [{ field: moving }] = parts;
  if (!areApart(parts) || parts.some((part) => !isSame(part.field, moving))) return { ...extent, size: largestSize(parts, output) };
  const read = moving.phases.flatMap((phase) => (phase ? [phase] : []));
  return { ...extent, size: Math.max(...read.map(([low, high]) => high - low + 1)), stride: [moving.step, moving.phases.length],
    first: read[0], phases: moving.phases.length };
}

/** The size of the union of fields that differ, at the middle position; at the middles of the places where rows stand.
 * @param {Part[]} parts @param {number[]} output */
function largestSize(parts, output) {
  const places = new Map(parts.map(({ along, standing }) => [JSON.stringify([along, standing]), { along, standing }]));
  let largest = null;
  for (const { along, standing } of places.values()) {
    const at = output.map((size) => Math.floor((size - 1) / 2));
    if (standing) at[along] = Math.floor((standing.begin + standing.end - 1) / 2);
    const hulls = parts.map((part) => rowsOfPart(part, at[part.along]));
    if (parts.some((part, place) => hulls[place] === null && part.standing === null)) return null;
    const reached = hulls.flatMap((rows) => (rows ? [rows] : []));
    if (!reached.length) return null;
    const size = Math.max(...reached.map(([, high]) => high)) - Math.min(...reached.map(([low]) => low)) + 1;
    largest = Math.max(largest ?? 0, size);
  }
  return largest;
}

/** @param {Part} part @param {number} position */
function rowsOfPart({ field, standing }, position) {
  const row = standing === null ? position : rowStanding(standing, position);
  return row === null ? null : rowsOfField(field, row);
}
