// The map: boxes on a spine, edges with the shapes that flow, frames around open blocks.

import { svg } from "../dom.js";
import { markOfBox, signOf, signText } from "../marks.js";
import { pathThrough, place } from "../place.js";
import { FLIP, fillOf, sharesOf, strength } from "../shares.js";
import { cut, share } from "../words.js";
import { cutFront, isPlumbing, outputOf, ridersOf, shapeOf, warningOf, wordsOf } from "./box.js";

const WIDE = 196, SLIM = 140, HIGH = 40, PILL = 26, LETTER = 6.9, SMALL = 5.7; // pixels; of letters about

/** @param {import("./graph.js").Scene} scene @returns {import("./graph.js").Drawing} */
export function drawMap(scene) {
  const { store, picture } = scene;
  const { boxes, edges } = picture;
  const branching = isBranching(picture);
  const sizes = boxes.map((box) => sizeOf(store, box, branching));
  const layout = place(picture, sizes);
  const lines = edges.map((edge, number) =>
    svg("path", { class: `edge ${edge.mark}`, d: pathThrough(layout.routes[number], layout.by === "dagre" ? 14 : 8), "data-edge": number }));
  const nodes = boxes.map((box) => drawBox(scene, box, layout.places[box.index]));
  const width = Math.max(layout.width, ...nodes.map((node) => node.reach)) + 8;
  const element = svg("svg", { class: "map", viewBox: `0 0 ${width} ${layout.height}`, "data-width": width, "data-height": layout.height },
    svg("g", {}, frames(scene, layout)), svg("g", {}, lines), svg("g", {}, nodes.map((node) => node.element)));

  function refresh() {
    const { parts, whole } = sharesOf(store, boxes);
    const most = Math.max(...parts);
    const warned = boxes.map((box, i) => nodes[i].refresh(strength(parts[i], most), store.metric === "change" ? signText(store, box) : share(parts[i], whole)));
    lines.forEach((line, number) => line.classList.toggle("warned", warned[edges[number].to] && !boxes[edges[number].to].group));
  }

  function mark() {
    const chosen = store.selected === null ? -1 : picture.boxOf[store.selected];
    const pointed = store.hovered === null ? -1 : picture.boxOf[store.hovered];
    nodes.forEach(({ element: node }, i) => {
      node.classList.toggle("chosen", i === chosen);
      node.classList.toggle("pointed", i === pointed);
    });
    lines.forEach((line, number) => line.classList.toggle("chosen", edges[number].from === chosen || edges[number].to === chosen));
  }

  return { element, refresh, mark, by: layout.by, focus: (box) => nodes[box].element.scrollIntoView({ block: "nearest", inline: "nearest" }) };
}

/** Whether three or more boxes stand beside each other. @param {import("../fold.js").Picture} picture */
function isBranching({ edges, boxes }) {
  const readers = boxes.map(() => new Set());
  for (const { from, to } of edges) readers[from].add(to);
  return readers.some((each) => each.size > 2);
}

/** @param {import("../store.js").Store} store @param {import("../fold.js").Box} box @param {boolean} branching */
function sizeOf(store, box, branching) {
  if (!isPlumbing(store, box)) return { w: branching && box.parents.length ? SLIM : WIDE, h: HIGH };
  const riders = ridersOf(store, box);
  return { w: Math.min(WIDE, 28 + LETTER * (cut(box.label, 24).length + (riders ? riders.length + 3 : 0))), h: PILL };
}

