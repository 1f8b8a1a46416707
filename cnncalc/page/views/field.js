// The field under the pointer: what a position of the chosen layer reads of an input, and which positions see a pixel.

import { html } from "../dom.js";
import { rowsOf } from "../boxes.js";
import { footprints, projections } from "../field.js";
import { axisNames, followed, rowsText } from "../following.js";
import { countPaths } from "../paths.js";
import { exact, shape, short } from "../words.js";
import { factsOf } from "./field_facts.js";
import { Picture } from "./field_picture.js";

const [SLOW, PAUSE] = [16, 80]; // milliseconds

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountField(root, store) {
  const view = new FieldView(root, store);
  store.on("select", () => view.choose());
  store.on("sizes", () => view.update());
  store.on("position", (at) => view.tensor && view.point(at));
  view.choose();
}

class FieldView {
  /** @param {HTMLElement} root @param {import("../store.js").Store} store */
  constructor(root, store) {
    this.root = root;
    this.store = store;
    this.map = new Picture("map", (at) => this.point(at));
    this.image = new Picture("image", (at) => this.pixel(at), () => this.point(this.at));
    this.image.takeImages();
    this.waiting = 0;
    this.pause = 0;
    this.cost = 0; // of the last drawing, in milliseconds
    /** @type {number[]} */ this.at = [];
  }

  /** Builds the view for the chosen tensor; empty for an input, and for a layer that the second of two networks has not. */
  choose() {
    const tensor = this.store.tensors[this.store.selected ?? -1];
    this.tensor = tensor && tensor.kind !== "input" && tensor.status !== "removed" ? tensor : null;
    if (!this.tensor) {
      this.root.replaceChildren();
      return;
    }
    this.target = this.defaultTarget();
    this.at = this.shapeOf(this.tensor.id).map((size) => Math.floor((size - 1) / 2));
    this.caption = html("p", { class: "note field-caption", "aria-live": "polite" });
    this.facts = html("dl", { class: "field-facts" });
    this.coordinates = html("span", { class: "coordinates" });
    this.root.replaceChildren(
      html("div", { class: "view-head" }, html("h3", {}, "The receptive field"), this.coordinates),
      html("div", { class: "field-maps" }, this.map.element, this.image.element), this.caption, this.facts);
    this.showCoordinates();
    this.update();
  }

  /** The first input that the tensor depends on. */
  defaultTarget() {
    const seen = ancestors(this.store, /** @type {any} */ (this.tensor).id);
    return this.store.inputs.find(({ id }) => seen.has(id))?.id ?? 0;
  }

  showCoordinates() {
    const names = axisNames(this.at.length);
    this.fields = names.map((name, axis) => html("input", { type: "number", min: 0, "aria-label": `${name} of the position`,
      oninput: (/** @type {any} */ event) => this.point(this.at.map((row, each) => (each === axis ? Number(event.target.value) || 0 : row))) }));
    this.choice = html("select", { "aria-label": "the tensor that is read", onchange: (/** @type {any} */ event) => {
      this.target = Number(event.target.value);
      this.update();
    } });
    this.offer([this.target ?? 0]);
    for (const event of ["focus", "pointerenter"]) {
      this.choice.addEventListener(event, () => this.offer(this.readable()), { once: true });
    }
    const position = this.fields.length ? [html("label", {}, "position "), ...this.fields] : [];
    this.coordinates.replaceChildren(...position, html("label", {}, " in "), this.choice);
  }

  /** @param {number[]} tensors */
  offer(tensors) {
    this.choice.replaceChildren(...tensors.map((id) =>
      html("option", { value: id, selected: id === this.target }, this.store.tensors[id].name)));
  }

  /** What the tensor is computed from, in order. */
  readable() {
    const { id } = /** @type {any} */ (this.tensor);
    return [...ancestors(this.store, id)].filter((each) => each !== id).sort((a, b) => a - b);
  }

  /** Follows the sizes. */
  update() {
    if (!this.tensor) return;
    const { id, name } = this.tensor;
    const [own, read] = [this.shapeOf(id), this.shapeOf(this.target ?? 0)];
    this.map.resize(own, name, shape(own));
    this.image.resize(read, this.store.tensors[this.target ?? 0].name, shape(read));
    for (const [axis, field] of (this.fields ?? []).entries()) field.max = String(own[axis] - 1);
    factsOf(this.store, this.tensor, this.target ?? 0, /** @type {HTMLElement} */ (this.facts));
    this.point(this.at);
  }

