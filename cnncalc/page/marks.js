// What happened to layers and boxes on a page of two networks; on a page of one, nothing did.

/** @typedef {import("./store.js").Tensor} Tensor */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {"inserted"|"removed"|"changed"|"mixed"|""} Mark "mixed": a block in which layers of several kinds are */

/** @type {Record<string, string>} */
export const SIGNS = { inserted: "+", removed: "−", changed: "~" };
/** @type {Record<string, string>} */
export const WORDS = { inserted: "added", removed: "removed", changed: "changed", affected: "its figures differ", "": "the same in both" };

/** Whether a page shows two networks. @param {Store} store */
export function isUnion(store) {
  return store.document.before !== undefined;
}

/** What was done to a layer. @param {Tensor} tensor @returns {Mark} */
export function markOf({ status }) {
  return status === "edited" || status === "renamed" ? "changed" : /** @type {Mark} */ (status ?? "");
}

/** How many layers of a box have each mark. @param {Store} store @param {import("./fold.js").Box} box */
function countsOf(store, box) {
  /** @type {Record<string, number>} */
  const counts = { inserted: 0, removed: 0, changed: 0, "": 0 };
  for (const id of box.layers) counts[markOf(store.tensors[id])]++;
  return counts;
}

/** @param {Store} store @param {import("./fold.js").Box} box @returns {Mark} */
export function markOfBox(store, box) {
  const counts = countsOf(store, box);
  const alone = /** @type {const} */ (["inserted", "removed"]).find((mark) => counts[mark] === box.layers.length);
  if (alone) return alone;
  if (counts[""] === box.layers.length) return "";
  return box.group ? "mixed" : "changed";
}

/** "+", "−", "~"; of a block in which several things happened, how many of each: "+2 ~1". @param {Store} store @param {import("./fold.js").Box} box */
export function signOf(store, box) {
  const mark = markOfBox(store, box);
  if (mark !== "mixed") return SIGNS[mark] ?? "";
  const counts = countsOf(store, box);
  return Object.entries(SIGNS).flatMap(([each, sign]) => counts[each] ? [`${sign}${counts[each]}`] : []).join(" ");
}

/** "2 added, 1 changed": what a sign says. @param {Store} store @param {import("./fold.js").Box} box */
export function signText(store, box) {
  const mark = markOfBox(store, box);
  if (mark !== "mixed") return WORDS[mark];
  const counts = countsOf(store, box);
  return Object.keys(SIGNS).flatMap((each) => counts[each] ? [`${counts[each]} ${WORDS[each]}`] : []).join(", ");
}

/** What happened to an edge: "inserted", "removed" or nothing. @param {Tensor} source @param {Tensor} reader */
export function markOfEdge(source, reader) {
  if (reader.gone.includes(source.id) || source.status === "removed" || reader.status === "removed") return "removed";
  return reader.gained.includes(source.id) || source.status === "inserted" || reader.status === "inserted" ? "inserted" : "";
}

/** Whether a layer may be drawn in the box of another: what was done to it must be seen. @param {Tensor} tensor @param {Tensor} host */
export function canRide(tensor, host) {
  if (tensor.status === "edited" || tensor.gained.length) return false;
  const [mine, its] = [tensor, host].map(({ status }) => status === "inserted" || status === "removed" ? status : "");
  return mine === its;
}

/** A figure of a layer in the first network: a form, or several. @param {Tensor} tensor @param {string} key @returns {any} */
export function before(tensor, key) {
  const { before: other } = tensor;
  return other && key in other ? other[key] : /** @type {any} */ (tensor)[key];
}

/** Whether a figure of a layer that both have differs at the sizes of now. @param {Store} store @param {Tensor} tensor @param {string} key */
export function differs(store, tensor, key) {
  if (!tensor.before || !(key in tensor.before)) return false;
  const [old, now] = [tensor.before[key], /** @type {any} */ (tensor)[key]].map((form) => form === null || form === undefined ? "" : String(Array.isArray(form) ? store.sizes(form) : store.value(form)));
  return old !== now;
}

/** Whether a layer of which nothing was written anew computes something else. @param {Store} store @param {Tensor} tensor */
export function isAffected(store, tensor) {
  return !tensor.status && ["output", "params", "macs", "flops", "bytes"].some((key) => differs(store, tensor, key));
}
