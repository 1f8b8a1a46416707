// Keeps in the address what the reader chose: sizes, the layer, what is open. A reload or a link finds it again.

const WAIT = 250; // milliseconds; a drag is written once

/** @param {import("./store.js").Store} store */
export function restore(store) {
  const kept = store.kept;
  const sizes = [...kept].filter(([name, value]) => store.point.has(name) && /^[1-9]\d{0,15}$/.test(value));
  store.move(Object.fromEntries(sizes.map(([name, value]) => [name, BigInt(value)])));
  const batch = kept.get("batch") ?? "";
  if (/^[1-9]\d{0,15}$/.test(batch)) store.setBatch(BigInt(batch));
  const layer = store.byName.get(kept.get("layer") ?? "");
  if (layer || store.first) store.select((layer ?? store.first).id);
}

/** @param {import("./store.js").Store} store */
export function keep(store) {
  let waiting = 0;
  const write = () => {
    const { symbols, document, kept } = store;
    for (const { name, value } of symbols) put(kept, name, store.point.get(name) === BigInt(value) ? "" : String(store.point.get(name)));
    put(kept, "batch", store.batch === BigInt(document.batch) ? "" : String(store.batch));
    put(kept, "layer", store.selected === null || store.selected === store.first?.id ? "" : store.tensors[store.selected].key);
    try {
      history.replaceState(null, "", `#${kept}`);
    } catch { /* a frame without an address */ }
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(write, WAIT);
  };
  for (const event of ["sizes", "select", "folds"]) store.on(event, soon);
}

/** @param {URLSearchParams} kept @param {string} key @param {string} value */
function put(kept, key, value) {
  if (value) kept.set(key, value);
  else kept.delete(key);
}
