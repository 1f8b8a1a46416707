// The picture of the points: axes, a path per group, the front, and what is under the pointer. Arrows walk from point to point.

import { html, svg } from "../dom.js";
import { cut } from "../words.js";
import { scaleOf, scaleOfTexts } from "./scale.js";
import { groupsOf, shadeFill, signPath, tickText } from "./shades.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [76, 16, 14, 52]; // margins, in pixels
const HIGH = 460, NEAR = 28, MANY = 1500; // pixels; points, from which they are drawn smaller
const LETTER = 6.2;

/** @typedef {import("./points.js").Points} Points */

/** @param {HTMLElement} root @param {Points} points */
export function mountPlot(root, points) {
  const plot = new Plot(points);
  root.append(plot.legend, plot.stage);
  new ResizeObserver(([{ contentRect }]) => plot.resize(Math.round(contentRect.width))).observe(root);
  points.on("axes", () => plot.draw());
  points.on("point", () => plot.mark());
  plot.resize(root.clientWidth || 800);
}

class Plot {
  /** @param {Points} points */
  constructor(points) {
    this.points = points;
    this.width = 0;
    /** @type {Map<number, [number, number]>} */
    /** @type {Map<number, [number, number]>} */ this.spots = new Map(); // the place of every point that is drawn
    /** @type {Record<string, number[]> | undefined} */ this.orders = undefined; // the points along each axis, once asked for
    this.legend = html("p", { class: "legend-of" });
    this.drawing = svg("svg", { role: "presentation" });
    this.marks = svg("svg", { class: "marks", role: "presentation" }); // over the others, which are not drawn again with it
    this.stage = html("div", { class: "stage", tabindex: 0, role: "application", "aria-label": "The points: arrows walk along the axes, F along the front, Enter chooses" }, this.drawing, this.marks);
    this.stage.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => points.point(this.nearest(event)));
    this.stage.addEventListener("pointerleave", () => points.point(null));
    this.stage.addEventListener("click", (/** @type {PointerEvent} */ event) => points.choose(this.nearest(event)));
    this.stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
    this.stage.addEventListener("focus", () => this.stage.matches(":focus-visible") && points.point(points.chosen ?? this.order("x")[0] ?? null));
    this.stage.addEventListener("blur", () => points.point(null));
  }

  /** @param {number} width */
  resize(width) {
    if (!width || width === this.width) return;
    this.width = width;
    this.draw();
  }

  draw() {
    const { points, width } = this;
    const [x, y] = [points.column("x"), points.column("y")];
    if (!x || !y) return this.drawing.replaceChildren();
    const drawn = points.drawn();
    const [wide, high] = [width - LEFT - RIGHT, HIGH - TOP - BOTTOM];
    const along = this.scale(x, "x", drawn, Math.max(3, wide / 90));
    const up = this.scale(y, "y", drawn, high / 60);
    const placeX = (/** @type {number} */ value) => LEFT + along.place(value) * wide;
    const placeY = (/** @type {number} */ value) => TOP + (1 - up.place(value)) * high;
    this.spots = new Map(drawn.map((id) => [id, [placeX(x.numbers[id]), placeY(y.numbers[id])]]));
    this.orders = undefined;
    const groups = groupsOf(points);
    const radius = drawn.length > MANY ? 2.5 : 4;
    for (const each of [this.drawing, this.marks]) each.setAttribute("viewBox", `0 0 ${width} ${HIGH}`);
    this.drawing.replaceChildren(
      svg("g", { class: "axis" }, this.ticksBelow(x, along.ticks, placeX), this.ticksBeside(y, up.ticks, placeY),
        svg("path", { class: "line", d: `M${LEFT} ${TOP}V${HIGH - BOTTOM}H${width - RIGHT}` })),
      svg("text", { class: "title", x: LEFT + wide / 2, y: HIGH - 8, "text-anchor": "middle" }, cut(x.label, wide / LETTER)),
      svg("text", { class: "title", transform: `translate(14 ${TOP + high / 2}) rotate(-90)`, "text-anchor": "middle" }, cut(y.label, high / LETTER)),
      this.front(x, y),
      ...groups.map(({ shade, sign, of }) => this.group(sign, of, radius, shadeFill(shade))));
    this.legend.replaceChildren(...this.legendOf(groups, drawn.length));
    this.mark();
  }

  /** @param {import("./points.js").Column} column @param {"x"|"y"} side @param {number[]} drawn @param {number} most */
  scale(column, side, drawn, most) {
    if (column.texts) return scaleOfTexts(column.texts.length);
    return scaleOf(drawn.map((id) => column.numbers[id]), this.points.isLog(side), Math.max(2, Math.floor(most)), column.unit === "bytes" ? 1024 : 1000);
  }

  /** @param {string} sign @param {number[]} of @param {number} radius @param {string} fill */
  group(sign, of, radius, fill) {
    const path = svg("path", { class: radius < 4 ? "points-of many" : "points-of", d: of.map((id) => signPath(sign, .../** @type {[number, number]} */ (this.spots.get(id)), radius)).join("") });
    path.style.fill = fill;
    return path;
  }

  /** @param {import("./points.js").Column} column @param {number[]} ticks @param {(value: number) => number} place */
  ticksBelow(column, ticks, place) {
    const room = (this.width - LEFT - RIGHT) / Math.max(1, ticks.length) / LETTER;
    const every = column.texts ? Math.ceil(4 / Math.max(1, room)) : 1;
    return ticks.filter((_, i) => i % every === 0).map((tick) => [
      svg("path", { class: "grid", d: `M${place(tick)} ${TOP}V${HIGH - BOTTOM}` }),
      svg("text", { x: place(tick), y: HIGH - BOTTOM + 17, "text-anchor": "middle" }, cut(tickText(column, tick), Math.min(28, Math.max(4, room * every))))]);
  }

  /** @param {import("./points.js").Column} column @param {number[]} ticks @param {(value: number) => number} place */
  ticksBeside(column, ticks, place) {
    const every = Math.ceil((ticks.length * 14) / (HIGH - TOP - BOTTOM));
    return ticks.filter((_, i) => i % every === 0).map((tick) => [
      svg("path", { class: "grid", d: `M${LEFT} ${place(tick)}H${this.width - RIGHT}` }),
      svg("text", { x: LEFT - 8, y: place(tick) + 4, "text-anchor": "end" }, cut(tickText(column, tick), 8))]);
  }

  /** The front: a ring around each of its points; a staircase, where it is that of the axes.
   * @param {import("./points.js").Column} x @param {import("./points.js").Column} y */
  front(x, y) {
    const { points } = this;
    const best = points.front().filter((id) => this.spots.has(id));
    const spots = best.map((id) => /** @type {[number, number]} */ (this.spots.get(id)));
    const stairs = points.now.front === "axes" && spots.length > 1 ? spots.map(([left, top], i) => i ? `H${left}V${top}` : `M${left} ${top}`).join("") : "";
    return svg("g", { class: "front" }, stairs && svg("path", { class: "stairs", d: stairs }),
      svg("path", { class: "rings", d: spots.map(([left, top]) => signPath("circle", left, top, 7)).join("") }));
  }

  /** @param {import("./shades.js").Group[]} groups @param {number} drawn */
  legendOf(groups, drawn) {
    const { points } = this;
    const column = points.column("colour");
    const swatches = groups.filter(({ label }) => label).map(({ label, shade, sign }) => {
      const path = svg("path", { d: signPath(sign, 7, 7, 4.5) });
      path.style.fill = shadeFill(shade);
      return html("span", { class: "swatch" }, svg("svg", { width: 14, height: 14, "aria-hidden": "true" }, path), cut(label, 32));
    });
    const front = points.front().length;
    const missing = points.count - drawn;
    return [column ? html("span", { class: "label" }, cut(column.label, 32)) : "", ...swatches,
      front ? html("span", { class: "swatch" }, svg("svg", { width: 16, height: 16, "aria-hidden": "true" }, svg("path", { class: "rings", d: signPath("circle", 8, 8, 6) })), `${front} on the Pareto front`) : "",
      missing ? html("span", { class: "quiet" }, `${missing} without a place on these axes`) : ""];
  }

  mark() {
    const { chosen, pointed } = this.points;
    const ring = (/** @type {number|null} */ id, /** @type {string} */ name) => {
      const spot = id === null ? undefined : this.spots.get(id);
      if (!spot) return [];
      const [x, y] = spot;
      return [svg("path", { class: `${name} lines`, d: `M${x} ${HIGH - BOTTOM}V${y}M${LEFT} ${y}H${x}` }), svg("circle", { class: name, cx: x, cy: y, r: 7 })];
    };
    this.marks.replaceChildren(...ring(chosen, "chosen"), ...ring(pointed === chosen ? null : pointed, "pointed"));
  }

  /** The point nearest to the pointer; null if none is near. @param {PointerEvent} event */
  nearest(event) {
    const box = this.drawing.getBoundingClientRect();
    const [left, top] = [((event.clientX - box.left) * this.width) / box.width, ((event.clientY - box.top) * this.width) / box.width];
    let [found, least] = [/** @type {number|null} */ (null), NEAR * NEAR];
    for (const [id, [x, y]] of this.spots) {
      const far = (x - left) ** 2 + (y - top) ** 2;
      if (far < least) [found, least] = [id, far];
    }
    return found;
  }

  /** The points that are drawn, along an axis. @param {"x"|"y"} side @returns {number[]} */
  order(side) {
    this.orders ??= Object.fromEntries([0, 1].map((place) => {
      const spot = (/** @type {number} */ id) => /** @type {[number, number]} */ (this.spots.get(id));
      const sign = place ? -1 : 1; // up is more
      return [place ? "y" : "x", [...this.spots.keys()].sort((a, b) => sign * (spot(a)[place] - spot(b)[place]) || spot(a)[1 - place] - spot(b)[1 - place] || a - b)];
    }));
    return this.orders[side];
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { points } = this;
    const now = points.pointed ?? points.chosen;
    const walk = (/** @type {number[]} */ order, /** @type {number} */ step) => {
      const at = now === null ? -1 : order.indexOf(now);
      points.point(order[Math.min(order.length - 1, Math.max(0, at < 0 ? 0 : at + step))] ?? null);
    };
    const best = () => points.front().filter((id) => this.spots.has(id));
    const acts = {
      ArrowRight: () => walk(this.order("x"), 1), ArrowLeft: () => walk(this.order("x"), -1),
      ArrowUp: () => walk(this.order("y"), 1), ArrowDown: () => walk(this.order("y"), -1),
      Home: () => points.point(this.order("x")[0] ?? null), End: () => points.point(this.order("x").at(-1) ?? null),
      f: () => walk(best(), 1), F: () => walk(best(), -1),
      Enter: () => points.choose(now), " ": () => points.choose(now), Escape: () => points.choose(null),
    };
    const act = acts[/** @type {keyof acts} */ (event.key)];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
