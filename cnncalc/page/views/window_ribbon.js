// Draws a window along one axis: a ribbon of cells, the kernel over it, and the outputs below.

import { svg } from "../dom.js";
import { positionAt, runs, spanAt, taps } from "../window.js";
import { hatches } from "./hatches.js";

/** @typedef {import("../window.js").Strip} Strip */

const LEAST = 12; // the narrowest cell, in pixels
const [NARROWEST, WIDEST] = [280, 760]; // of the drawing
const TALL = 22;

export class Ribbon {
  /** @param {HTMLElement} stage @param {(to: number) => void} move */
  constructor(stage, move) {
    this.move = move;
    /** @type {string[]} */ this.kinds = [];
    this.drawing = svg("svg", { class: "ribbon", role: "presentation" });
    this.width = 640;
    this.at = 0;
    this.cell = LEAST; // the width of one
    this.top = 26; // of the cells
    this.left0 = 0; // of cell 0
    stage.replaceChildren(this.drawing);
    new ResizeObserver(([{ contentRect }]) => {
      this.width = Math.max(NARROWEST, Math.min(WIDEST, Math.round(contentRect.width)));
      if (this.strip && this.drawing.isConnected) this.draw(this.strip, this.at);
    }).observe(stage);
    this.drawing.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      this.drawing.setPointerCapture(event.pointerId);
      this.dragged = { left: event.clientX, at: this.at, over: this.isOverview(event) };
      if (this.dragged.over) this.jump(event);
    });
    this.drawing.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.drag(event));
    this.drawing.addEventListener("pointerup", () => { this.dragged = null; });
  }

  /** @param {PointerEvent} event from the left of the drawing, in its own units */
  left(event) {
    const box = this.drawing.getBoundingClientRect();
    return ((event.clientX - box.left) * this.width) / box.width;
  }

  /** @param {PointerEvent} event */
  isOverview(event) {
    const box = this.drawing.getBoundingClientRect();
    return ((event.clientY - box.top) * this.width) / box.width < this.top - 14;
  }

  /** @param {PointerEvent} event */
  jump(event) {
    const strip = /** @type {Strip} */ (this.strip);
    this.move(positionAt(strip, (this.left(event) / this.width) * strip.cells));
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.dragged) return;
    if (this.dragged.over) {
      this.jump(event);
      return;
    }
    const scale = this.drawing.getBoundingClientRect().width / this.width;
    const moved = (event.clientX - this.dragged.left) / (scale * this.cell * /** @type {Strip} */ (this.strip).step);
    this.move(this.dragged.at + Math.round(moved));
  }

  /** @param {Strip} strip @param {number} at the position */
  draw(strip, at) {
    this.strip = strip;
    this.at = at;
    const whole = this.width / strip.cells >= LEAST;
    this.cell = whole ? Math.min(26, this.width / strip.cells) : Math.max(LEAST, Math.min(20, this.width / (strip.extent + 3 * strip.step + 6)));
    const count = whole ? strip.cells : Math.floor(this.width / this.cell);
    const span = spanAt(strip, at);
    const centred = Math.round(span.first + span.extent / 2 - count / 2);
    const start = whole ? 0 : Math.max(0, Math.min(strip.cells - count, centred));
    const margin = whole ? (this.width - count * this.cell) / 2 : 0;
    this.left0 = margin - start * this.cell;
    this.top = whole ? 26 : 52;
    const end = start + count;
    const parts = [
      ...(whole ? [] : this.overview(strip, at, start, end)),
      ...this.cells(strip, start, end),
      ...this.kernel(strip, at, start, end),
      ...this.others(strip, at, start, end),
    ];
    this.drawing.setAttribute("viewBox", `0 0 ${this.width} ${this.top + TALL + 62}`);
    this.drawing.replaceChildren(hatches(), ...parts);
  }

  /** @param {number} cell */
  x(cell) {
    return this.left0 + cell * this.cell;
  }

  /** All of the axis, small, with the part that is drawn below.
   * @param {Strip} strip @param {number} at @param {number} start @param {number} end */
  overview(strip, at, start, end) {
    const x = (/** @type {number} */ cell) => (cell / strip.cells) * this.width;
    const { first, extent } = spanAt(strip, at);
    const bands = strip.cells > 4000 ? [] : runs(strip).filter(([kind]) => kind !== "gap").map(([kind, from, cells]) =>
      svg("rect", { class: `cell-${kind}`, x: x(from), y: 8, width: Math.max(kind === "unread" ? 3 : 0.5, x(cells)), height: 8 }));
    return [
      svg("rect", { class: "axis-line", x: 0, y: 8, width: this.width, height: 8 }), ...bands,
      svg("rect", { class: "kernel-small", x: x(first), y: 7, width: Math.max(3, x(extent)), height: 10 }),
      svg("rect", { class: "frame", x: x(start) + 0.5, y: 4.5, width: x(end - start) - 1, height: 15, rx: 3 }),
      svg("path", { class: "leader", d: `M${x(start)} 20L0 ${this.top - 4}M${x(end)} 20L${this.width} ${this.top - 4}` }),
    ];
  }

  /** @param {Strip} strip @param {number} start @param {number} end */
  cells(strip, start, end) {
    const inset = this.cell > 14 ? 0.75 : 0.5;
    const kinds = new Set();
    const cells = [];
    for (let cell = start; cell < end; cell++) {
      const kind = strip.kindOf(cell);
      kinds.add(kind);
      cells.push(svg("rect", { class: `cell-${kind}`, x: this.x(cell) + inset, y: this.top, width: this.cell - 2 * inset, height: TALL, rx: 2 }));
    }
    this.kinds = [...kinds];
    const ends = [strip.before, strip.before + strip.size - 1].filter((cell) => cell >= start && cell < end);
    const labels = [...new Set(ends)].map((cell) => svg("text", {
      class: "tiny", x: this.x(cell) + this.cell / 2, y: this.top + TALL + 13, "text-anchor": "middle" }, cell - strip.before));
    return [...cells, ...labels];
  }

  /** @param {Strip} strip @param {number} at @param {number} start @param {number} end */
  kernel(strip, at, start, end) {
    const { first, extent } = spanAt(strip, at);
    const read = taps(strip, at).filter((cell) => cell >= start && cell < end).map((cell) => svg("rect", {
      class: "tap", x: this.x(cell) + 1.5, y: this.top + 1.5, width: this.cell - 3, height: TALL - 3, rx: 1.5 }));
    const middle = Math.max(30, Math.min(this.width - 30, this.x(first + extent / 2)));
    const label = strip.parts ? `${extent}` : strip.dilation === 1 ? `F = ${strip.kernel}` : `F = ${strip.kernel}, D = ${strip.dilation}`;
    return [...read,
      svg("rect", { class: "kernel", x: this.x(first), y: this.top - 3, width: extent * this.cell, height: TALL + 6, rx: 4 }),
      svg("text", { class: "tiny accent", x: middle, y: this.top - 9, "text-anchor": "middle" }, label)];
  }

  /** The positions: outputs, or the inputs of a transposed window.
   * @param {Strip} strip @param {number} at @param {number} start @param {number} end */
  others(strip, at, start, end) {
    const y = this.top + TALL + 36;
    const middle = (/** @type {{first: number, extent: number}} */ span) => this.x(span.first + span.extent / 2);
    const centre = (/** @type {number} */ position) => middle(spanAt(strip, position));
    const side = Math.max(3, Math.min(18, this.cell * Math.max(1, strip.step) - 2, this.cell - 1));
    const first = Math.max(0, Math.floor((start - strip.extent) / strip.step));
    const last = Math.min(strip.positions - 1, Math.ceil(end / strip.step));
    const boxes = [];
    for (let position = first; position <= last; position++) {
      if (centre(position) < side / 2 || centre(position) > this.width - side / 2) continue;
      const name = position === at ? "output now" : "output";
      boxes.push(svg("rect", { class: name, x: centre(position) - side / 2, y, width: side, height: 16, rx: 2 }));
    }
    const span = spanAt(strip, at);
    const [a, b, c] = [this.x(span.first), this.x(span.first + span.extent), middle(span)];
    const fan = svg("path", { class: "fan", d: `M${a} ${this.top + TALL + 4}L${b} ${this.top + TALL + 4}L${c + side / 2} ${y - 2}L${c - side / 2} ${y - 2}Z` });
    return [fan, ...boxes];
  }
}
