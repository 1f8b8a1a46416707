// The graph: its tools, what is folded, and the two ways to draw it.

import { html } from "../dom.js";
import { allGroups, foldTree, openAtFirst, picture } from "../fold.js";
import { isUnion, markOf, markOfBox, SIGNS, WORDS } from "../marks.js";
import { METRICS, sharesOf } from "../shares.js";
import { share } from "../words.js";
import { drawMap } from "./map.js";
import { drawRows } from "./rows.js";

const FEW = 20, FEW_OF_TWO = 60, MANY_SKIPS = 3, NARROW = 640; // boxes that are drawn at first; long skips that rows draw clearer; pixels
const SMALLEST = 0.8; // to which a wide picture shrinks by itself

/** What the map and the rows draw: boxes, and how to answer the reader.
 * @typedef {{store: import("../store.js").Store, picture: import("../fold.js").Picture, width: number,
 *    toggle: (group: import("../fold.js").Group) => void, choose: (box: import("../fold.js").Box) => void}} Scene */
/** @typedef {{element: SVGElement, focus: (box: number) => void, refresh: () => void, mark: () => void, by: string}} Drawing */

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountGraph(root, store) {
  const tree = foldTree(store);
  let open = store.kept.has("open") ? new Set(["", ...(store.kept.get("open") ?? "").split("|")]) : openFirst(store, tree);
  /** @type {import("../fold.js").Picture} */ let drawn = picture(store, tree, open);
  /** @type {Drawing} */ let drawing;
  let [zoom, fit] = [1, 1]; // what the reader asked for, and what makes a wide picture fit
  let view = ["map", "rows"].includes(store.kept.get("draw") ?? "") ? /** @type {string} */ (store.kept.get("draw")) : chooseView(drawn);
  const canvas = html("div", { class: "canvas", tabindex: 0, role: "group", "aria-label": "Layers: arrows walk, Enter opens a block, E opens all, F folds all" });
  const legend = html("p", { class: "ramp" });
  const views = choices("draw as", { map: "map", rows: "rows" }, () => view, (name) => {
    view = name;
    store.kept.set("draw", view);
    changed();
  });
  const metrics = choices("colour by", { ...(isUnion(store) ? { change: "change" } : {}), ...Object.fromEntries(Object.entries(METRICS).map(([k, v]) => [k, v.label])) },
    () => store.metric, (name) => store.colourBy(name));
  const find = html("input", { type: "search", class: "find", placeholder: "find a layer", "aria-label": "Find a layer: Enter goes to the next" });
  const tools = html("div", { class: "tools no-print" }, views.element, metrics.element,
    html("div", { class: "choices" },
      button("−", "Smaller", () => scale(zoom / 1.25)), button("+", "Larger", () => scale(zoom * 1.25)),
      button("open all", "Open every block (E)", openAll), button("fold", "Fold every block (F)", foldAll), find));
  root.append(tools, legend, canvas);

  function redraw() {
    drawn = picture(store, tree, open);
    const scene = { store, picture: drawn, width: canvas.clientWidth || 600, toggle, choose };
    drawing = view === "map" ? drawMap(scene) : drawRows(scene);
    canvas.replaceChildren(drawing.element);
    widen(Number(drawing.element.dataset.width));
    root.dataset.layout = drawing.by;
    views.show();
    scale(zoom);
    recolour();
    drawing.mark();
  }

  function changed() {
    store.kept.set("open", [...open].filter(Boolean).join("|"));
    redraw();
    store.emit("folds");
  }

  function recolour() {
    root.dataset.metric = store.metric;
    drawing.refresh();
    metrics.show();
    if (store.metric === "change") return legend.replaceChildren(...signs(store));
    const { parts, whole } = sharesOf(store, drawn.boxes);
    const name = METRICS[/** @type {keyof METRICS} */ (store.metric)].of;
    legend.replaceChildren("0 ", html("i", {}), ` ${share(Math.max(0, ...parts), whole)} of ${name}`);
  }

  /** @param {import("../fold.js").Group} group */
  function toggle(group) {
    if (open.has(group.path)) open.delete(group.path);
    else open.add(group.path);
    changed();
  }

  /** @param {import("../fold.js").Box} box */
  function choose(box) {
    if (box.group) toggle(box.group);
    else store.select(box.lead);
  }

  function openAll() {
    open = new Set(allGroups(tree).map((group) => group.path));
    changed();
  }

  function foldAll() {
    open = new Set([""]);
    changed();
  }

  /** The column of the graph is as wide as its picture, within reason. @param {number} width */
  function widen(width) {
    const columns = /** @type {HTMLElement|null} */ (root.closest(".two"));
    const column = Math.min(760, Math.max(520, width + 20));
    columns?.style.setProperty("--graph", `${column}px`);
    fit = Math.max(SMALLEST, Math.min(1, (Math.min(column, canvas.clientWidth || column) - 16) / width));
  }

  /** @param {number} next */
  function scale(next) {
    zoom = Math.min(4, Math.max(0.25, next));
    const { width, height } = drawing.element.dataset;
    drawing.element.setAttribute("width", String(Number(width) * zoom * fit));
    drawing.element.setAttribute("height", String(Number(height) * zoom * fit));
  }

  /** Open what hides a tensor. @param {number} id */
  function reveal(id) {
    for (let box = drawn.boxes[drawn.boxOf[id]]; box.group; box = drawn.boxes[drawn.boxOf[id]]) {
      open.add(box.group.path);
      drawn = picture(store, tree, open);
    }
  }

  /** @param {number} id */
  function goTo(id) {
    if (drawn.boxes[drawn.boxOf[id]].group) {
      reveal(id);
      redraw();
    }
    store.select(id);
    drawing.focus(drawn.boxOf[id]);
  }

  find.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || !find.value.trim()) return;
    const wanted = find.value.trim().toLowerCase();
    const start = (store.selected ?? -1) + 1;
    const around = [...store.tensors.slice(start), ...store.tensors.slice(0, start)];
    const found = around.find(({ name, words }) => `${name} ${words}`.toLowerCase().includes(wanted));
    find.setAttribute("aria-invalid", String(!found));
    if (found) goTo(found.id);
  });

  canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = store.selected === null ? -1 : drawn.boxOf[store.selected];
    const box = drawn.boxes[at];
    const acts = {
      ArrowDown: () => step(at + 1), ArrowUp: () => step(at - 1),
      ArrowRight: () => box?.group && toggle(box.group), ArrowLeft: () => box?.parents.length && toggle(box.parents[box.parents.length - 1]),
      Enter: () => box?.group && toggle(box.group), e: openAll, f: foldAll, "/": () => find.focus(),
      "+": () => scale(zoom * 1.25), "-": () => scale(zoom / 1.25),
    };
    const act = acts[/** @type {keyof acts} */ (event.key)];
    if (!act) return;
    event.preventDefault();
    act();
  });

  /** @param {number} index */
  function step(index) {
    const box = drawn.boxes[Math.min(drawn.boxes.length - 1, Math.max(0, index))];
    store.select(box.lead);
    drawing.focus(box.index);
  }

  pan(canvas);
  canvas.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    scale(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }, { passive: false });
  store.on("sizes", recolour);
  store.on("metric", recolour);
  store.on("select", (id) => {
    if (id !== null && view === "map" && drawn.boxes[drawn.boxOf[id]].group && !canvas.matches(":focus-within, :focus")) {
      reveal(id);
      redraw();
    } else drawing.mark();
  });
  store.on("hover", () => drawing.mark());
  redraw();
}

