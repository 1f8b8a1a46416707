// Starts a page: reads the document, makes the store, mounts every view.

import { html } from "./dom.js";
import { keep, restore } from "./kept.js";
import { listen } from "./live.js";
import { Store } from "./store.js";
import { unpack } from "./unpack.js";

/** A view is a function `mount(root, store)`: it fills `root` once, listens to the store, and changes nothing outside `root`.
 * `place` is where `root` goes: "top", "findings", "bar", "graph", "panel" (below each other, for the chosen layer) or "sections"
 * (the full width, below).
 * @typedef {{name: string, place: string, mount: (root: HTMLElement, store: Store) => void}} View */

/** @param {string} id @returns {HTMLElement} */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {View[]} views @param {string} [metric] what colours the graph at first */
export function start(views, metric) {
  const store = new Store(unpack(JSON.parse(place("document").textContent ?? "")));
  store.metric = metric ?? store.metric;
  restore(store);
  for (const { name, place: id, mount } of views) {
    const root = html("section", { class: `view view-${name}` });
    place(id).append(root);
    mount(root, store);
  }
  keep(store);
  listen();
  Object.assign(globalThis, { cnncalc: { store } }); // for tests, and for the curious
}
