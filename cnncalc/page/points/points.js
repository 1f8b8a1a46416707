// The points of a sweep: their columns, what the axes are, which point is chosen. Views read it and listen; only it changes.

import { bytes, exact, short } from "../words.js";
import { bestOf } from "./best.js";

/** `numbers`: where a point stands along the column: its number, or the place of its text; NaN where it has none.
 * @typedef {{name: string, label: string, of: string, unit?: string, texts?: string[], values: any[], numbers: number[],
 *    distinct: number}} Column */
/** @typedef {"x"|"y"|"colour"|"front"|"bestX"|"bestY"|"logX"|"logY"} Setting */

const SETTINGS = /** @type {Setting[]} */ (["x", "y", "colour", "front", "bestX", "bestY", "logX", "logY"]);
const WIDE = 30; // the ratio of the ends of an axis from which its scale is logarithmic at first

export class Points {
  /** @param {any} document */
  constructor(document) {
    this.document = document;
    this.count = /** @type {number} */ (document.points);
    /** @type {Column[]} */
    this.columns = document.columns.map(complete);
    /** @type {Map<string, Column>} */
    this.byName = new Map(this.columns.map((column) => [column.name, column]));
    /** @type {number[]} */
    this.ids = Array.from({ length: this.count }, (_, id) => id);
    /** What can be an axis: figures, parameters, sizes; what is the same at every point only where nothing else is. */
    const axes = this.columns.filter(({ of, numbers }) => !["error", "input", "output"].includes(of) && numbers.some(Number.isFinite));
    const moving = axes.filter(({ distinct }) => distinct > 1);
    this.axes = moving.length ? moving : axes;
    /** @type {Record<Setting, string>} */
    this.now = this.opening();
    /** @type {number|null} */ this.chosen = null;
    /** @type {number|null} */ this.pointed = null;
    /** @type {Map<string, Set<() => void>>} */
    this.listeners = new Map();
    /** @type {number[] | undefined} */ this.best = undefined; // the front, once asked for
  }

  /** The settings at first: the figures of --pareto against each other; else MACs over what was swept most finely. */
  opening() {
    const { objectives } = this.document;
    const plain = objectives.map((/** @type {string} */ text) => text.replace(/^-/, ""));
    const swept = this.axes.filter(({ of, texts }) => of === "param" && !texts || of === "size").sort((a, b) => b.distinct - a.distinct);
    const figures = this.axes.filter(({ of }) => of === "figure");
    let [x, y] = [swept[0] ?? figures[1] ?? this.axes[0], figures.find(({ name }) => name === "macs") ?? figures[0] ?? swept[1] ?? this.axes[0]];
    const given = objectives.length === 2 && plain.every((/** @type {string} */ name) => this.axes.some((axis) => axis.name === name));
    if (given) [x, y] = [plain[1], plain[0]].map((name) => /** @type {Column} */ (this.byName.get(name)));
    const others = this.axes.filter((axis) => axis !== x && axis !== y && (axis.of === "network" || axis.of === "param" || axis.of === "size"));
    const better = (/** @type {Column|undefined} */ axis, /** @type {number} */ place) =>
      given ? (objectives[place].startsWith("-") ? "more" : "less") : axis?.of === "figure" ? "less" : "";
    return { x: x?.name ?? "", y: y?.name ?? "", colour: others[0]?.name ?? "", front: objectives.length ? "given" : "axes",
      bestX: better(x, 1), bestY: better(y, 0), logX: this.isWide(x) ? "log" : "", logY: this.isWide(y) ? "log" : "" };
  }

  /** @param {"x"|"y"|"colour"} setting @returns {Column|undefined} */
  column(setting) {
    return this.byName.get(this.now[setting]);
  }

  /** Whether an axis is logarithmic: as wanted, where every number is above 0. @param {"x"|"y"} side */
  isLog(side) {
    return this.now[side === "x" ? "logX" : "logY"] === "log" && canBeLog(this.column(side));
  }

  /** The points that have both axes. */
  drawn() {
    const [x, y] = [this.column("x"), this.column("y")];
    return x && y ? this.ids.filter((id) => Number.isFinite(x.numbers[id]) && Number.isFinite(y.numbers[id])) : [];
  }

  /** The points that no other beats: in what --pareto asked for, or along both axes. */
  front() {
    this.best ??= this.findFront();
    return this.best;
  }