/** @param {import("./graph.js").Scene} scene @param {import("../fold.js").Box} box @param {import("../place.js").Place} at */
function drawBox({ store, picture, toggle, choose }, box, { x, y, w, h }) {
  const [left, top] = [x - w / 2, y - h / 2];
  const riders = ridersOf(store, box);
  const pill = h === PILL;
  const room = Math.floor((w - 20) / LETTER) - (box.group ? 2 : 0);
  const beside = riders && box.label.length * LETTER + riders.length * SMALL + 12 <= w - 20 ? riders : ""; // else on the second line
  const name = cutFront(box.label, pill ? 24 : room);
  const rect = svg("rect", { class: "box", x: left, y: top, width: w, height: h, rx: pill ? 13 : 5 });
  const title = svg("title");
  const flow = svg("text", { class: "flow", x: x + 8, y: top + h + 19 });
  const warning = svg("text", { class: "warning", x: left + w + 8, y: y + 4 });
  const words = svg("text", { class: "words", x: left + 10, y: top + 32 });
  const body = pill
    ? svg("text", { class: "name", x, y: y + 4, "text-anchor": "middle" }, name, riders && svg("tspan", { class: "riders" }, ` · ${riders}`))
    : [svg("text", { class: "name", x: left + 10, y: top + 17 }, name),
      words,
      beside && svg("text", { class: "riders", x: left + w - 9, y: top + 17, "text-anchor": "end" }, beside),
      box.group && svg("text", { class: "riders", x: left + w - 9, y: top + 17, "text-anchor": "end" }, "▸")];
  const decks = box.group ? [5, 2.5].slice(box.group.run ? 0 : 1).map((shift) =>
    svg("rect", { class: "deck", x: left + shift, y: top + shift, width: w, height: h, rx: 5 })) : [];
  const mark = markOfBox(store, box);
  const element = svg("g", { class: `node${pill ? " pill" : ""}${mark && ` is-${mark}`}`, "data-box": box.index, "data-name": box.key, role: "button",
    "aria-expanded": box.group ? "false" : undefined,
    onclick: () => choose(box), onpointerenter: () => store.hover(box.lead), onpointerleave: () => store.hover(null) },
  title, decks, rect, body, flow, warning, mark && badge(signOf(store, box), left, top));
  const readsSameShape = changesShape(store, picture, box);

  /** @param {number} value @param {string} part @returns {boolean} whether pixels are dropped */
  function refresh(value, part) {
    const lit = warningOf(store, box);
    if (!pill || value > 0) rect.style.fill = fillOf(value);
    element.classList.toggle("strong", value > FLIP);
    words.textContent = cut([wordsOf(store, box), beside ? "" : riders].filter(Boolean).join(" · "), Math.floor((w - 18) / SMALL));
    title.textContent = `${box.key}: ${shapeOf(store, box)}, ${part}`;
    element.setAttribute("aria-label", `${box.label}, ${mark && `${signText(store, box)}, `}${wordsOf(store, box)}, ${shapeOf(store, box)}${lit && `, ${lit}`}`);
    flow.textContent = readsSameShape ? "" : shapeOf(store, box);
    warning.textContent = lit;
    return lit !== "";
  }
  return { element, refresh, reach: x + w / 2 + (canDrop(store, box) ? 8 + 25 * SMALL : 8) };
}

/** A sign at the corner of a box. @param {string} sign @param {number} left @param {number} top */
function badge(sign, left, top) {
  const width = Math.max(16, 8 + 6.4 * sign.length);
  return svg("g", { class: "badge" }, svg("rect", { x: left - 6, y: top - 8, width, height: 16, rx: 8 }),
    svg("text", { x: left - 6 + width / 2, y: top + 4.5, "text-anchor": "middle" }, sign));
}

/** Whether a stride of a box may drop pixels at some size. @param {import("../store.js").Store} store @param {import("../fold.js").Box} box */
function canDrop(store, box) {
  return box.layers.some((id) => store.tensors[id].windows.some(({ stride }) => store.number(stride) > 1));
}

/** Whether a shape need not be said again: the box keeps that of all that it reads.
 * @param {import("../store.js").Store} store @param {import("../fold.js").Picture} picture @param {import("../fold.js").Box} box */
function changesShape(store, picture, box) {
  const output = String(outputOf(store, box).output);
  const read = picture.edges.filter(({ to }) => to === box.index).map(({ tensor }) => store.tensors[tensor].output);
  return read.length > 0 && read.every((each) => String(each) === output);
}

/** @param {import("./graph.js").Scene} scene @param {import("../place.js").Layout} layout */
function frames({ picture, toggle }, { places }) {
  /** @type {Map<import("../fold.js").Group, number[]>} */
  const held = new Map();
  for (const box of picture.boxes) {
    for (const group of box.parents) held.set(group, [...(held.get(group) ?? []), box.index]);
  }
  const depthOf = (/** @type {import("../fold.js").Group|null} */ group) => {
    let depth = 0;
    for (let each = group; each; each = each.parent) if (held.has(each)) depth++;
    return depth;
  };
  const deepest = Math.max(0, ...[...held.keys()].map(depthOf));
  /** @type {{top: number, left: number, right: number}[]} */
  const labels = [];
  return [...held].sort(([a], [b]) => depthOf(a) - depthOf(b)).map(([group, inside]) => {
    const room = 8 + 4 * (deepest - depthOf(group));
    const left = Math.min(...inside.map((i) => places[i].x - places[i].w / 2)) - room;
    const right = Math.max(...inside.map((i) => places[i].x + places[i].w / 2)) + room;
    const top = Math.min(...inside.map((i) => places[i].y - places[i].h / 2)) - room;
    const bottom = Math.max(...inside.map((i) => places[i].y + places[i].h / 2)) + Math.min(room, 14);
    const before = labels.filter((each) => Math.abs(each.top - top) < 12 && each.left < left + 12 && each.right > left);
    const start = Math.max(left + 6, ...before.map((each) => each.right + 8));
    const label = cut(group.label, 14);
    labels.push({ top, left: start, right: start + 12 + label.length * LETTER });
    return svg("g", { class: "frame", "data-group": group.path },
      svg("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 8 }),
      svg("text", { x: start, y: (before.length ? before[0].top : top) - 4, onclick: () => toggle(group) }, svg("title", {}, `fold ${group.path}`), `▾ ${label}`));
  });
}
