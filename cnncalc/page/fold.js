// Folds a network: which boxes are drawn, given the blocks that are open. Nothing here draws.

import { canRide, isUnion, markOfEdge } from "./marks.js";

/** @typedef {import("./store.js").Tensor} Tensor */
/** A block: layers whose dotted names share a prefix; or a run of equal blocks ("1–3", `run` 3).
 * @typedef {{path: string, label: string, parent: Group|null, children: (Group|number)[], layers: number[], run: number}} Group */
/** What is drawn as one: a layer with those that ride along, or a closed block.
 * @typedef {{index: number, key: string, lead: number, layers: number[], riders: number[], group: Group|null,
 *    parents: Group[], aside: boolean, label: string}} Box `aside`: off the spine */
/** @typedef {{from: number, to: number, tensor: number, mark: string}} Edge indices of boxes, what flows, and the mark of `marks.js` */
/** @typedef {{boxes: Box[], edges: Edge[], boxOf: number[]}} Picture */

/** @param {import("./store.js").Store} store @returns {Group} */
export function foldTree(store) {
  const root = group("", "", null);
  const groups = new Map([["", root]]);
  for (const { id, name, block } of store.tensors) {
    const parts = block === undefined ? name.split(".") : [...block.split(".").filter(Boolean), name];
    let parent = root;
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join(".");
      let inner = groups.get(path);
      if (!inner) {
        inner = group(path, parts[depth - 1].replace(/^− /, ""), parent); // a block that is gone, beside one of its name
        groups.set(path, inner);
        parent.children.push(inner);
      }
      parent = inner;
    }
    parent.children.push(id);
    for (let each = /** @type {Group|null} */ (parent); each; each = each.parent) each.layers.push(id);
  }
  for (const each of groups.values()) gatherRuns(store, each);
  return root;
}

/** @param {string} path @param {string} label @param {Group|null} parent @returns {Group} */
function group(path, label, parent) {
  return { path, label, parent, children: [], layers: [], run: 0 };
}

/** Equal blocks that follow each other become a run. @param {import("./store.js").Store} store @param {Group} parent */
function gatherRuns(store, parent) {
  /** @type {(Group|number)[]} */
  const children = [];
  for (let i = 0; i < parent.children.length;) {
    const first = parent.children[i];
    let end = i + 1;
    if (typeof first !== "number") {
      const same = signature(store, first);
      while (end < parent.children.length && signature(store, parent.children[end]) === same) end++;
    }
    if (end - i > 1) children.push(runOf(/** @type {Group[]} */ (parent.children.slice(i, end)), parent));
    else children.push(first);
    i = end;
  }
  if (children.length > 1 || typeof children[0] === "number") parent.children = children;
}

/** @param {Group[]} blocks @param {Group} parent @returns {Group} */
function runOf(blocks, parent) {
  const [first, last] = [blocks[0], blocks[blocks.length - 1]];
  const run = group(`${first.path}…${last.label}`, `${first.label} – ${last.label}`, parent);
  run.children = blocks;
  run.run = blocks.length;
  run.layers = blocks.flatMap((block) => block.layers);
  for (const block of blocks) block.parent = run;
  return run;
}

/** What a block computes, whatever it is called. @param {import("./store.js").Store} store @param {Group|number} child */
function signature(store, child) {
  if (typeof child === "number") return `layer ${child}`;
  const first = child.layers[0];
  const inside = new Set(child.layers);
  return JSON.stringify(child.layers.map((id) => {
    const { words, output, from, training, status, before } = store.tensors[id];
    return [words, output, from.map((source) => inside.has(source) ? source - first : "x"), training, status, before?.words];
  }));
}

/** Every group below and including one. @param {Group} root @returns {Group[]} */
export function allGroups(root) {
  return [root, ...root.children.flatMap((child) => typeof child === "number" ? [] : allGroups(child))];
}

/** The groups to open at first: whole levels, as long as few boxes are drawn.
 * @param {import("./store.js").Store} store @param {Group} root @param {number} most @param {(box: Box) => boolean} wanted
 * @returns {Set<string>} */
export function openAtFirst(store, root, most, wanted = () => true) {
  let open = new Set([""]);
  for (;;) {
    const { boxes } = picture(store, root, open);
    const closed = boxes.flatMap((box) => box.group && !box.group.run && wanted(box) ? [box.group.path] : []);
    const next = new Set([...open, ...closed]);
    if (!closed.length) return open;
    if (picture(store, root, next).boxes.length > most) return openOneByOne(store, root, most, open, closed);
    open = next;
  }
}

/** The groups that are open, and of others those for which there is room. @param {import("./store.js").Store} store @param {Group} root
 * @param {number} most @param {Set<string>} open @param {string[]} closed @returns {Set<string>} */
function openOneByOne(store, root, most, open, closed) {
  if (!isUnion(store)) return open; // equal blocks look alike
  return closed.reduce((now, path) => {
    const next = new Set([...now, path]);
    return picture(store, root, next).boxes.length > most ? now : next;
  }, open);
}

/** The boxes and edges that are drawn while these groups are open; blocks that would make a circle open too.
 * @param {import("./store.js").Store} store @param {Group} root @param {Set<string>} open @returns {Picture} */
