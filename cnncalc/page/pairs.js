// Figures of two networks side by side, as rows of a table: before, after, and what the difference is.

import { html } from "./dom.js";
import { cut } from "./words.js";

/** @typedef {{label: string, before: string, after: string, change?: string, percent?: string, title?: string, wide?: boolean}} Pair */

/** "+1,024", "−5"; "" if nothing changed. @param {bigint|null} old @param {bigint|null} now @param {(value: bigint) => string} write */
export function changeText(old, now, write) {
  if (old === null || now === null || old === now) return "";
  return now > old ? `+${write(now - old)}` : `−${write(old - now)}`;
}

/** "+12.5%"; "" if there is none. @param {bigint|null} old @param {bigint|null} now */
export function percentText(old, now) {
  if (old === null || now === null || old === now || old <= 0n) return "";
  const percent = (100 * Number(now - old)) / Number(old);
  const text = Math.abs(percent) < 0.1 ? "<0.1" : Math.abs(percent) >= 1000 ? `${Math.round(Math.abs(percent)).toLocaleString("en")}` : Math.abs(percent).toFixed(1);
  return `${percent < 0 ? "−" : "+"}${text}%`;
}

/** @param {string[]} names the two headings @param {Pair[]} pairs @param {string} caption */
export function pairTable(names, pairs, caption) {
  const changing = pairs.some(({ change }) => change);
  return html("table", { class: "pairs", "aria-label": caption },
    html("thead", {}, html("tr", {}, html("th", {}), names.map((name) => html("th", { scope: "col", title: name }, cut(name, 28))), changing && html("th", { scope: "col" }, "difference"))),
    html("tbody", {}, pairs.map(({ label, before, after, change, percent, title, wide }) => html("tr", { "data-figure": label, title },
      html("th", { scope: "row" }, label), html("td", { class: wide ? "wide" : "" }, before), html("td", { class: wide ? "after wide" : "after" }, after),
      changing && html("td", { class: "difference" }, change, percent && html("span", { class: "percent" }, percent))))));
}
