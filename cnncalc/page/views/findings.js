// What `cnncalc check` finds, above the network: only on a page that --watch serves. A spec that is broken shows its
// faults, and the network up to where it broke.

import { html } from "../dom.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountFindings(root, store) {
  const { findings = [], broken = "" } = store.document;
  if (!findings.length && !broken) return;
  root.append(
    html("div", { class: "wrap findings", role: "status" },
      broken && html("p", { class: "warn" }, html("b", {}, `▲ ${broken}`)),
      html("ul", {}, findings.map((/** @type {any} */ { level, rule, message, line, layer, fix }) => {
        const tensor = store.byName.get(layer);
        return html("li", { class: level },
          html("span", { class: "where" }, line ? `line ${line}` : ""), " ",
          html("b", { class: level === "error" ? "warn" : "" }, level), " ",
          tensor ? html("button", { class: "link", onclick: () => store.select(tensor.id) }, layer) : null, tensor ? " " : "",
          message, fix && html("span", { class: "quiet" }, ` (${fix})`), html("span", { class: "quiet" }, ` ${rule}`));
      }))));
}
