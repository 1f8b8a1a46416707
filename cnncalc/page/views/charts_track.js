// One row of a chart: a label, and a drawing that is as wide as there is room. Its units are layers, or steps of a run.

import { html, svg } from "../dom.js";

/** @typedef {{hover: (step: number | null) => void, click: (step: number) => void}} Reactions */

export class Track {
  /** @param {string} label @param {number} count steps @param {Reactions} react @param {number} [height] in pixels */
  constructor(label, count, react, height = 54) {
    this.count = Math.max(1, count);
    this.height = height;
    this.total = html("span", { class: "total" });
    this.filled = svg("path", { class: "filled" });
    this.line = svg("path", { class: "running" });
    this.turn = svg("path", { class: "turn" });
    this.chosen = svg("rect", { class: "chosen", y: 0, width: 0, height });
    this.under = svg("rect", { class: "under", y: 0, width: 0, height });
    this.peak = svg("path", { class: "peak" });
    this.drawing = svg("svg", { viewBox: `0 0 ${this.count} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      this.chosen, this.under, this.filled, this.turn, this.line, this.peak);
    this.drawing.style.height = `${height}px`;
    this.element = html("div", { class: "track" }, html("div", { class: "label" }, html("b", {}, label), this.total), this.drawing);
    this.drawing.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => react.hover(this.stepAt(event)));
    this.drawing.addEventListener("pointerleave", () => react.hover(null));
    this.drawing.addEventListener("click", (/** @type {PointerEvent} */ event) => react.click(this.stepAt(event)));
  }

  /** @param {PointerEvent} event */
  stepAt(event) {
    const box = this.drawing.getBoundingClientRect();
    return Math.max(0, Math.min(this.count - 1, Math.floor(((event.clientX - box.left) / box.width) * this.count)));
  }

  /** @param {string} text */
  say(text) {
    this.total.textContent = text;
  }

  /** A bar per step, and the running share of the sum. @param {bigint[]} values */
  bars(values) {
    const numbers = values.map(Number);
    const most = Math.max(1, ...numbers);
    const sum = numbers.reduce((a, b) => a + b, 0) || 1;
    const wide = this.count > 400 ? 1 : 0.8;
    let [bars, line, running] = ["", `M0 ${this.height}`, 0];
    for (const [step, value] of numbers.entries()) {
      const tall = (value / most) * (this.height - 4);
      if (value > 0) bars += `M${step + (1 - wide) / 2} ${this.height}v${-Math.max(0.75, tall).toFixed(2)}h${wide}V${this.height}z`;
      running += value;
      line += `L${step + 1} ${(this.height - (running / sum) * (this.height - 2)).toFixed(2)}`;
    }
    this.filled.setAttribute("d", bars);
    this.line.setAttribute("d", line);
  }

  /** What is alive per step, as an area; `turn` is the step in which the backward pass begins.
   * @param {bigint[]} values @param {number} peak its step @param {number} turn */
  area(values, peak, turn) {
    const most = Math.max(1, Number(values[peak] ?? 1));
    const tall = (/** @type {bigint} */ value) => (this.height - (Number(value) / most) * (this.height - 12)).toFixed(2);
    const path = values.map((value, step) => `V${tall(value)}H${step + 1}`).join("");
    this.filled.setAttribute("d", `M0 ${this.height}${path}V${this.height}z`);
    this.turn.setAttribute("d", turn ? `M${turn} 0V${this.height}` : "");
    this.peak.setAttribute("d", `M${peak + 0.5} 3v6`);
  }

  /** @param {number} chosen @param {number} under steps, −1 for none */
  mark(chosen, under) {
    for (const [mark, step] of [[this.chosen, chosen], [this.under, under]]) {
      mark.setAttribute("x", step);
      mark.setAttribute("width", step < 0 ? 0 : 1);
    }
  }
}
