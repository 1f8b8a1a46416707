import { html } from "../dom.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountGraph(root, store) {
  root.append(html("p", {}, "graph"));
}
