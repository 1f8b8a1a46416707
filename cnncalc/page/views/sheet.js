// A table of items: sorted by a column, filtered by a word, copied as CSV or Markdown.

import { html } from "../dom.js";
import { exact, plural } from "../words.js";

const MANY = 400, MORE = 1000; // rows that are shown at first, and that are added by a click

/** @template T @typedef {{id: string, label: string, left?: boolean, quiet?: boolean, rising?: boolean, title?: boolean,
 *    text: (item: T) => string, value: (item: T) => bigint|number|string, raw?: (item: T) => string,
 *    bar?: (item: T) => number, tone?: (item: T) => string}} Column
 *    `rising`: sorted upwards at first; `raw`: what is copied; `bar`: a length from 0 to 1; `tone`: a class for the cell */
/** @template T @typedef {{noun: string, items: T[], columns: Column<T>[], words: (item: T) => string, choose: (item: T) => void,
 *    point: (item: T|null) => void, dress?: (row: HTMLElement, item: T) => void}} Content
 *    `words`: what the filter searches; `dress` adds to a row what depends on the figures of now */

/** @template T */
export class Sheet {
  /** @param {HTMLElement} root @param {Content<T>} content */
  constructor(root, content) {
    this.content = content;
    this.sorted = content.columns[0].id;
    this.falling = false;
    /** @type {T|null} */ this.chosen = null;
    /** @type {T|null} */ this.pointed = null;
    this.most = MANY;
    /** @type {Map<T, {row: HTMLElement, cells: HTMLElement[]}>} */
    this.rows = new Map();
    this.heads = content.columns.map(({ id, label, left }) => html("th", { scope: "col", class: left ? "left" : "", "data-column": id },
      html("button", { onclick: () => this.sortBy(id) }, label)));
    this.body = html("tbody");
    this.filter = html("input", { type: "search", class: "find", placeholder: "filter", "aria-label": `Filter the ${content.noun}s`,
      oninput: () => this.arrange() });
    this.count = html("span", { class: "note" });
    root.append(
      html("div", { class: "tools no-print" }, this.filter, this.count,
        html("div", { class: "choices" }, html("span", { class: "label" }, "copy as"), copyButton("CSV", () => this.csv()), copyButton("Markdown", () => this.markdown()))),
      html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table of the ${content.noun}s` }, html("table", {},
        html("colgroup", {}, content.columns.map(({ id }) => html("col", { class: `col-${id}` }))),
        html("thead", {}, html("tr", {}, this.heads)), this.body)));
    Object.assign(root, { csv: () => this.csv(), markdown: () => this.markdown() }); // what the buttons copy, for tests
  }

  /** The row of an item, made when it is first shown. @param {T} item */
  rowOf(item) {
    const known = this.rows.get(item);
    if (known) return known;
    const { columns, choose, point } = this.content;
    const cells = columns.map(({ left, quiet }) => html("td", { class: [left && "left", quiet && "quiet"].filter(Boolean).join(" ") }));
    const row = html("tr", { onclick: () => choose(item), onpointerenter: () => point(item), onpointerleave: () => point(null) }, cells);
    row.classList.toggle("chosen", item === this.chosen);
    const made = { row, cells };
    this.rows.set(item, made);
    return made;
  }

  /** @param {string} id */
  sortBy(id) {
    const column = /** @type {Column<T>} */ (this.content.columns.find((each) => each.id === id));
    this.falling = this.sorted === id ? !this.falling : !column.rising;
    this.sorted = id;
    this.arrange();
  }

  /** The items that the filter leaves, in order. */
  shown() {
    const { items, columns, words } = this.content;
    const word = this.filter.value.trim().toLowerCase();
    const { value } = /** @type {Column<T>} */ (columns.find(({ id }) => id === this.sorted));
    const left = items.map((item, place) => ({ item, place })).filter(({ item }) => !word || words(item).toLowerCase().includes(word));
    const keyed = left.map((each) => ({ ...each, key: value(each.item) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (this.falling ? -1 : 1) || a.place - b.place);
    return keyed.map(({ item }) => item);
  }

  /** Write the rows again: order, filter and figures. */
  arrange() {
    const { items, columns, noun } = this.content;
    const order = this.shown();
    const drawn = order.slice(0, this.most);
    drawn.forEach((item) => this.write(item));
    this.body.replaceChildren(...drawn.map((item) => this.rowOf(item).row));
    const rest = order.length - drawn.length;
    const showMore = () => {
      this.most += MORE;
      this.arrange();
    };
    this.count.replaceChildren(order.length < items.length ? `${exact(order.length)} of ${plural(items.length, noun)}` : plural(items.length, noun),
      rest ? html("span", {}, `, the first ${exact(drawn.length)} shown: `, html("button", { class: "link", onclick: showMore }, rest > MORE ? `show ${exact(MORE)} more` : "show all")) : "");
    this.heads.forEach((head, i) => {
      if (columns[i].id === this.sorted) head.setAttribute("aria-sort", this.falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    this.mark(this.chosen, this.pointed);
  }

  /** @param {T} item */
  write(item) {
    const { columns, dress } = this.content;
    const { cells, row } = this.rowOf(item);
    columns.forEach(({ text, bar, title, tone, left, quiet }, i) => {
      const said = text(item);
      if (cells[i].textContent !== said) cells[i].textContent = said;
      if (title) cells[i].title = said;
      if (tone) cells[i].className = [left && "left", quiet && "quiet", tone(item)].filter(Boolean).join(" ");
      if (!bar) return;
      cells[i].classList.add("part");
      cells[i].style.setProperty("--part", String(bar(item)));
    });
    dress?.(row, item);
  }

  /** @param {T|null} chosen @param {T|null} pointed */
  mark(chosen, pointed) {
    for (const item of new Set([this.chosen, this.pointed, chosen, pointed])) {
      const row = this.rows.get(/** @type {T} */ (item))?.row;
      row?.classList.toggle("chosen", item === chosen);
      row?.classList.toggle("pointed", item === pointed);
    }
    [this.chosen, this.pointed] = [chosen, pointed];
  }

  lines() {
    const { columns } = this.content;
    return [columns.map(({ label }) => label), ...this.shown().map((item) => columns.map(({ text, raw }) => (raw ?? text)(item)))];
  }

  csv() {
    return this.lines().map((cells) => cells.map((cell) => /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell).join(",")).join("\n");
  }

  markdown() {
    const [head, ...rest] = this.lines().map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    return [head, `|${this.content.columns.map(({ left }) => left ? " --- |" : " ---: |").join("")}`, ...rest].join("\n");
  }
}

/** @param {string} label @param {() => string} write */
function copyButton(label, write) {
  const button = html("button", { onclick: async () => {
    const done = await copy(write());
    button.textContent = done ? "copied" : "not allowed";
    globalThis.setTimeout(() => (button.textContent = label), 1500);
  } }, label);
  return button;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // a page from the disk may not reach the clipboard: the old way
    const area = html("textarea", {}, text);
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