/** The blocks that are open at first; of two networks, those in which something changed. @param {import("../store.js").Store} store @param {import("../fold.js").Group} tree */
function openFirst(store, tree) {
  if (!isUnion(store)) return openAtFirst(store, tree, FEW);
  return openAtFirst(store, tree, FEW_OF_TWO, (box) => markOfBox(store, box) === "mixed");
}

/** What the signs of two networks mean. @param {import("../store.js").Store} store */
function signs(store) {
  const present = new Set(store.tensors.map(markOf));
  return Object.entries(SIGNS).filter(([mark]) => present.has(/** @type {any} */ (mark))).map(([mark, sign]) => html("span", { class: "said" }, html("b", { class: `sign is-${mark}` }, sign), ` ${WORDS[mark]}`));
}

/** Rows on a narrow screen, and for networks whose skips would need many lanes. @param {import("../fold.js").Picture} drawn */
function chooseView(drawn) {
  const long = drawn.edges.filter(({ from, to }) => to - from > 3).length;
  return globalThis.innerWidth < NARROW || long >= MANY_SKIPS ? "rows" : "map";
}

/** Buttons of which one is pressed. @param {string} label @param {Record<string, string>} names @param {() => string} now @param {(name: string) => void} pick */
function choices(label, names, now, pick) {
  const buttons = Object.entries(names).map(([name, text]) =>
    html("button", { role: "radio", "data-name": name, onclick: () => pick(name) }, text));
  const element = html("div", { class: "choices", role: "radiogroup", "aria-label": label }, html("span", { class: "label" }, label), buttons);
  const show = () => buttons.forEach((each) => each.setAttribute("aria-checked", String(each.dataset.name === now())));
  return { element, show };
}

/** @param {string} text @param {string} title @param {() => void} act */
function button(text, title, act) {
  return html("button", { title, "aria-label": title, onclick: act }, text);
}

/** Drag the empty ground to move over a large picture. @param {HTMLElement} canvas */
function pan(canvas) {
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0 || /** @type {Element} */ (event.target).closest("[data-box], [data-group]")) return;
    const [x, y, left, top] = [event.clientX, event.clientY, canvas.scrollLeft, canvas.scrollTop];
    const move = (/** @type {PointerEvent} */ next) => canvas.scrollTo(left + x - next.clientX, top + y - next.clientY);
    canvas.addEventListener("pointermove", move);
    globalThis.addEventListener("pointerup", () => canvas.removeEventListener("pointermove", move), { once: true });
  });
}
