// A slider that is a ruler: for every size of its range, a bar of how many layers drop pixels, or a dot where none does.

import { html, svg } from "../dom.js";

const WIDTH = 1000, BASE = 30, TALL = 22, MOST = 480; // of the drawing; sizes that are asked at most

/** @param {(size: number) => void} move */
export function drawRuler(move) {
  const bars = svg("path", { class: "bars" });
  const voids = svg("path", { class: "voids" });
  const dots = svg("path", { class: "fits" });
  const ticks = svg("g", { class: "ticks" });
  const thumb = svg("g", { class: "thumb" }, svg("line", { y1: 2, y2: BASE }), svg("circle", { cy: BASE, r: 6 }));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} 48`, preserveAspectRatio: "none", "aria-hidden": "true" }, voids, bars, dots);
  const over = svg("svg", { class: "over", "aria-hidden": "true" }, ticks, thumb);
  const slider = html("input", { type: "range", step: 1 });
  const element = html("div", { class: "ruler" }, picture, over, slider);
  let [low, high, key] = [1, 1, ""];
  let [range, name] = ["", ""];
  slider.addEventListener("input", () => move(Number(slider.value)));

  const at = (/** @type {number} */ size) => high > low ? (size - low) / (high - low) : 0;

  /** @param {string} symbol @param {number} size @param {string} rest @param {(size: number) => import("../sweep.js").Answer} ask @param {boolean} afresh */
  function show(symbol, size, rest, ask, afresh) {
    if (symbol !== name || afresh || size < low || size > high) {
      [low, high] = [Math.max(1, Math.floor(size / 3)), Math.max(size * 2, size + 8)];
      name = symbol;
      Object.assign(slider, { min: String(low), max: String(high) });
      slider.setAttribute("aria-label", symbol);
      drawTicks();
    }
    slider.value = String(size);
    slider.setAttribute("aria-valuetext", `${symbol} = ${size}`);
    thumb.style.transform = `translateX(calc(${at(size)} * 100cqw))`;
    range = `${low} ${high} ${rest}`;
    if (range === key) return;
    key = range;
    globalThis.setTimeout(() => range === key && draw(ask));
  }

  /** @param {(size: number) => import("../sweep.js").Answer} ask */
  function draw(ask) {
    const step = Math.max(1, Math.ceil((high - low) / MOST));
    const answers = [];
    for (let size = low; size <= high; size += step) answers.push(ask(size));
    const most = Math.max(1, ...answers.map(({ drops }) => drops));
    const wide = Math.max(0.8, Math.min(8, WIDTH / answers.length - 0.6));
    const column = (/** @type {number} */ size, /** @type {number} */ tall) => `M${(at(size) * WIDTH).toFixed(1)} ${BASE}v${(-tall).toFixed(1)}`;
    const few = answers.filter(({ drops, refused }) => !drops && !refused).length < answers.length / 3;
    bars.setAttribute("d", answers.filter(({ drops }) => drops).map(({ size, drops }) => column(size, 3 + (TALL - 3) * drops / most)).join(""));
    voids.setAttribute("d", answers.filter(({ refused }) => refused).map(({ size }) => column(size, TALL)).join(""));
    dots.setAttribute("d", answers.filter(({ drops, refused }) => !drops && !refused).map(({ size }) => column(size, few ? -5 : -2.5)).join(""));
    for (const path of [bars, voids]) path.style.strokeWidth = String(wide);
    dots.style.strokeWidth = String(few ? Math.max(4, wide) : WIDTH / answers.length + 0.5);
  }

  function drawTicks() {
    const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000].find((each) => (high - low) / each <= 9) ?? 1_000_000;
    const marks = [];
    for (let size = Math.ceil(low / step) * step; size <= high; size += step) {
      const text = svg("text", { y: 44, "text-anchor": "middle" }, String(size));
      text.style.transform = `translateX(calc(${at(size)} * 100cqw))`;
      marks.push(text);
    }
    ticks.replaceChildren(...marks);
  }

  return { element, show };
}
