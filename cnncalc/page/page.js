// Starts the page: reads the document, makes the store, mounts every view.

import { html } from "./dom.js";
import { keep, restore } from "./kept.js";
import { listen } from "./live.js";
import { Store } from "./store.js";
import { VIEWS } from "./views.js";

/** @param {string} id @returns {HTMLElement} */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const store = new Store(JSON.parse(place("document").textContent ?? ""));
restore(store);
for (const { name, place: id, mount } of VIEWS) {
  const root = html("section", { class: `view view-${name}` });
  place(id).append(root);
  mount(root, store);
}
keep(store);
listen();
Object.assign(globalThis, { cnncalc: { store } }); // for tests, and for the curious
