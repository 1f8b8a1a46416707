// Places boxes and routes edges, on the spine of `lanes.js` if no edge then crosses a box, else by dagre.

import { placeInLanes } from "./lanes.js";

/** @typedef {{x: number, y: number, w: number, h: number}} Place centre and size */
/** @typedef {{places: Place[], routes: [number, number][][], width: number, height: number, by: "spine"|"dagre"}} Layout */

const TOP = 14, GAP = 30, SIDE = 18;

/** @param {import("./fold.js").Picture} picture @param {{w: number, h: number}[]} sizes @returns {Layout} */
export function place(picture, sizes) {
  const spine = placeOnSpine(picture, sizes);
  const dagre = /** @type {any} */ (globalThis).dagre;
  if (!dagre || isClean(picture, spine)) return spine;
  return placeByDagre(dagre, picture, sizes);
}

/** @param {import("./fold.js").Picture} picture @param {{w: number, h: number}[]} sizes @returns {Layout} */
function placeOnSpine({ boxes, edges, ...rest }, sizes) {
  const { rows, lanes, skips } = placeInLanes({ boxes, edges, ...rest });
  /** @type {number[]} */ const widths = [];
  /** @type {number[]} */ const heights = [];
  for (const { index } of boxes) {
    widths[lanes[index]] = Math.max(widths[lanes[index]] ?? 0, sizes[index].w);
    heights[rows[index]] = Math.max(heights[rows[index]] ?? 0, sizes[index].h);
  }
  const columns = middles(widths.map((width) => width ?? 0), SIDE, 30);
  const middle = middles(heights.map((height) => height ?? 0), TOP, GAP);
  const places = boxes.map(({ index }) => ({ x: columns[lanes[index]], y: middle[rows[index]], ...sizes[index] }));
  const routes = edges.map(({ from, to }) => routeBetween(places[from], places[to]));
  let right = Math.max(...places.map(({ x, w }) => x + w / 2));
  /** @type {[number, number, number][]} */
  const used = [];
  for (const { edge, past } of skips) {
    const [start, end] = [places[edges[edge].from], places[edges[edge].to]];
    let x = Math.max(...past.map((box) => places[box].x + places[box].w / 2), start.x + start.w / 2, end.x + end.w / 2) + 20;
    while (used.some(([at, top, bottom]) => Math.abs(at - x) < 12 && top < end.y && bottom > start.y)) x += 14;
    used.push([x, start.y, end.y]);
    right = Math.max(right, x);
    const leaves = start.y + start.h / 2 - 9;
    const enters = end.y - Math.min(6, end.h / 4);
    routes[edge] = [[start.x + start.w / 2, leaves], [x, leaves], [x, enters], [end.x + end.w / 2, enters]];
  }
  const bottom = Math.max(...places.map(({ y, h }) => y + h / 2));
  return { places, routes, width: right + SIDE, height: bottom + GAP, by: "spine" };
}

/** The middle of each of several strips that lie side by side. @param {number[]} sizes @param {number} start @param {number} gap */
function middles(sizes, start, gap) {
  let edge = start;
  return sizes.map((size) => {
    const middle = edge + size / 2;
    edge += size + (size ? gap : 0);
    return middle;
  });
}

/** @param {Place} start @param {Place} end @returns {[number, number][]} */
function routeBetween(start, end) {
  const [below, above] = [start.y + start.h / 2, end.y - end.h / 2];
  if (Math.abs(start.x - end.x) < 1) return [[start.x, below], [end.x, above]];
  if (end.x > start.x) { // a branch begins beside
    if (above - below <= GAP + 40) return [[start.x + start.w / 2, start.y + 4], [end.x, start.y + 4], [end.x, above]];
    return [[start.x, below], [start.x, above - GAP / 2], [end.x, above - GAP / 2], [end.x, above]];
  }
  return [[start.x, below], [start.x, end.y + 2], [end.x + end.w / 2, end.y + 2]]; // a branch comes back
}

/** Whether no edge crosses a box that it does not join. @param {import("./fold.js").Picture} picture @param {Layout} layout */
function isClean({ edges }, { places, routes }) {
  return edges.every(({ from, to }, number) => routes[number].every((point, i, points) => {
    if (i === 0) return true;
    const [[x1, y1], [x2, y2]] = [points[i - 1], point];
    const [left, right, top, bottom] = [Math.min(x1, x2), Math.max(x1, x2), Math.min(y1, y2), Math.max(y1, y2)];
    return places.every(({ x, y, w, h }, box) => box === from || box === to ||
      right <= x - w / 2 + 2 || left >= x + w / 2 - 2 || bottom <= y - h / 2 + 2 || top >= y + h / 2 - 2);
  }));
}

/** @param {any} dagre @param {import("./fold.js").Picture} picture @param {{w: number, h: number}[]} sizes @returns {Layout} */
function placeByDagre(dagre, { boxes, edges }, sizes) {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 30, edgesep: 14, marginx: SIDE, marginy: TOP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { index } of boxes) graph.setNode(String(index), { width: sizes[index].w, height: sizes[index].h });
  edges.forEach(({ from, to }, number) => graph.setEdge(String(from), String(to), {}, String(number)));
  dagre.layout(graph);
  const places = boxes.map(({ index }) => {
    const { x, y, width: w, height: h } = graph.node(String(index));
    return { x, y, w, h };
  });
  const routes = edges.map(({ from, to }, number) =>
    graph.edge(String(from), String(to), String(number)).points.map((/** @type {any} */ { x, y }) => [x, y]));
  const { width, height } = graph.graph();
  return { places, routes, width, height: height + GAP, by: "dagre" };
}

/** A line through points with round corners. @param {[number, number][]} points @param {number} [radius] */
export function pathThrough(points, radius = 8) {
  let path = `M${points[0].join(" ")}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [[px, py], [x, y], [nx, ny]] = [points[i - 1], points[i], points[i + 1]];
    const [before, after] = [Math.hypot(px - x, py - y), Math.hypot(nx - x, ny - y)];
    const r = Math.min(radius, before / 2, after / 2);
    if (r < 0.5) continue;
    path += `L${round(x + (px - x) * r / before)} ${round(y + (py - y) * r / before)}`;
    path += `Q${x} ${y} ${round(x + (nx - x) * r / after)} ${round(y + (ny - y) * r / after)}`;
  }
  return `${path}L${points[points.length - 1].join(" ")}`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
