// The window of the chosen layer, sliding over its padded input: along one axis, or over two at once.

import { html } from "../dom.js";
import { axisOf, exactSize } from "../fit.js";
import { axisNames, followed } from "../following.js";
import { partsStrip, runText, rowsAt, slidingStrip, spanAt, transposedStrip } from "../window.js";
import { exact, plural } from "../words.js";
import { Plane } from "./window_plane.js";
import { Ribbon } from "./window_ribbon.js";

const PACE = 420; // milliseconds per step of `play`

/** @typedef {import("../window.js").Strip} Strip */

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountWindow(root, store) {
  const view = new WindowView(root, store);
  store.on("select", () => view.choose());
  store.on("sizes", () => view.update());
  view.choose();
}

class WindowView {
  /** @param {HTMLElement} root @param {import("../store.js").Store} store */
  constructor(root, store) {
    this.root = root;
    this.store = store;
    /** @type {Strip[]} */ this.strips = [];
    /** @type {number[]} */ this.at = [];
    this.shown = 0; // an axis; the number of axes: two at once
    this.timer = 0;
  }

  /** Builds the view for the chosen layer; empty if nothing slides. */
  choose() {
    this.stop();
    const tensor = this.store.tensors[this.store.selected ?? -1];
    this.tensor = tensor && stripsOf(this.store, tensor).length ? tensor : null;
    if (!this.tensor) {
      this.root.replaceChildren();
      return;
    }
    this.strips = stripsOf(this.store, this.tensor);
    this.at = this.strips.map((strip) => startOf(strip));
    this.touched = false;
    this.names = axisNames(this.strips.length);
    if (this.shown > this.strips.length || (this.shown === this.strips.length && this.shown !== 2)) this.shown = 0;
    this.build();
    this.draw();
  }

  build() {
    this.choices = html("div", { class: "choices", role: "radiogroup", "aria-label": "axis" });
    this.formula = html("p", { class: "window-formula" });
    this.stage = html("div", { class: "window-stage", tabindex: 0, role: "slider", "aria-label": "position of the window",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.press(event) });
    this.caption = html("p", { class: "note window-caption" });
    this.legend = html("ul", { class: "legend" });
    this.player = html("button", { class: "step", onclick: () => this.toggle() }, "play");
    const step = (/** @type {string} */ label, /** @type {string} */ text, /** @type {() => void} */ move) =>
      html("button", { class: "step", "aria-label": label, title: label, onclick: () => { this.stop(); move(); } }, text);
    const steps = html("div", { class: "steps no-print" },
      step("first position", "⇤", () => this.go(-Infinity)), step("one back", "←", () => this.go(-1)), this.player,
      step("one on", "→", () => this.go(1)), step("last position", "⇥", () => this.go(Infinity)));
    const title = this.strips[0].transposed ? "The window, writing" : "The window";
    this.root.replaceChildren(
      html("div", { class: "view-head" }, html("h3", {}, title), this.choices, steps),
      this.formula, this.stage, this.caption, this.legend);
    this.showChoices();
  }

  showChoices() {
    const names = /** @type {string[]} */ (this.names).map((name) => `${name}s`);
    if (names.length === 2) names.push("both");
    const buttons = names.length === 1 ? [] : names.map((name, axis) => html("button", {
      role: "radio", "aria-checked": String(axis === this.shown),
      onclick: () => { this.shown = axis; this.showChoices(); this.draw(); },
    }, name));
    this.choices.replaceChildren(...buttons);
    const move = (/** @type {number[]} */ to) => { this.stop(); this.set(to); };
    this.picture = this.isPlane() ? new Plane(this.stage, move) : new Ribbon(this.stage, (to) => move(this.along(to)));
  }

  isPlane() {
    return this.shown === this.strips.length;
  }

  /** A position with one coordinate changed. @param {number} to */
  along(to) {
    return this.at.map((row, axis) => (axis === this.shown ? to : row));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (steps === undefined && down === undefined) return;
    event.preventDefault();
    this.stop();
    if (down && this.isPlane()) this.set([this.at[0] + down, this.at[1]]);
    else this.go(steps ?? down ?? 0);
  }

