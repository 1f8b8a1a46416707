// The bar of sizes: a field for every symbol, a slider that is a ruler, and what the sizes of now mean.

import { html, svg } from "../dom.js";
import { Sweep } from "../sweep.js";
import { cut, plural } from "../words.js";
import { droppers } from "./box.js";
import { drawRuler } from "./ruler.js";

/** @param {HTMLElement} root @param {import("../store.js").Store} store */
export function mountBar(root, store) {
  const sweep = new Sweep(store);
  const sizes = store.symbols.filter(({ of }) => of === "size").map(({ name }) => name);
  let active = sizes[0] ?? store.symbols[0]?.name ?? "";
  let linked = true;
  const twins = () => linked && sizes.includes(active) ? sizes.filter((name) => store.point.get(name) === store.point.get(active)) : [active];

  /** @type {Map<string, HTMLInputElement[]>} */
  const fields = new Map();
  const link = html("button", { class: "link-sizes", "aria-pressed": "true", title: "Move equal sizes together", onclick: () => {
    linked = !linked;
    link.setAttribute("aria-pressed", String(linked));
    show();
  } }, "linked");
  const input = html("div", { class: "size" }, store.inputs.filter(({ status }) => status !== "removed").map((tensor, i) => [
    store.inputs.length > 1 && html("span", { class: "label", title: tensor.name }, `${i ? " " : ""}${cut(tensor.name, 24)} `),
    tensor.output.map((form, axis) => [axis > 0 && html("span", { class: "times" }, "×"), sizeField(form)])]));
  const others = html("div", { class: "others" },
    store.symbols.filter(({ of }) => of === "param").map(({ name }) => html("label", { title: name }, `${cut(name, 24)} `, numberField(name))),
    html("label", {}, "batch ", batchField()));
  const ruler = drawRuler((size) => store.move(Object.fromEntries(twins().map((name) => [name, size]))));
  const verdict = html("div", { class: "verdict", "aria-live": "polite" });
  const theme = html("button", { class: "icon no-print", title: "Light or dark", "aria-label": "Light or dark", onclick: () => {
    const dark = document.documentElement.dataset.theme ?? (globalThis.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    document.documentElement.dataset.theme = dark === "dark" ? "light" : "dark";
  } }, "◐");
  root.append(html("div", { class: "wrap bar-in" },
    html("div", { class: "fields" }, html("div", { class: "size-line" }, input, sizes.length > 1 && link), others),
    store.symbols.length ? ruler.element : html("p", { class: "note" }, `Sizes stand still: ${store.document.still}.`), verdict, theme));

  /** @param {number} form */
  function sizeField(form) {
    const [term] = store.document.forms[form];
    const atom = term?.length === 2 && term[0] === "1" ? store.document.atoms[term[1]] : null;
    return typeof atom === "string" && store.point.has(atom) ? numberField(atom) : html("span", { class: "fixed", "data-form": form }, String(store.value(form)));
  }

  /** @param {string} name @returns {HTMLInputElement} */
  function numberField(name) {
    const field = html("input", { type: "number", min: 1, step: 1, "aria-label": name, "data-symbol": name, inputmode: "numeric" });
    field.addEventListener("focus", () => {
      if (active === name) return;
      active = name;
      show(true);
    });
    field.addEventListener("input", () => {
      const value = Number(field.value);
      if (!Number.isSafeInteger(value) || value < 1) return;
      const others = linked && sizes.includes(name) ? sizes.filter((each) => store.point.get(each) === store.point.get(name)) : [name];
      active = name;
      store.move(Object.fromEntries(others.map((each) => [each, value])));
    });
    field.addEventListener("change", () => show());
    fields.set(name, [...(fields.get(name) ?? []), field]);
    return field;
  }

  function batchField() {
    const field = html("input", { type: "number", min: 1, step: 1, value: store.batch, "aria-label": "batch", "data-symbol": "batch" });
    field.addEventListener("input", () => Number.isSafeInteger(Number(field.value)) && store.setBatch(Number(field.value)));
    return field;
  }

  /** @param {boolean} [afresh] whether the range of the ruler is to be chosen again */
  function show(afresh = false) {
    for (const [name, inputs] of fields) {
      const text = String(store.point.get(name));
      for (const field of inputs) {
        if (field !== document.activeElement || Number(field.value) !== Number(text)) field.value = text;
        field.style.width = `${Math.max(3, text.length) + 1.2}ch`;
        field.classList.toggle("active", twins().includes(name));
      }
    }
    root.querySelectorAll(".fixed").forEach((each) => (each.textContent = String(store.value(Number(/** @type {HTMLElement} */ (each).dataset.form)))));
    if (active) ruler.show(active, Number(store.point.get(active)), restKey(), (size) => sweep.ask(twins(), size), afresh);
    explain();
  }

  /** What the answers of the ruler depend on besides the size itself. */
  function restKey() {
    const moving = twins();
    return [moving, ...[...store.point].filter(([name]) => !moving.includes(name))].join();
  }

  function explain() {
    const [refusal] = store.refused;
    if (refusal) {
      const who = store.tensors[refusal.layer]?.name ?? "the network";
      verdict.replaceChildren(html("b", { class: "warn" }, `▲ ${who}${refusal.before ? `, in ${cut(store.document.labels[0], 40)},` : ""} refuses this size`), html("br"), html("span", { class: "quiet" }, `it needs ${refusal.text}: ${refusal.why}`));
      return;
    }
    const dropping = store.layers.filter(({ id }) => droppers(store, /** @type {any} */ ({ layers: [id] })).length);
    const now = Number(store.point.get(active) ?? 0);
    if (!dropping.length) {
      verdict.replaceChildren(html("b", {}, "No pixel is dropped"), html("br"), html("span", { class: "quiet" }, nextText(now)));
      return;
    }
    verdict.replaceChildren(
      html("button", { class: "drops warn", onclick: () => store.select(dropping[0].id) }, `▲ ${plural(dropping.length, "layer")} ${dropping.length === 1 ? "drops" : "drop"} pixels`),
      html("br"), html("span", { class: "quiet" }, nextText(now)));
  }

  /** @param {number} now */
  function nextText(now) {
    if (!sizes.includes(active)) return "";
    const found = [sweep.nearest(twins(), now, -1), sweep.nearest(twins(), now, 1)].filter((size) => size !== null);
    if (!found.length) return "at no size nearby does every layer fit";
    const jumps = found.map((size) => html("button", { class: "link", "data-jump": size, onclick: () => store.move(Object.fromEntries(twins().map((name) => [name, Number(size)]))) }, String(size)));
    return html("span", {}, `${store.layers.length ? "every layer fits at " : ""}`, jumps.flatMap((jump, i) => i ? [" and ", jump] : [jump]));
  }

  store.on("sizes", () => show());
  show();
}