  /** The sizes of a tensor without its channels. @param {number} id */
  shapeOf(id) {
    return followed(this.store)[id].shape.slice(1);
  }

  /** Shows what a position reads: in the next frame, since pointers move often. @param {number[]} at */
  point(at) {
    const sizes = this.shapeOf(/** @type {any} */ (this.tensor).id);
    this.at = sizes.map((size, axis) => Math.max(0, Math.min(size - 1, Math.round(at[axis] ?? 0))));
    this.later(() => this.drawField());
  }

  /** Shows which positions see a pixel. @param {number[]} pixel */
  pixel(pixel) {
    this.later(() => this.drawProjection(pixel));
  }

  /** In the next frame; what takes long waits for a pause, so that what moves stays fluid. @param {() => void} draw */
  later(draw) {
    this.next = draw;
    if (this.cost > SLOW) {
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.run(), PAUSE);
    } else this.waiting ||= requestAnimationFrame(() => this.run());
  }

  run() {
    this.waiting = 0;
    const start = performance.now();
    this.next?.();
    this.cost = performance.now() - start;
  }

  drawField() {
    if (!this.tensor) return;
    const tensors = followed(this.store);
    const [from, to] = [this.tensor.id, /** @type {number} */ (this.target)];
    for (const [axis, field] of (this.fields ?? []).entries()) {
      if (field !== document.activeElement) field.value = String(this.at[axis]);
    }
    this.map.mark(this.at);
    try {
      const pixels = footprints(tensors, from, this.at).get(to);
      const ways = pixels ? countPaths(tensors, from, this.at, to) : null;
      this.image.fill(pixels ?? null, ways);
      this.say(this.fieldText(pixels, ways));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.image.fill(null, null);
      this.say(`${error.message}.`);
    }
  }

  /** @param {string} text */
  say(text) {
    /** @type {HTMLElement} */ (this.caption).textContent = text;
  }

  /** @param {import("../boxes.js").Pixels | undefined} pixels @param {Float64Array | null} ways */
  fieldText(pixels, ways) {
    const [from, to] = [/** @type {any} */ (this.tensor), this.store.tensors[this.target ?? 0]];
    const place = this.at.length ? `Position ${this.at.join(", ")} of ${from.name}` : `Each number of ${from.name}`;
    if (!pixels) return `${place} reads nothing of ${to.name}.`;
    const sizes = followed(this.store)[to.id].shape;
    const rows = rowsOf(pixels, sizes);
    if (!rows.length) return `${place} reads ${to.name}.`;
    const spans = rows.map((each) => each[each.length - 1] - each[0] + 1);
    const share = spans.reduce((all, span, axis) => (all * span) / sizes[axis + 1], 100);
    const most = ways ? ways.reduce((a, b) => Math.max(a, b), 0) : 0;
    const many = most < 1e15 ? short(Math.round(most)) : `10^${Math.floor(Math.log10(most))}`;
    const paths = most > 1 ? ` ${many} paths lead to the darkest pixel.` : "";
    const about = pixels.exact ? "reads" : "reads at most";
    return `${place} ${about} ${rowsText(rows)} of ${to.name}: ${spans.map(exact).join("×")}, ${share.toFixed(share < 9.95 ? 1 : 0)}%.${paths}`;
  }

  /** @param {number[]} pixel */
  drawProjection(pixel) {
    if (!this.tensor) return;
    const tensors = followed(this.store);
    const [from, to] = [this.tensor.id, /** @type {number} */ (this.target)];
    const reached = projections(tensors, to, pixel, from).get(from);
    this.image.mark(pixel);
    this.map.fill(reached ?? null, null);
    const [name, its] = [this.store.tensors[to].name, this.tensor.name];
    if (!reached) {
      this.say(`Pixel ${pixel.join(", ")} of ${name} is seen by no position of ${its}.`);
      return;
    }
    const rows = rowsOf(reached, tensors[from].shape);
    this.say(`Pixel ${pixel.join(", ")} of ${name} is seen by ${reached.exact ? "" : "at most "}${rows.length ? `${rowsText(rows)} of ` : ""}${its}.`);
  }
}

/** The tensors that a tensor is computed from, itself included. @param {import("../store.js").Store} store @param {number} id */
function ancestors(store, id) {
  const seen = new Set([id]);
  for (let place = id; place >= 0; place--) {
    if (seen.has(place)) for (const before of store.tensors[place].from) seen.add(before);
  }
  return seen;
}