export function picture(store, root, open) {
  const opened = new Set(open);
  for (;;) {
    const drawn = draw(store, root, opened);
    const stuck = sort(drawn);
    if (!stuck.length) return drawn;
    const closed = stuck.filter((box) => box.group);
    if (!closed.length) return drawn;
    for (const box of closed) opened.add(/** @type {Group} */ (box.group).path);
  }
}

/** @param {import("./store.js").Store} store @param {Group} root @param {Set<string>} open @returns {Picture} */
function draw(store, root, open) {
  /** @type {Box[]} */ const boxes = [];
  /** @type {number[]} */ const boxOf = [];
  /** @param {Omit<Box, "index">} box */
  const add = (box) => {
    for (const id of box.layers) boxOf[id] = boxes.length;
    boxes.push({ index: boxes.length, ...box });
  };
  /** @param {Group} parent @param {Group[]} parents @param {string} prefix */
  const visit = (parent, parents, prefix) => {
    for (const child of parent.children) {
      if (typeof child !== "number") {
        const solo = isSolo(store, child);
        const label = prefix + child.label;
        if (solo || open.has(child.path)) visit(child, solo ? parents : [...parents, child], solo ? `${label}.` : "");
        else {
          add({ key: child.path, lead: child.layers[0], layers: child.layers, riders: [], group: child, parents,
            aside: child.layers.every((id) => isAside(store.tensors[id])), label });
        }
        continue;
      }
      const tensor = store.tensors[child];
      const host = ridesOn(store, tensor);
      if (host !== null && boxOf[host] !== undefined && !boxes[boxOf[host]].group) {
        boxOf[child] = boxOf[host];
        boxes[boxOf[host]].layers.push(child);
        boxes[boxOf[host]].riders.push(child);
      } else {
        add({ key: tensor.name, lead: child, layers: [child], riders: [], group: null, parents, aside: isAside(tensor),
          label: prefix + tensor.name.split(".").at(-1) });
      }
    }
  };
  visit(root, [], "");
  return { boxes, edges: edgesOf(store, boxOf), boxOf };
}

/** @param {import("./store.js").Store} store @param {number[]} boxOf @returns {Edge[]} */
function edgesOf(store, boxOf) {
  const edges = new Map();
  for (const tensor of store.tensors) {
    const { id, from, lend, gone } = tensor;
    for (const source of [...from.filter((_, place) => !lend.includes(place)), ...gone]) {
      const [start, end] = [boxOf[source], boxOf[id]];
      if (start === end) continue;
      edges.set(`${start} ${end} ${source}`, { from: start, to: end, tensor: source, mark: markOfEdge(store.tensors[source], tensor) });
    }
  }
  return [...edges.values()];
}

/** Whether a tensor stands off the spine. @param {Tensor} tensor */
function isAside({ training, status }) {
  return training || status === "removed";
}

/** Whether a block comes down to one box, which needs no frame. @param {import("./store.js").Store} store @param {Group} block */
function isSolo(store, block) {
  return block.layers.every((id, i) => i === 0 || ridesOn(store, store.tensors[id]) === block.layers[i - 1]);
}

/** The tensor in whose box a layer rides: its only input, if it changes no shape, multiplies nothing, and nobody else reads it.
 * @param {import("./store.js").Store} store @param {Tensor} tensor @returns {number|null} */
export function ridesOn(store, tensor) {
  if (!tensor.keeps || tensor.from.length !== 1 || tensor.gone.length) return null;
  const host = store.tensors[tensor.from[0]];
  const multiplies = tensor.macs === null || store.document.forms[tensor.macs].length > 0;
  if (multiplies || !canRide(tensor, host) || host.kind === "input" || host.readers.length !== 1 || host.outputs.length) return null;
  return levelOf(host.name) === levelOf(tensor.name) && host.training === tensor.training ? host.id : null;
}

/** @param {string} name */
function levelOf(name) {
  return name.slice(0, name.lastIndexOf(".") + 1);
}

/** Put boxes in an order in which each comes after those that it reads; return those for which there is none.
 * @param {Picture} drawn @returns {Box[]} */
function sort(drawn) {
  const { boxes, edges } = drawn;
  const waits = boxes.map(() => 0);
  /** @type {number[][]} */ const readers = boxes.map(() => []);
  for (const { from, to } of edges) {
    waits[to]++;
    readers[from].push(to);
  }
  const ready = boxes.filter((box) => waits[box.index] === 0).map((box) => box.index);
  const order = [];
  while (ready.length) {
    ready.sort((a, b) => boxes[b].layers[0] - boxes[a].layers[0]);
    const next = /** @type {number} */ (ready.pop());
    order.push(next);
    for (const reader of readers[next]) if (--waits[reader] === 0) ready.push(reader);
  }
  if (order.length < boxes.length) return boxes.filter((box) => waits[box.index] > 0);
  const places = boxes.map(() => 0);
  order.forEach((old, place) => (places[old] = place));
  drawn.boxes = order.map((old, index) => ({ ...boxes[old], index }));
  for (const edge of edges) [edge.from, edge.to] = [places[edge.from], places[edge.to]];
  drawn.boxOf = drawn.boxOf.map((old) => places[old]);
  return [];
}
