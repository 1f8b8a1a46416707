// Draws a window over two axes: the padded input, the kernel on it, and the output beside it.

import { svg } from "../dom.js";
import { positionAt, runs, spanAt, taps } from "../window.js";
import { hatches } from "./hatches.js";

/** @typedef {import("../window.js").Strip} Strip */

const SIDE = 330; // of the input, in units of the drawing
const GAP = 40;
const MOST_LINES = 48; // of a grid

export class Plane {
  /** @param {HTMLElement} stage @param {(to: number[]) => void} move */
  constructor(stage, move) {
    this.move = move;
    /** @type {string[]} */ this.kinds = [];
    /** @type {Strip[]} */ this.strips = []; // of rows and columns
    this.unit = 1; // a cell, in units of the drawing
    this.width = 1; // of the drawing
    this.pitch = [1, 1]; // of outputs, in cells
    this.drawing = svg("svg", { class: "plane", role: "presentation" });
    stage.replaceChildren(this.drawing);
    this.drawing.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      this.drawing.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.drag(event);
    });
    this.drawing.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.drag(event));
    this.drawing.addEventListener("pointerup", () => { this.dragged = false; });
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.dragged) return;
    const box = this.drawing.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) * this.width) / box.width, ((event.clientY - box.top) * this.width) / box.width];
    if (x > SIDE + GAP / 2) this.move([y / this.unit, (x - SIDE - GAP) / this.unit].map((cell, axis) => Math.floor(cell / this.pitch[axis])));
    else this.move([y / this.unit, x / this.unit].map((cell, axis) => positionAt(this.strips[axis], Math.floor(cell))));
  }

  /** @param {Strip[]} strips of rows and columns @param {number[]} at */
  draw(strips, at) {
    this.strips = strips;
    const [rows, columns] = strips;
    this.unit = SIDE / Math.max(rows.cells, columns.cells);
    this.pitch = strips.map((strip) => Math.max(1, Math.min(strip.step, 3 / this.unit + 1)));
    this.width = SIDE + GAP + columns.positions * this.pitch[1] * this.unit;
    const height = Math.max(rows.cells * this.unit, rows.positions * this.pitch[0] * this.unit);
    this.drawing.setAttribute("viewBox", `-2 -2 ${this.width + 4} ${height + 4}`);
    this.drawing.style.maxWidth = `${this.width + 4}px`;
    this.drawing.replaceChildren(
      hatches(),
      svg("rect", { class: "cell-real", x: 0, y: 0, width: columns.cells * this.unit, height: rows.cells * this.unit }),
      ...this.bands(strips), ...this.grid([rows.cells, columns.cells], this.unit, this.unit, 0),
      ...this.kernel(strips, at), ...this.output(strips, at));
  }

  /** Rows and columns that are not plain pixels, as bands across the map. @param {Strip[]} strips */
  bands(strips) {
    const kinds = new Set(["real"]);
    const [rows, columns] = strips;
    const bands = strips.flatMap((strip, axis) => runs(strip).filter(([kind]) => kind !== "real").map(([kind, first, count]) => {
      kinds.add(kind);
      const [from, along] = [first * this.unit, count * this.unit];
      return axis === 0
        ? svg("rect", { class: `band cell-${kind}`, x: 0, y: from, width: columns.cells * this.unit, height: along })
        : svg("rect", { class: `band cell-${kind}`, x: from, y: 0, width: along, height: rows.cells * this.unit });
    }));
    this.kinds = [...kinds];
    return [...bands.filter((band) => !band.classList.contains("cell-unread")), ...bands.filter((band) => band.classList.contains("cell-unread"))];
  }

  /** @param {number[]} counts @param {number} tall @param {number} wide @param {number} left */
  grid([rows, columns], tall, wide, left) {
    if (Math.max(rows, columns) > MOST_LINES) return [];
    let path = "";
    for (let row = 1; row < rows; row++) path += `M${left} ${row * tall}h${columns * wide}`;
    for (let column = 1; column < columns; column++) path += `M${left + column * wide} 0v${rows * tall}`;
    return [svg("path", { class: "grid", d: path })];
  }

  /** @param {Strip[]} strips @param {number[]} at */
  kernel([rows, columns], [row, column]) {
    const unit = this.unit;
    const [tall, wide] = [spanAt(rows, row), spanAt(columns, column)];
    let path = "";
    for (const y of taps(rows, row)) for (const x of taps(columns, column)) path += `M${x * unit} ${y * unit}h${unit}v${unit}h${-unit}z`;
    return [svg("path", { class: "tap", d: path }), svg("rect", { class: "kernel", x: wide.first * unit,
      y: tall.first * unit, width: wide.extent * unit, height: tall.extent * unit, rx: Math.min(3, unit / 2) })];
  }

  /** @param {Strip[]} strips @param {number[]} at */
  output([rows, columns], [row, column]) {
    const [tall, wide] = this.pitch.map((pitch) => pitch * this.unit);
    const left = SIDE + GAP;
    const [x, y] = [left + column * wide, row * tall];
    const [down, across] = [spanAt(rows, row), spanAt(columns, column)];
    const [fromX, fromY] = [(across.first + across.extent) * this.unit, (down.first + down.extent / 2) * this.unit];
    return [
      svg("rect", { class: "output", x: left, y: 0, width: columns.positions * wide, height: rows.positions * tall }),
      ...this.grid([rows.positions, columns.positions], tall, wide, left),
      svg("path", { class: "leader", d: `M${fromX} ${fromY}L${x} ${y + tall / 2}` }),
      svg("rect", { class: "output now", x, y, width: wide, height: tall }),
    ];
  }
}
