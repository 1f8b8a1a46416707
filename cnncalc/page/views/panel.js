import { html } from "../dom.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountPanel(root, store) {
  root.append(html("p", {}, "panel"));
}