  /** @returns {number[]} */
  findFront() {
    const { front, bestX, bestY } = this.now;
    if (front === "given") return this.document.front;
    const [x, y] = [this.column("x"), this.column("y")];
    if (front !== "axes" || !bestX || !bestY || !x || !y || x.texts || y.texts) return [];
    const sign = (/** @type {string} */ best) => best === "more" ? -1 : 1;
    return bestOf(this.drawn(), (id) => sign(bestX) * x.numbers[id], (id) => sign(bestY) * y.numbers[id]);
  }

  /** @param {Setting} setting @param {string} value */
  set(setting, value) {
    if (this.now[setting] === value) return;
    this.now[setting] = value;
    if (setting === "x" || setting === "y") {
      const axis = this.column(setting);
      this.now[setting === "x" ? "logX" : "logY"] = this.isWide(axis) ? "log" : "";
      this.now[setting === "x" ? "bestX" : "bestY"] = axis?.of === "figure" ? "less" : "";
    }
    this.best = undefined;
    this.emit("axes");
  }

  /** @param {number|null} id */
  choose(id) {
    if (id === this.chosen) return;
    this.chosen = id;
    this.emit("point");
  }

  /** @param {number|null} id */
  point(id) {
    if (id === this.pointed) return;
    this.pointed = id;
    this.emit("point");
  }

  /** Listen: "axes" (what is drawn), "point" (which is chosen, and which is under the pointer).
   * @param {string} event @param {() => void} listener */
  on(event, listener) {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  /** @param {string} event */
  emit(event) {
    for (const listener of this.listeners.get(event) ?? []) listener();
  }

  /** What a column says of a point. @param {Column} column @param {number} id */
  text(column, id) {
    const value = column.values[id];
    if (value === null) return column.of === "figure" && !this.isInvalid(id) ? "unknown" : "";
    return column.texts ? column.texts[value] : amount(column, value);
  }

  /** Whether the values of an axis, at points that are drawn, are better on a logarithmic scale. @param {Column|undefined} column */
  isWide(column) {
    if (!column || !canBeLog(column)) return false;
    let [least, most] = [Infinity, 0];
    for (const id of this.ids) {
      const each = column.numbers[id];
      if (Number.isNaN(each) || this.isInvalid(id)) continue;
      if (each < least) least = each;
      if (each > most) most = each;
    }
    return most / least >= WIDE;
  }

  /** @param {number} id */
  isInvalid(id) {
    return (this.byName.get("error")?.values[id] ?? null) !== null;
  }

  /** What the address keeps. */
  address() {
    const kept = new URLSearchParams();
    const opening = this.opening();
    for (const setting of SETTINGS) if (this.now[setting] !== opening[setting]) kept.set(setting, this.now[setting]);
    if (this.chosen !== null) kept.set("point", String(this.chosen + 1));
    return String(kept);
  }

  /** @param {string} address */
  restore(address) {
    const kept = new URLSearchParams(address);
    const allowed = { x: this.axes, y: this.axes, colour: [{ name: "" }, ...this.axes] };
    for (const setting of SETTINGS) {
      const value = kept.get(setting);
      const names = /** @type {Record<string, {name: string}[]>} */ (allowed)[setting]?.map(({ name }) => name) ?? ["", "log", "less", "more", "axes", "given", "none"];
      if (value !== null && names.includes(value)) this.now[setting] = value;
    }
    const id = Number(kept.get("point") ?? 0) - 1;
    if (Number.isInteger(id) && id >= 0 && id < this.count) this.chosen = id;
  }
}

/** @param {any} column @returns {Column} */
function complete(column) {
  const numbers = column.values.map((/** @type {any} */ value) => value === null ? NaN : numberOf(value));
  return { ...column, numbers, distinct: new Set(column.values.filter((/** @type {any} */ value) => value !== null)).size };
}

/** A number, or its digits: "1/3". @param {number|string} value */
export function numberOf(value) {
  if (typeof value === "number") return value;
  const [top, bottom = "1"] = value.split("/");
  return Number(top) / Number(bottom);
}

/** @param {Column} column @param {number|string} value */
export function amount({ unit }, value) {
  if (!unit) return String(value).replace("-", "−");
  const write = { bytes, count: exact, amount: short }[unit] ?? exact;
  return write(typeof value === "string" || Number.isInteger(value) ? BigInt(value) : value);
}

/** @param {Column|undefined} column */
export function canBeLog(column) {
  return column !== undefined && !column.texts && column.numbers.every((each) => Number.isNaN(each) || each > 0);
}
