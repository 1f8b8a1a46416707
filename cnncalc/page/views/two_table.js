// The layers of two networks in a table: what differs, or every layer.

import { html } from "../dom.js";
import { before, isAffected, markOf, SIGNS, WORDS } from "../marks.js";
import { changeText } from "../pairs.js";
import { bytes, exact, shape, short } from "../words.js";
import { sheetOf } from "./table.js";

/** @typedef {import("../store.js").Tensor} Tensor */

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountBoth(root, store) {
  root.append(html("h2", {}, "Layer by layer"));
  const changed = () => store.layers.filter((tensor) => markOf(tensor) || isAffected(store, tensor));
  let few = changed().length > 0;
  const buttons = [["what differs", true], ["every layer", false]].map(([label, value]) => html("button", { role: "radio", onclick: () => {
    few = Boolean(value);
    show();
    sheet.arrange();
  } }, label));
  root.append(html("div", { class: "choices no-print", role: "radiogroup", "aria-label": "show" }, html("span", { class: "label" }, "show"), buttons));
  const sheet = sheetOf(root, store, columnsOf(store), {
    words: (tensor) => `${namesOf(tensor)} ${changeOf(store, tensor)} ${WORDS[markOf(tensor)]}`,
    dress: (row, tensor) => { row.className = markOf(tensor) && `is-${markOf(tensor)}`; },
  });
  function show() {
    sheet.content.items = few ? changed() : store.layers;
    buttons.forEach((button, i) => button.setAttribute("aria-checked", String(few === (i === 0))));
  }
  store.on("sizes", show);
  show();
}

/** @param {Tensor} tensor */
function namesOf({ name, before: old }) {
  return old?.name && old.name !== name ? `${old.name} → ${name}` : name;
}

/** @param {import("../store.js").Store} store @param {Tensor} tensor */
function changeOf(store, tensor) {
  const mark = markOf(tensor);
  if (mark === "inserted" || mark === "removed") return `${WORDS[mark]}: ${tensor.words}`;
  if (tensor.edits.length) return tensor.edits.join(", ");
  return mark ? "renamed" : isAffected(store, tensor) ? "because of changes elsewhere" : "";
}

/** A count on both sides; null on that where the layer or the count is not. @param {import("../store.js").Store} store
 * @param {Tensor} tensor @param {"params"|"macs"|"bytes"} key @returns {(bigint|null)[]} */
function sides(store, tensor, key) {
  const value = (/** @type {number|null|undefined} */ form) => form == null ? null : store.value(form) * (key === "bytes" ? store.batch : 1n);
  return [tensor.status === "inserted" ? null : value(before(tensor, key)), tensor.status === "removed" ? null : value(tensor[key])];
}

/** "old → now", or what there is. @param {string} old @param {string} now */
function pairText(old, now) {
  return old && now && old !== now ? `${old} → ${now}` : now || old;
}

/** @param {import("../store.js").Store} store @returns {import("./sheet.js").Column<Tensor>[]} */
function columnsOf(store) {
  const marked = (/** @type {Tensor} */ tensor) => markOf(tensor) ? "marked" : "";
  const sizes = (/** @type {Tensor} */ tensor) => {
    const old = tensor.status === "inserted" ? "" : shape(store.sizes(before(tensor, "output")));
    return pairText(old, tensor.status === "removed" ? "" : shape(store.sizes(tensor.output)));
  };
  const memory = (/** @type {Tensor} */ tensor) => {
    const [old, now] = sides(store, tensor, "bytes").map((value) => value ? bytes(value) : "");
    return pairText(old, now);
  };
  return [
    { id: "number", label: "#", rising: true, text: ({ id }) => String(id - store.inputs.length + 1), value: ({ id }) => id },
    { id: "sign", label: "±", rising: true, left: true, tone: (tensor) => `sign ${marked(tensor)}`, text: (tensor) => SIGNS[markOf(tensor)] ?? (isAffected(store, tensor) ? "·" : ""), value: (tensor) => Object.keys(SIGNS).indexOf(markOf(tensor)) >>> 0 },
    { id: "name", label: "layer", left: true, rising: true, title: true, text: namesOf, value: namesOf },
    { id: "change", label: "what changed", left: true, rising: true, title: true, tone: marked, text: (tensor) => changeOf(store, tensor), value: (tensor) => changeOf(store, tensor) },
    { id: "shape", label: "output", left: true, title: true, text: sizes, value: (tensor) => store.sizes(tensor.output).reduce((a, b) => a * b, 1n) },
    ...countColumns(store, "params", "parameters", exact),
    ...countColumns(store, "macs", "MACs", short),
    { id: "memory", label: "activation", text: memory, value: (tensor) => sides(store, tensor, "bytes")[1] ?? -1n },
  ];
}

/** @param {import("../store.js").Store} store @param {"params"|"macs"} key @param {string} label @param {(value: bigint) => string} write
 * @returns {import("./sheet.js").Column<Tensor>[]} */
function countColumns(store, key, label, write) {
  const text = (/** @type {number} */ side, /** @type {(value: bigint) => string} */ say) => (/** @type {Tensor} */ tensor) => {
    const value = sides(store, tensor, key)[side];
    const there = tensor.status !== (side ? "removed" : "inserted");
    return value === null ? (there ? "unknown" : "") : say(value);
  };
  const change = (/** @type {(value: bigint) => string} */ say) => (/** @type {Tensor} */ tensor) => {
    const [old, now] = sides(store, tensor, key);
    const both = tensor.status === "inserted" ? [0n, now] : tensor.status === "removed" ? [old, 0n] : [old, now];
    return changeText(both[0], both[1], say);
  };
  const size = (/** @type {Tensor} */ tensor) => {
    const [old, now] = sides(store, tensor, key);
    return (now ?? 0n) - (old ?? 0n);
  };
  return [
    { id: `${key}-before`, label: `${label} before`, text: text(0, write), raw: text(0, String), value: (tensor) => sides(store, tensor, key)[0] ?? -1n },
    { id: `${key}-after`, label: "after", text: text(1, write), raw: text(1, String), value: (tensor) => sides(store, tensor, key)[1] ?? -1n },
    { id: `${key}-change`, label: "difference", text: change(write), raw: change(String), value: size },
  ];
}
