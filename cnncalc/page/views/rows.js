// The rows: one line per box, with the graph in a gutter, the shape, the silhouette of the map, and a bar.

import { svg } from "../dom.js";
import { placeInGutter } from "../lanes.js";
import { markOfBox, signOf, signText } from "../marks.js";
import { fillOf, METRICS, sharesOf, strength } from "../shares.js";
import { cut, share } from "../words.js";
import { outputOf, ridersOf, shapeOf, warningOf, wordsOf } from "./box.js";

const HIGH = 27, TOP = 24, LANE = 14, SMALL = 5.9;

/** @param {import("./graph.js").Scene} scene @returns {import("./graph.js").Drawing} */
export function drawRows(scene) {
  const { store, picture } = scene;
  const { boxes, edges } = picture;
  const { lanes, tracks, width: columns } = placeInGutter(picture);
  const width = Math.max(300, Math.min(scene.width, 760));
  const narrow = width < 520;
  const gutter = 14 + Math.min(columns, 12) * LANE;
  const x = (/** @type {number} */ lane) => 12 + Math.min(lane, 12) * LANE;
  const y = (/** @type {number} */ row) => TOP + row * HIGH + HIGH / 2;
  const spots = narrow ? { shape: width - 78, silhouette: 0, bar: width - 70, long: 28 }
    : { shape: width - 196, silhouette: width - 160, bar: width - 124, long: 78 };
  const lines = edges.map(({ from, to, mark }, number) => svg("path", { class: `edge ${mark}`, d: trackPath(tracks[number], from, to, lanes, x, y) }));
  const rows = boxes.map((box) => drawRow(scene, box, { x: x(lanes[box.index]), y: y(box.index), gutter, width, narrow, ...spots }));
  const heading = svg("text", { class: "heading", x: spots.bar, y: 14 });
  const height = TOP + boxes.length * HIGH + 8;
  const element = svg("svg", { class: "rows", viewBox: `0 0 ${width} ${height}`, "data-width": width, "data-height": height },
    svg("text", { class: "heading", x: spots.shape, y: 14, "text-anchor": "end" }, "output"),
    narrow ? null : svg("text", { class: "heading", x: spots.silhouette, y: 14, "text-anchor": "middle" }, "map"),
    heading, svg("g", {}, rows.map((row) => row.ground)), svg("g", {}, lines), svg("g", {}, rows.map((row) => row.element)));

  function refresh() {
    const { parts, whole } = sharesOf(store, boxes);
    const most = Math.max(...parts);
    heading.textContent = METRICS[/** @type {keyof METRICS} */ (store.metric)]?.label ?? "";
    const largest = Math.max(...boxes.map((box) => sideOf(store, box)));
    boxes.forEach((box, i) => rows[i].refresh(strength(parts[i], most), most > 0 ? parts[i] / most : 0, store.metric === "change" ? signText(store, box) : share(parts[i], whole), largest));
  }

  function mark() {
    const chosen = store.selected === null ? -1 : picture.boxOf[store.selected];
    const pointed = store.hovered === null ? -1 : picture.boxOf[store.hovered];
    rows.forEach(({ element: row, ground }, i) => {
      for (const each of [row, ground]) {
        each.classList.toggle("chosen", i === chosen);
        each.classList.toggle("pointed", i === pointed);
      }
    });
    lines.forEach((line, number) => line.classList.toggle("chosen", edges[number].from === chosen || edges[number].to === chosen));
  }

  return { element, refresh, mark, by: "rows", focus: (box) => rows[box].element.scrollIntoView({ block: "nearest" }) };
}

/** @param {number[]} track @param {number} from @param {number} to @param {number[]} lanes @param {(lane: number) => number} x @param {(row: number) => number} y */
function trackPath(track, from, to, lanes, x, y) {
  let path = `M${x(lanes[from])} ${y(from)}`;
  let [lane, row] = [lanes[from], from];
  const bend = (/** @type {number} */ next, /** @type {number} */ at) => {
    if (row < at - 1) path += `V${y(at - 1)}`;
    path += next === lane ? `V${y(at)}` : `C${x(lane)} ${y(at - 1) + HIGH * 0.7} ${x(next)} ${y(at - 1) + HIGH * 0.3} ${x(next)} ${y(at)}`;
    [lane, row] = [next, at];
  };
  for (let at = from + 1; at < to; at++) {
    const next = track[at - from] ?? lane;
    if (next !== lane) bend(next, at);
  }
  bend(lanes[to], to);
  return path;
}

