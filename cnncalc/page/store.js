// What the page knows: the document, the sizes of now, what is chosen. Views read it and listen; only it changes state.

import { evaluateAtoms, valueOf } from "./forms.js";

/** @typedef {{name: string, value: number, of: "size"|"param"}} Symbol */
/** @typedef {{size: number, kernel: number, stride: number, low: number, high: number, dilation: number,
 *    extent: number, ceil: boolean, out: number, leftover: number}} WindowForms places of forms, one axis */
/** A tensor: a network input (kind "input") or the output of a layer; `id` is its number everywhere.
 * @typedef {{id: number, name: string, kind: string, words: string, closed?: string, from: number[], lend: number[], readers: number[],
 *    output: number[], windows: WindowForms[], weights: Record<string, number[]>, buffers: Record<string, number[]>,
 *    params: number|null, macs: number|null, flops: number|null, operations: Record<string, number>, field: any,
 *    reading: any[], joint?: string, steps: any[], bytes: number, memory_of?: number, keeps: boolean, joins: boolean,
 *    shares?: string, training: boolean, frozen: boolean, line?: number, outputs: string[], key: string,
 *    status?: string, edits: string[], before?: any, gone: number[], gained: number[], block?: string}} Tensor `key`: its name, unless two have it */

const SHARED = ["windows", "operations", "field", "reading"]; // keys whose value is the place of a record

/** @param {any} document @returns {Tensor[]} inputs first, then layers, every key present */
function resolve(document) {
  const { records } = document;
  const empty = { words: "", from: [], windows: [], weights: {}, buffers: {}, params: null, macs: null, flops: null,
    operations: {}, field: {}, reading: [], steps: [], lend: [], keeps: false, joins: false, training: false, frozen: false, edits: [], gone: [], gained: [] };
  const inputs = document.inputs.map((/** @type {any} */ input) => ({ ...empty, ...input, kind: "input" }));
  const tensors = [...inputs, ...document.layers].map((record, id) => {
    const tensor = { ...empty, ...record, id, readers: [], outputs: [], key: record.status === "removed" ? `− ${record.name}` : record.name };
    for (const key of SHARED) if (typeof tensor[key] === "number") tensor[key] = records[tensor[key]];
    if (typeof tensor.before?.field === "number") tensor.before = { ...tensor.before, field: records[tensor.before.field] };
    tensor.steps = tensor.steps.map((/** @type {number} */ place) => records[place]);
    return tensor;
  });
  for (const tensor of tensors) {
    for (const id of new Set(tensor.from)) tensors[id].readers.push(tensor.id);
  }
  for (const [name, id] of Object.entries(document.outputs)) tensors[id].outputs.push(name);
  return tensors;
}

export class Store {
  /** @param {any} document */
  constructor(document) {
    this.document = document;
    this.tensors = resolve(document);
    this.inputs = this.tensors.slice(0, document.inputs.length);
    this.layers = this.tensors.slice(document.inputs.length);
    /** @type {Map<string, Tensor>} */
    this.byName = new Map(this.tensors.map((tensor) => [tensor.key, tensor]));
    /** @type {Symbol[]} */
    this.symbols = document.symbols;
    /** @type {Map<string, bigint>} */
    this.point = new Map(this.symbols.map(({ name, value }) => [name, BigInt(value)]));
    this.batch = BigInt(document.batch);
    this.first = this.layers.find(({ status }) => status) ?? this.layers[0] ?? this.tensors[0]; // is chosen at first
    /** @type {number|null} */ this.selected = null;
    /** @type {number|null} */ this.hovered = null;
    this.kept = new URLSearchParams(globalThis.location?.hash.slice(1) ?? ""); // what the address keeps
    this.metric = "macs"; // what colours the graph: params, macs, bytes, field; change, on a page of two networks
    /** @type {Map<string, Set<(detail?: any) => void>>} */
    this.listeners = new Map();
    /** @type {bigint[]} */ this.values = []; // of all forms
    this.evaluate();
  }

  /** Listen: "sizes" (symbols or the batch moved), "select", "hover", "metric", "folds"; "position", with a
   * row per axis: where the window of the chosen layer stands.
   * @param {string} event @param {(detail?: any) => void} listener @returns {() => void} to stop */
  on(event, listener) {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** @param {string} event @param {any} [detail] */
  emit(event, detail) {
    for (const listener of this.listeners.get(event) ?? []) listener(detail);
  }

  evaluate() {
    const { atoms, forms } = this.document;
    const known = evaluateAtoms(atoms, this.point);
    this.values = forms.map((/** @type {any} */ form) => valueOf(form, known));
    this.refused = this.refusals(this.values);
  }

  /** The conditions that do not hold: the network does not exist at these sizes, and the first says why.
   * @param {bigint[]} values of all forms */
  refusals(values) {
    return this.document.conditions.filter((/** @type {any} */ { left, op, right }) => !holds(values[left], op, values[right]));
  }

  /** The exact value of a form. @param {number} form its place @returns {bigint} */
  value(form) {
    return this.values[form];
  }

  /** The value of a form as a number, for drawing: inexact beyond 2^53. @param {number} form */
  number(form) {
    return Number(this.values[form]);
  }

  /** The exact sizes of a shape. @param {number[]} forms @returns {bigint[]} */
  sizes(forms) {
    return forms.map((form) => this.values[form]);
  }

  /** What a layer is: "conv 11×11, 96, stride 4"; with symbols once a parameter has moved. @param {Tensor} tensor */
  words(tensor) {
    const still = this.symbols.every(({ name, value, of }) => of === "size" || this.point.get(name) === BigInt(value));
    return still || !tensor.closed ? tensor.words : tensor.closed;
  }

  /** Move symbols; unknown names and values below 1 are ignored. @param {Record<string, bigint|number>} values */
  move(values) {
    let moved = false;
    for (const [name, value] of Object.entries(values)) {
      if (!this.point.has(name) || value < 1 || this.point.get(name) === BigInt(value)) continue;
      this.point.set(name, BigInt(value));
      moved = true;
    }
    if (!moved) return;
    this.evaluate();
    this.emit("sizes");
  }

  /** @param {bigint|number} batch */
  setBatch(batch) {
    if (batch < 1 || BigInt(batch) === this.batch) return;
    this.batch = BigInt(batch);
    this.emit("sizes");
  }

  /** @param {number|null} id */
  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.emit("select", id);
  }

  /** @param {number|null} id */
  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.emit("hover", id);
  }

  /** @param {string} metric */
  colourBy(metric) {
    if (metric === this.metric) return;
    this.metric = metric;
    this.emit("metric", metric);
  }
}

/** @param {bigint} left @param {string} op @param {bigint} right */
function holds(left, op, right) {
  switch (op) {
    case "==": return left === right;
    case "!=": return left !== right;
    case "<": return left < right;
    case "<=": return left <= right;
    case ">": return left > right;
    default: return left >= right;
  }
}