  /** Moves on by some positions; over two axes, from the end of a row to the next. @param {number} by */
  go(by) {
    if (!this.isPlane()) return this.set(this.along(this.at[this.shown] + by));
    const [rows, columns] = this.strips.map((strip) => strip.positions);
    const place = Math.max(0, Math.min(rows * columns - 1, this.at[0] * columns + this.at[1] + by));
    return this.set([Math.floor(place / columns), place % columns]);
  }

  /** @param {number[]} at clipped to the positions that exist */
  set(at) {
    this.at = at;
    this.touched = true;
    this.clip();
    this.draw();
    if (!this.strips[0].transposed) this.store.emit("position", this.at);
  }

  clip() {
    this.at = this.at.map((row, axis) => Math.max(0, Math.min(this.strips[axis].positions - 1, row)));
  }

  toggle() {
    if (this.timer) return this.stop();
    const last = this.strips.every((strip, axis) => this.at[axis] === strip.positions - 1 || (!this.isPlane() && axis !== this.shown));
    if (last) this.go(-Infinity);
    this.player.textContent = "pause";
    this.timer = setInterval(() => {
      const place = String(this.at);
      this.go(1);
      if (String(this.at) === place) this.stop();
    }, PACE);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    if (this.player) this.player.textContent = "play";
  }

  /** Follows the sizes. */
  update() {
    if (!this.tensor) return;
    this.strips = stripsOf(this.store, this.tensor);
    if (!this.touched) this.at = this.strips.map((strip) => startOf(strip));
    this.clip();
    this.draw();
  }

  draw() {
    const shown = this.isPlane() ? this.strips : [this.strips[this.shown]];
    if (shown.some((strip) => strip.positions < 1 || strip.cells < 1)) {
      this.stage.replaceChildren();
      this.picture = null;
      this.caption.textContent = "The window is larger than its padded input: there is no output.";
      return;
    }
    if (!this.picture) this.showChoices();
    const at = this.isPlane() ? this.at : this.at[this.shown];
    /** @type {any} */ (this.picture).draw(this.isPlane() ? this.strips : shown[0], at);
    this.formula.textContent = this.formulaText();
    this.caption.textContent = this.captionText();
    this.stage.setAttribute("aria-valuetext", this.caption.textContent ?? "");
    this.stage.setAttribute("aria-valuenow", String(this.isPlane() ? this.at[0] * shown[1].positions + this.at[1] : at));
    this.stage.setAttribute("aria-valuemin", "0");
    this.stage.setAttribute("aria-valuemax", String(shown.reduce((all, strip) => all * strip.positions, 1) - 1));
    const kinds = /** @type {string[]} */ (/** @type {any} */ (this.picture).kinds);
    this.legend.hidden = kinds.length < 2;
    this.legend.replaceChildren(...kinds.map((kind) =>
      html("li", {}, html("i", { class: `cell-${kind}` }), LEGEND[kind])));
  }

  formulaText() {
    const axis = Math.min(this.shown, this.strips.length - 1);
    const { windows } = /** @type {any} */ (this.tensor);
    const strip = this.strips[axis];
    if (strip.transposed) return transposedFormula(strip);
    if (strip.parts) return partsFormula(strip, this.at[axis]);
    const { N, F, S, low, high, D, E, ceil, out, leftover } = axisOf(windows[axis], (form) => this.store.value(form));
    const padding = low === high ? `2·${low}` : `${low} + ${high}`;
    const span = D === 1n ? F : `(${D}·(${F} − 1) + 1)`;
    const size = exactSize(/** @type {any} */ ({ slack: N + low + high - E, S }));
    const rounded = leftover === 0n ? "" : ceil ? `, rounded to ${out}` : `, rounded down to ${out}`;
    return `(N − ${D === 1n ? "F" : "E"} + ${low === high ? "2P" : "P₀ + P₁"})/S + 1 = (${N} − ${span} + ${padding})/${S} + 1 = ${size}${rounded}`;
  }