/** The open block in which a box is: "layer1.". @param {import("../fold.js").Box} box */
function pathOf(box) {
  const block = box.parents.filter((group) => !group.run).at(-1);
  return block ? `${block.path}.` : "";
}

/** The side of the silhouette of a box's map. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
function sideOf(store, box) {
  const sizes = outputOf(store, box).output.slice(1).map((form) => store.number(form));
  return sizes.length ? Math.sqrt(Math.max(...sizes)) : 0; // the root: small maps are seen too
}

/** @param {import("./graph.js").Scene} scene @param {import("../fold.js").Box} box @param {any} at */
function drawRow({ store, choose }, box, at) {
  const top = at.y - HIGH / 2;
  const hover = { onclick: () => choose(box), onpointerenter: () => store.hover(box.lead), onpointerleave: () => store.hover(null) };
  const ground = svg("rect", { class: "ground", x: 0, y: top, width: at.width, height: HIGH, rx: 4, "data-box": box.index, ...hover });
  const dot = box.group ? svg("rect", { class: "dot", x: at.x - 5, y: at.y - 5, width: 10, height: 10, rx: 2 })
    : svg("circle", { class: "dot", cx: at.x, cy: at.y, r: 4.5 });
  const flow = svg("text", { class: "flow", x: at.shape, y: at.y + 4, "text-anchor": "end" });
  const warning = svg("text", { class: "warning", y: at.y + 4, "text-anchor": "end" });
  const silhouette = svg("rect", { class: "silhouette" });
  const bar = svg("rect", { class: "bar-of", x: at.bar, y: at.y - 4, height: 8, rx: 1 });
  const part = svg("text", { class: "part", y: at.y + 4 });
  const title = svg("title");
  const label = svg("text", { class: "name", x: at.gutter, y: at.y + 4 });
  const element = svg("g", { class: `row${markOfBox(store, box) && ` is-${markOfBox(store, box)}`}`, "data-box": box.index, "data-name": box.key, role: "button", "aria-expanded": box.group ? "false" : undefined, ...hover },
    title, dot, label, flow, warning, at.narrow ? null : silhouette, bar, part);

  /** @param {number} value @param {number} length @param {string} text @param {number} largest */
  function refresh(value, length, text, largest) {
    const lit = warningOf(store, box);
    const shape = shapeOf(store, box);
    dot.style.fill = fillOf(value);
    flow.textContent = shape;
    warning.textContent = lit && "▲";
    warning.setAttribute("x", String(at.shape - 8 - shape.length * 6.9));
    const space = at.shape - at.gutter - shape.length * 7 - (lit ? 22 : 8);
    const path = pathOf(box);
    const sign = signOf(store, box);
    const name = cut(box.label, Math.floor(space / 6.9) - (box.group ? 2 : 0) - (sign ? sign.length + 1 : 0));
    const before = (box.group ? "▸ " : "") + (path && (path.length + name.length) * 6.9 < space ? path : "");
    const riders = ridersOf(store, box);
    const words = cut(`${wordsOf(store, box)}${riders && ` · ${riders}`}`, Math.floor((space - (before.length + name.length + (sign ? sign.length + 1 : 0)) * 6.9 - 14) / SMALL));
    label.replaceChildren(sign ? svg("tspan", { class: "sign" }, `${sign} `) : "", svg("tspan", { class: "path" }, before), name, words.length > 3 ? svg("tspan", { class: "words", dx: 7 }, words) : "");
    const scaled = largest > 0 ? 36 * sideOf(store, box) / largest : 0;
    if (!at.narrow) for (const [key, number] of Object.entries({ x: at.silhouette - scaled / 2, y: at.y - 9, width: Math.max(scaled, 1.5), height: 18 })) silhouette.setAttribute(key, String(number));
    bar.setAttribute("width", String(length > 0 ? Math.max(1, length * at.long) : 0));
    part.setAttribute("x", String(at.bar + length * at.long + 5));
    part.textContent = length > 0 ? text : "";
    title.textContent = `${box.key}: ${shape}, ${text}${lit && `, ${lit}`}`;
    element.setAttribute("aria-label", title.textContent);
  }
  return { element, ground, refresh };
}
