// The head of the page: the network's name and source, and its totals.

import { html } from "../dom.js";
import { peakOf } from "../memory.js";
import { bytes, exact, shape, short } from "../words.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountTop(root, store) {
  const { name, variant, about, totals, outputs } = store.document;
  const least = totals.at_least ? "≥ " : "";
  const stats = html("dl", { class: "stats" });
  root.append(
    html("div", { class: "title" },
      html("h1", {}, name || "A layer", variant && html("span", { class: "variant" }, `@${variant}`)),
      about.source && html("p", { class: "source" }, about.source),
      about.description && html("p", { class: "source" }, about.description)),
    stats);

  function show() {
    const peak = peakOf(store, "inference");
    const shapes = Object.values(outputs).map((id) => shape(store.sizes(store.tensors[id].output)));
    const figures = [
      ["parameters", `${least}${exact(store.value(totals.params))}`, "params"],
      ["MACs", `${least}${short(store.value(totals.macs))}`, "macs", exact(store.value(totals.macs))],
      ["peak memory", `${least}${bytes(peak.bytes)}`, "peak", `${exact(peak.bytes)} bytes`],
      ["output", shapes.length > 2 ? `${shapes.length} outputs` : shapes.join(", "), "output", shapes.join(", ")],
    ];
    stats.replaceChildren(...figures.map(([label, text, id, title]) =>
      html("div", {}, html("dt", {}, label), html("dd", { "data-figure": id, title }, text))));
  }
  store.on("sizes", show);
  show();
}
