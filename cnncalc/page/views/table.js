import { html } from "../dom.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountTable(root, store) {
  root.append(html("p", {}, "table"));
}
