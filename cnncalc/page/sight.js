// The receptive field of a tensor in another at the sizes of now: from the closed forms of the document where they say
// all of it, else composed in numbers (`extents.js`).

import { extentsOf } from "./extents.js";
import { followed } from "./following.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Tensor} Tensor */
/** The field along one axis; what depends on the position is null. `stride` is a fraction, `first` the rows that output
 * row 0 reads, or the first phase of several.
 * @typedef {{image: bigint, size: bigint | null, stride: [bigint, bigint] | null, first: [bigint, bigint] | null, phases: number,
 *    whole: boolean, unknown: boolean, aligned: boolean | null, through: string}} Seen */

/** @type {WeakMap<bigint[], {forms: Map<any, Record<string, Seen[]>>, composed: Map<number, (Seen[] | null)[]>}>} by the values of now */
const known = new WeakMap();

/** @param {Store} store */
function cacheOf(store) {
  const { values } = store;
  let cache = known.get(values);
  if (!cache) known.set(values, (cache = { forms: new Map(), composed: new Map() }));
  return cache;
}

/** Input → the field of a tensor in it, an entry per spatial axis; inputs that it does not see are left out.
 * @param {Store} store @param {Tensor} tensor @returns {Record<string, Seen[]>} */
export function fieldsOf(store, tensor) {
  const { forms } = cacheOf(store);
  let fields = forms.get(tensor.field);
  if (!fields) forms.set(tensor.field, (fields = evaluateFields(store, tensor.field)));
  if (tensor.status === "removed" || Object.values(fields).every(isDecided)) return fields;
  return Object.fromEntries(Object.keys(fields).map((name) => [name, fieldIn(store, tensor, /** @type {any} */ (store.byName.get(name)).id) ?? fields[name]]));
}

/** The field of a tensor in any tensor that it is computed from; null if it sees nothing of it.
 * @param {Store} store @param {Tensor} tensor @param {number} target @returns {Seen[] | null} */
export function fieldIn(store, tensor, target) {
  const { composed } = cacheOf(store);
  let all = composed.get(target);
  if (!all) {
    const joints = followed(store).map((each, id) => ({ ...each, joint: store.tensors[id].joint ?? "another path" }));
    composed.set(target, (all = extentsOf(joints, target).map((axes) => axes && axes.map(exactly))));
  }
  return all[tensor.id];
}

/** Whether closed forms say all of a field. @param {Seen[]} axes */
function isDecided(axes) {
  return axes.every(({ unknown, size, aligned, phases }) => !unknown && size !== null && (aligned !== null || phases === 0));
}

/** Fields of the document, or of the first of two networks, at the sizes of now.
 * @param {Store} store @param {Record<string, any[]>} fields @returns {Record<string, Seen[]>} */
export function evaluateFields(store, fields) {
  const value = (/** @type {number} */ form) => store.value(form);
  /** @returns {[bigint, bigint]} */
  const fraction = (/** @type {any} */ stride) => Array.isArray(stride) ? [value(stride[0]), value(stride[1])] : [value(stride), 1n];
  return Object.fromEntries(Object.entries(fields).map(([name, axes]) => [name, axes.map((axis) => ({
    image: value(axis.image), size: axis.size === undefined ? null : value(axis.size), stride: axis.stride === undefined ? null : fraction(axis.stride),
    first: axis.first ? axis.first.map(value) : null, phases: axis.phases ?? (axis.stride === undefined && axis.aligned === undefined ? 0 : 1),
    whole: axis.whole ?? false, unknown: axis.unknown ?? false, aligned: axis.aligned ?? null, through: axis.through ?? "" }))]));
}

/** @param {import("./extents.js").Extent} extent @returns {Seen} */
function exactly({ image, size, stride, first, phases, whole, unknown, aligned, through }) {
  return { image: BigInt(image), size: size === null ? null : BigInt(size), stride: stride && reduced(stride), first: first && [BigInt(first[0]), BigInt(first[1])],
    phases, whole, unknown, aligned, through };
}

/** @param {[number, number]} fraction @returns {[bigint, bigint]} in lowest terms */
function reduced([top, bottom]) {
  let [a, b] = [top, bottom];
  while (b) [a, b] = [b, a % b];
  return [BigInt(top / a), BigInt(bottom / a)];
}