  captionText() {
    const does = this.strips[0].transposed ? "writes" : "reads";
    const parts = this.strips.flatMap((strip, axis) => (this.isPlane() || axis === this.shown)
      ? [this.rowsText(axis, rowsAt(strip, this.at[axis]), strip.size)] : []);
    const place = this.isPlane() ? this.at.join(", ") : `${this.at[this.shown]} of 0…${exact(this.strips[this.shown].positions - 1)}`;
    return `${this.strips[0].transposed ? "Input" : "Output"} ${place} ${does} ${parts.join(" and ")}${this.lossText()}.`;
  }

  /** @param {number} axis @param {number[]} rows @param {number} size */
  rowsText(axis, rows, size) {
    const name = /** @type {string[]} */ (this.names)[axis];
    if (!rows.length) return `no ${name}`;
    return `${name}${rows.length === 1 ? "" : "s"} ${runText(rows)} of ${exact(size)}`;
  }

  lossText() {
    const { windows } = /** @type {any} */ (this.tensor);
    const lost = windows.flatMap((/** @type {any} */ window, /** @type {number} */ axis) => {
      const { pixels } = axisOf(window, (form) => this.store.value(form));
      return pixels > 0n && (this.isPlane() || axis === this.shown) ? [plural(pixels, /** @type {any} */ (this.names)[axis])] : [];
    });
    return lost.length ? `; ${lost.join(" and ")} of pixels unread` : "";
  }
}

/** @type {Record<string, string>} */
const LEGEND = { real: "pixels", padding: "padding", gap: "gap of the stride", unread: "pixels unread", spare: "padding unread",
  overhang: "beyond the padding", cropped: "cropped", empty: "written by none" };

/** One strip per axis of a layer that slides; none for other layers.
 * @param {import("../store.js").Store} store @param {import("../store.js").Tensor} tensor @returns {Strip[]} */
function stripsOf(store, tensor) {
  if (tensor.windows.length) {
    return tensor.windows.map((window) => slidingStrip(axisOf(window, (form) => store.value(form))));
  }
  const { shape, from, routes } = followed(store)[tensor.id];
  const [route, ...others] = routes;
  const axes = /** @type {any[]} */ (route?.slice(2) ?? []);
  if (others.length || !axes.length) return [];
  const entering = followed(store)[from[0]].shape;
  if (axes.every((axis) => axis[0] === "parts") && shape.slice(1).some((size) => size > 1)) {
    return axes.map(([, along, advance, period], axis) => partsStrip([advance, period], entering[axis + 1], shape[along]));
  }
  if (!axes.every((axis) => axis[0] === "spread")) return [];
  return axes.map(([, along, kernel, stride, low, dilation], axis) =>
    transposedStrip({ kernel, stride, low, dilation }, entering[axis + 1], shape[along]));
}

/** Where the window stands at first: at its last position if that leaves pixels unread. @param {Strip} strip */
function startOf(strip) {
  const last = Math.max(0, strip.positions - 1);
  if (strip.transposed) return Math.min(1, last);
  if (strip.parts) return Math.min(1, last);
  const end = strip.step * last + strip.extent;
  return strip.cells > end && strip.kindOf(strip.cells - 1) !== "overhang" ? last : Math.min(1, last);
}

/** @param {Strip} strip */
function transposedFormula({ positions, step, kernel, dilation, extent, before, size }) {
  const rest = size - (step * (positions - 1) + extent - before); // output padding − high padding
  const span = dilation === 1 ? `${kernel}` : `${dilation}·(${kernel} − 1) + 1`;
  const sides = `${before ? ` − ${before}` : ""}${rest ? ` ${rest < 0 ? "−" : "+"} ${Math.abs(rest)}` : ""}`;
  const [letters, cropped] = rest === -before && before ? [" − 2P", ` − 2·${before}`] : ["", sides];
  return `(N − 1)·S + ${dilation === 1 ? "F" : "E"}${letters} = (${positions} − 1)·${step} + ${span}${cropped} = ${size}`;
}

/** @param {Strip} strip @param {number} at the position */
function partsFormula(strip, at) {
  const [a, b] = [strip.size, strip.positions];
  const { first, extent } = spanAt(strip, at);
  return `from ⌊i·N/O⌋ = ⌊${at}·${a}/${b}⌋ = ${first} to ⌈(i + 1)·N/O⌉ − 1 = ⌈${at + 1}·${a}/${b}⌉ − 1 = ${first + extent - 1}`;
}
