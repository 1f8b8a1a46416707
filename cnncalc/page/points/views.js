// What stands around the picture of a sweep: its head, the choices, one point, and every point in a table.

import { html } from "../dom.js";
import { whenSeen } from "../seen.js";
import { Sheet } from "../views/sheet.js";
import { canBeLog } from "./points.js";

/** @typedef {import("./points.js").Points} Points */

/** @param {HTMLElement} root @param {Points} points */
export function mountHead(root, points) {
  const { title, notes } = points.document;
  const theme = html("button", { class: "icon no-print", title: "Light or dark", "aria-label": "Light or dark", onclick: () => {
    const dark = document.documentElement.dataset.theme ?? (globalThis.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    document.documentElement.dataset.theme = dark === "dark" ? "light" : "dark";
  } }, "◐");
  root.append(html("div", { class: "points-head" }, html("div", { class: "title" }, html("h1", {}, title),
    notes.map((/** @type {string} */ note) => html("p", { class: "source" }, note))), theme));
}

/** @param {HTMLElement} root @param {Points} points */
export function mountChoices(root, points) {
  const { objectives } = points.document;
  const names = points.axes.map(({ name, label }) => /** @type {[string, string]} */ ([name, label]));
  const better = /** @type {[string, string][]} */ ([["less", "less is better"], ["more", "more is better"], ["", "neither is better"]]);
  const fronts = /** @type {[string, string][]} */ ([["none", "none"], ...(objectives.length ? [["given", `of ${objectives.join(", ")}`]] : []), ["axes", "of the axes"]]);
  const groups = [
    [choice("across", "x", names), log("logX", "x"), choice("", "bestX", better)],
    [choice("up", "y", names), log("logY", "y"), choice("", "bestY", better)],
    [choice("colour", "colour", [["", "none"], ...names])],
    [choice("Pareto front", "front", fronts)],
  ];
  root.append(...groups.map((fields) => html("span", { class: "axis-of" }, fields.map(({ element }) => element))));

  /** @param {string} label @param {import("./points.js").Setting} setting @param {[string, string][]} options */
  function choice(label, setting, options) {
    const select = html("select", { "data-setting": setting, "aria-label": label || "which is better", onchange: () => points.set(setting, select.value) },
      options.map(([value, text]) => html("option", { value }, text)));
    const element = html("label", {}, label && html("span", { class: "label" }, label), select);
    return { element, show: () => {
      select.value = points.now[setting];
      if (setting === "bestX" || setting === "bestY") element.hidden = points.now.front !== "axes" || Boolean(points.column(setting === "bestX" ? "x" : "y")?.texts);
    } };
  }

  /** @param {"logX"|"logY"} setting @param {"x"|"y"} side */
  function log(setting, side) {
    const box = html("input", { type: "checkbox", "data-setting": setting, onchange: () => points.set(setting, box.checked ? "log" : "") });
    return { element: html("label", {}, box, "log"), show: () => {
      box.checked = points.isLog(side);
      box.disabled = !canBeLog(points.column(side));
    } };
  }

  const show = () => groups.flat().forEach((field) => field.show());
  points.on("axes", show);
  show();
}

/** The point under the pointer, else the chosen one: all that is known of it. @param {HTMLElement} root @param {Points} points */
export function mountPoint(root, points) {
  function show() {
    const id = points.pointed ?? points.chosen;
    if (id === null) return root.replaceChildren(html("p", { class: "note" }, "Move over a point, or walk from one to the next with the arrows; F walks along the front, Enter keeps one."));
    const front = points.front().includes(id) ? " ◆ on the Pareto front" : "";
    const facts = points.columns.filter(({ of }) => of !== "size").map((column) => [column.label, points.text(column, id)]).filter(([, text]) => text);
    root.replaceChildren(html("h2", {}, `Point ${id + 1}`), front && html("p", { class: "best" }, front.trim()),
      html("dl", { class: "facts" }, facts.flatMap(([label, text]) => [html("dt", {}, label), html("dd", {}, text)])));
  }
  root.setAttribute("aria-live", "polite");
  points.on("point", show);
  points.on("axes", show);
  show();
}

/** @param {HTMLElement} root @param {Points} points */
export function mountPoints(root, points) {
  root.classList.add("view-table");
  root.append(html("h2", {}, "Every point"));
  const front = new Set(points.front());
  const shown = points.columns.filter(({ of, distinct }) => of !== "size" && (of !== "error" || distinct > 0) && (of !== "network" || distinct > 1));
  const sheet = new Sheet(root, {
    noun: "point", items: points.ids, choose: (id) => points.choose(id), point: (id) => points.point(id),
    words: (id) => shown.map((column) => points.text(column, id)).join(" ") + (front.has(id) ? " ◆" : ""),
    dress: (row, id) => row.classList.toggle("invalid", points.isInvalid(id)),
    columns: [
      { id: "number", label: "#", rising: true, text: (id) => String(id + 1), value: (id) => id },
      { id: "front", label: "front", left: true, text: (id) => front.has(id) ? "◆" : "", value: (id) => Number(front.has(id)) },
      ...shown.map((column) => ({
        id: column.name, label: column.label, left: Boolean(column.texts), rising: column.of !== "figure", title: Boolean(column.texts),
        text: (/** @type {number} */ id) => points.text(column, id),
        value: (/** @type {number} */ id) => Number.isNaN(column.numbers[id]) ? -Infinity : column.numbers[id],
        raw: (/** @type {number} */ id) => column.texts || column.values[id] === null ? points.text(column, id) : String(column.values[id]) })),
    ],
  });
  points.on("axes", whenSeen(root, () => {
    front.clear();
    for (const id of points.front()) front.add(id);
    sheet.arrange();
    mark();
  }));
  function mark() {
    sheet.mark(points.chosen, points.pointed);
  }
  points.on("point", mark);
}
