// Along the network: bars of parameters, MACs and activations per layer with their running totals, and memory over time.

import { html } from "../dom.js";
import { aliveAt, layerAt, stepOf } from "../alive.js";
import { peakOf } from "../memory.js";
import { whenSeen } from "../seen.js";
import { bytes, exact, plural, share, short } from "../words.js";
import { Track } from "./charts_track.js";

/** @typedef {"inference" | "training"} Run */

const FIGURES = [["params", "parameters", exact], ["macs", "MACs", short], ["bytes", "activations", bytes]];
const LISTED = 7; // tensors alive that are named

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountCharts(root, store) {
  const charts = new Charts(root, store);
  store.on("sizes", whenSeen(root, () => charts.update()));
  for (const event of ["select", "hover"]) store.on(event, () => charts.mark());
}

class Charts {
  /** @param {HTMLElement} root @param {import("../store.js").Store} store */
  constructor(root, store) {
    this.store = store;
    /** @type {Run} */ this.run = "inference";
    /** @type {number | null} */ this.step = null; // under the pointer, of the memory
    this.layers = store.document.memory.inference.steps.map((/** @type {number} */ id) => store.tensors[id]);
    this.bars = FIGURES.map(([, label]) => new Track(/** @type {string} */ (label), this.layers.length, {
      hover: (step) => store.hover(step === null ? null : this.layers[step].id),
      click: (step) => store.select(this.layers[step].id),
    }));
    this.note = html("p", { class: "note" });
    this.runs = html("div", { class: "choices", role: "radiogroup", "aria-label": "run" });
    this.alive = html("div", { class: "alive" });
    this.memory = this.memoryTrack();
    this.place = html("div", {}, this.memory.element);
    root.append(html("h2", {}, "Along the network"), this.note,
      html("div", { class: "tracks" }, this.bars.map((track) => track.element)),
      html("div", { class: "view-head memory-head" }, html("h3", {}, "Memory over time"), this.runs),
      this.place, this.alive);
    this.showRuns();
  }

  showRuns() {
    this.runs.replaceChildren(...["inference", "training"].map((run) => html("button", { role: "radio", "aria-checked": String(run === this.run),
      onclick: () => {
        this.run = /** @type {Run} */ (run);
        this.step = null;
        this.memory = this.memoryTrack();
        this.place.replaceChildren(this.memory.element);
        this.showRuns();
        this.update();
      } }, run)));
  }

  memoryTrack() {
    const count = this.layers.length;
    const layers = this.store.document.memory[this.run].steps.length;
    return new Track("alive", this.run === "training" ? 3 * layers : count, {
      hover: (step) => {
        this.step = step;
        this.store.hover(step === null ? null : layerAt(this.store, this.run, step).id);
        this.tellAlive();
      },
      click: (step) => this.store.select(layerAt(this.store, this.run, step).id),
    }, 96);
  }

  /** Follows the sizes and the batch. */
  update() {
    const { store } = this;
    for (const [place, [key]] of FIGURES.entries()) {
      const values = this.layers.map((/** @type {any} */ layer) => figure(store, layer, /** @type {string} */ (key)));
      this.bars[place].bars(values);
      const [, , text] = FIGURES[place];
      const total = values.reduce((/** @type {bigint} */ all, /** @type {bigint} */ value) => all + value, 0n);
      this.bars[place].say(`${/** @type {any} */ (text)(total)} in all`);
    }
    this.peak = peakOf(store, this.run);
    this.memory.area(this.peak.steps, this.peak.step, this.run === "training" ? this.store.document.memory.training.steps.length : 0);
    this.memory.say(`peak ${bytes(this.peak.bytes)}`);
    this.mark();
  }

  /** Marks the chosen layer and the one under the pointer, and tells of it. */
  mark() {
    const { store } = this;
    if (!this.peak) return; // not drawn yet
    const [hovered, selected] = [store.hovered, store.selected].map((id) => (id === null ? -1 : stepOf(store, "inference", id)));
    for (const track of this.bars) track.mark(selected, hovered);
    const run = this.run;
    const at = (/** @type {number | null} */ id) => (id === null ? -1 : stepOf(store, run, id));
    this.memory.mark(at(store.selected), this.step ?? at(store.hovered));
    const layer = hovered >= 0 ? this.layers[hovered] : null;
    this.note.textContent = layer ? this.layerText(layer, hovered) : `The ${plural(this.layers.length, "layer")} of inference in the order in which they run; the line is the share so far.`;
    this.tellAlive();
  }

  /** @param {any} layer @param {number} step */
  layerText(layer, step) {
    const texts = FIGURES.map(([key, label, text]) => `${/** @type {any} */ (text)(figure(this.store, layer, /** @type {string} */ (key)))} ${label}`);
    const before = this.layers.slice(0, step + 1);
    const macs = (/** @type {any[]} */ layers) => layers.reduce((all, each) => all + figure(this.store, each, "macs"), 0n);
    return `${layer.name}, ${layer.words}: ${texts.join(", ")}; ${share(macs(before), macs(this.layers))} of the MACs up to here`;
  }

  tellAlive() {
    const { store, run } = this;
    const peak = /** @type {any} */ (this.peak);
    const hovered = store.hovered === null ? -1 : stepOf(store, run, store.hovered);
    const step = this.step ?? (hovered >= 0 ? hovered : peak.step);
    const { id, backward } = layerAt(store, run, step);
    const alive = aliveAt(store, run, step);
    const total = alive.reduce((all, each) => all + each.bytes, 0n);
    const layer = store.tensors[id]?.name ?? "";
    const what = `${bytes(total)} alive while ${layer} runs${backward ? " backward" : ""}${step === peak.step ? ", the peak" : ""}`;
    const rows = alive.slice(0, LISTED).map((each) => html("li", {}, this.livingName(each), html("span", { class: "amount" }, bytes(each.bytes)), meter(each.bytes, total)));
    const rest = alive.slice(LISTED).reduce((all, each) => all + each.bytes, 0n);
    if (rest > 0n) rows.push(html("li", { class: "quiet" }, html("span", {}, `and ${alive.length - LISTED} more`), html("span", { class: "amount" }, bytes(rest)), meter(rest, total)));
    this.alive.replaceChildren(html("p", { class: "note" }, what), html("ul", {}, rows));
  }

  /** @param {import("../alive.js").Living} living */
  livingName({ id, name }) {
    return id === null ? html("span", {}, name) : html("button", { class: "link", onclick: () => this.store.select(id) }, name);
  }
}

/** @param {import("../store.js").Store} store @param {any} layer @param {string} key @returns {bigint} */
function figure(store, layer, key) {
  if (layer[key] === null || layer[key] === undefined) return 0n;
  if (key === "params" && layer.shares) return 0n; // counted where they are owned
  return store.value(layer[key]) * (key === "bytes" ? store.batch : 1n);
}

/** @param {bigint} part @param {bigint} whole */
function meter(part, whole) {
  const bar = html("i", { class: "meter" });
  bar.style.setProperty("--share", String(whole ? Number(part) / Number(whole) : 0));
  return bar;
}
