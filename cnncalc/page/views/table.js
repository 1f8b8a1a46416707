// Every layer in a table: sorted by a column, filtered by a word, copied as CSV or Markdown.

import { html } from "../dom.js";
import { axisOf, gradeOf } from "../fit.js";
import { whenSeen } from "../seen.js";
import { bytes, exact, shape, share, short } from "../words.js";
import { unreadPixels } from "./box.js";

const MANY = 400; // rows that are shown at first

/** @typedef {import("../store.js").Tensor} Tensor */
/** @typedef {{id: string, label: string, left?: boolean, text: (tensor: Tensor) => string, value: (tensor: Tensor) => bigint|number|string}} Column */

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountTable(root, store) {
  const { totals } = store.document;
  const figure = (/** @type {number|null} */ form) => form === null ? -1n : store.value(form);
  /** @type {Column[]} */
  const columns = [
    { id: "number", label: "#", text: ({ id }) => String(id - store.inputs.length + 1), value: ({ id }) => id },
    { id: "layer", label: "layer", left: true, text: ({ name }) => name, value: ({ name }) => name },
    { id: "what", label: "what it is", left: true, text: (tensor) => store.words(tensor), value: (tensor) => store.words(tensor) },
    { id: "from", label: "from", left: true, text: (tensor) => tensor.joins ? tensor.from.map((id) => store.tensors[id].name).join(", ") : "", value: ({ from }) => from[0] ?? -1 },
    { id: "output", label: "output", text: (tensor) => shape(store.sizes(tensor.output)), value: (tensor) => store.sizes(tensor.output).reduce((a, b) => a * b, 1n) },
    { id: "fit", label: "fit", left: true, text: (tensor) => fitText(store, tensor), value: (tensor) => fitText(store, tensor) },
    { id: "params", label: "parameters", text: ({ params }) => params === null ? "unknown" : exact(store.value(params)), value: ({ params }) => figure(params) },
    { id: "macs", label: "MACs", text: ({ macs }) => macs === null ? "unknown" : short(store.value(macs)), value: ({ macs }) => figure(macs) },
    { id: "share", label: "share of MACs", text: ({ macs }) => macs === null || !store.value(macs) ? "" : share(store.value(macs), store.value(totals.macs)), value: ({ macs }) => figure(macs) },
    { id: "field", label: "field", text: (tensor) => fieldOf(store, tensor), value: (tensor) => fieldSize(store, tensor) },
    { id: "activation", label: "activation", text: (tensor) => tensor.memory_of === undefined ? bytes(store.value(tensor.bytes) * store.batch) : "", value: ({ bytes: form }) => store.value(form) },
  ];
  let [sorted, falling] = ["number", false];
  /** @type {Map<number, {row: HTMLElement, cells: HTMLElement[]}>} */
  const rows = new Map();
  let most = MANY;

  /** The row of a layer, made when it is first shown. @param {Tensor} tensor */
  function rowOf(tensor) {
    const known = rows.get(tensor.id);
    if (known) return known;
    const cells = columns.map(({ left }) => html("td", { class: left ? "left" : "" }));
    const row = html("tr", { "data-id": tensor.id, onclick: () => store.select(tensor.id), onpointerenter: () => store.hover(tensor.id), onpointerleave: () => store.hover(null) }, cells);
    const made = { row, cells };
    rows.set(tensor.id, made);
    return made;
  }

  const heads = columns.map(({ id, label, left }) => html("th", { scope: "col", class: left ? "left" : "", "data-column": id },
    html("button", { onclick: () => sortBy(id) }, label)));
  const body = html("tbody");
  const filter = html("input", { type: "search", class: "find", placeholder: "filter", "aria-label": "Filter the layers", oninput: () => arrange() });
  const count = html("span", { class: "note" });
  root.append(html("h2", {}, "Every layer"),
    html("div", { class: "tools no-print" }, filter, count,
      html("div", { class: "choices" }, html("span", { class: "label" }, "copy as"), copyButton("CSV", () => csv()), copyButton("Markdown", () => markdown()))),
    html("div", { class: "scroll" }, html("table", {}, html("colgroup", {}, columns.map(({ id }) => html("col", { class: `col-${id}` }))),
      html("thead", {}, html("tr", {}, heads)), body)));

  /** @param {string} id */
  function sortBy(id) {
    falling = sorted === id ? !falling : !["number", "layer", "what", "from"].includes(id);
    sorted = id;
    arrange();
  }

  /** The layers that the filter leaves, in order. */
  function shown() {
    const word = filter.value.trim().toLowerCase();
    const { value } = /** @type {Column} */ (columns.find(({ id }) => id === sorted));
    const left = store.layers.filter((tensor) => !word || `${tensor.name} ${store.words(tensor)} ${fitText(store, tensor)}`.toLowerCase().includes(word));
    const keyed = left.map((tensor) => ({ tensor, key: value(tensor) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (falling ? -1 : 1) || a.tensor.id - b.tensor.id);
    return keyed.map(({ tensor }) => tensor);
  }

  function arrange() {
    const order = shown();
    const drawn = order.slice(0, most);
    write(drawn);
    body.replaceChildren(...drawn.map((tensor) => rowOf(tensor).row));
    const all = store.layers.length;
    count.replaceChildren(order.length < all ? `${exact(order.length)} of ${exact(all)} layers` : `${exact(all)} layers`,
      drawn.length < order.length ? html("span", {}, `, the first ${drawn.length} shown: `, html("button", { class: "link", onclick: showAll }, "show all")) : "");
    heads.forEach((head, i) => {
      if (columns[i].id === sorted) head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    mark();
  }

  function showAll() {
    most = Infinity;
    arrange();
  }

  /** Write the figures of now into rows. @param {Tensor[]} tensors */
  function write(tensors) {
    const largest = Math.max(...store.layers.map(({ macs }) => Number(figure(macs))));
    for (const tensor of tensors) {
      const { cells, row } = rowOf(tensor);
      columns.forEach(({ id, text }, i) => {
        const said = text(tensor);
        if (cells[i].textContent !== said) cells[i].textContent = said;
        if (id === "share") cells[i].style.setProperty("--part", String(largest > 0 ? Math.max(0, Number(figure(tensor.macs))) / largest : 0));
        if (id === "layer" || id === "what") cells[i].title = said;
      });
      row.classList.toggle("warned", unreadPixels(store, tensor.id) !== "");
    }
  }

  function mark() {
    for (const [id, { row }] of rows) {
      row.classList.toggle("chosen", id === store.selected);
      row.classList.toggle("pointed", id === store.hovered);
    }
  }

  /** @param {string} label @param {() => string} write */
  function copyButton(label, write) {
    const button = html("button", { onclick: async () => {
      const done = await copy(write());
      button.textContent = done ? "copied" : "not allowed";
      globalThis.setTimeout(() => (button.textContent = label), 1500);
    } }, label);
    return button;
  }

  const lines = () => [columns.map(({ label }) => label), ...shown().map((tensor) => columns.map(({ id, text }) =>
    id === "macs" && tensor.macs !== null ? String(store.value(tensor.macs)) : text(tensor)))];
  const csv = () => lines().map((cells) => cells.map((cell) => /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell).join(",")).join("\n");
  const markdown = () => {
    const [head, ...rest] = lines().map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    return [head, `|${columns.map(({ left }) => left ? " --- |" : " ---: |").join("")}`, ...rest].join("\n");
  };
  Object.assign(root, { csv, markdown }); // what the buttons copy, for tests

  store.on("sizes", whenSeen(root, arrange));
  store.on("select", mark);
  store.on("hover", mark);
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function fitText(store, tensor) {
  if (!tensor.windows.length) return "";
  const grade = gradeOf(tensor.windows.map((window) => axisOf(window, (form) => store.value(form))));
  return grade === "pixels" ? `▲ ${unreadPixels(store, tensor.id)}` : grade;
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function fieldOf(store, tensor) {
  const axes = /** @type {any[]} */ (Object.values(tensor.field)[0] ?? []);
  if (!axes.length) return "";
  if (axes.every((axis) => axis.whole && axis.stride === undefined)) return "whole";
  return axes.map((axis) => axis.size === undefined ? "…" : exact(store.value(axis.size))).join("×");
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function fieldSize(store, tensor) {
  const axes = /** @type {any[]} */ (Object.values(tensor.field)[0] ?? []);
  return axes.reduce((product, axis) => product * (axis.size === undefined ? 1n : store.value(axis.size)), 1n);
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // a page from the disk may not reach the clipboard: the old way
    const area = html("textarea", {}, text);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
