// A map of a tensor that can be pointed at, as a grid or over an image that the reader drops on it.

import { html } from "../dom.js";
import { strengths } from "./field_strengths.js";

/** @typedef {import("../boxes.js").Pixels} Pixels */

const MOST_DRAWN = 2048; // rows or columns of a canvas

export class Picture {
  /** @param {string} name @param {(at: number[]) => void} point @param {() => void} [leave] */
  constructor(name, point, leave) {
    this.point = point;
    this.sizes = [1, 1];
    /** @type {number[]} */ this.axes = [];
    this.title = html("span", { class: "name" });
    this.size = html("span", {});
    this.back = html("canvas", { class: "back" });
    this.front = html("canvas", { class: "front" });
    this.pin = html("i", { class: "pin", hidden: true });
    this.frame = html("div", { class: "frame", tabindex: 0, role: "application",
      "aria-label": name === "map" ? "positions: arrows move" : "pixels: arrows move" }, this.back, this.front, this.pin);
    this.element = html("figure", { class: `picture picture-${name}` },
      html("figcaption", {}, this.title, this.size), this.frame);
    for (const type of ["pointermove", "pointerdown"]) {
      this.frame.addEventListener(type, (/** @type {PointerEvent} */ event) => this.at(event));
    }
    this.frame.addEventListener("pointerleave", () => leave?.());
    this.frame.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.frame.getBoundingClientRect();
    const [rows, columns] = this.sizes;
    const y = Math.max(0, Math.min(rows - 1, Math.floor(((event.clientY - box.top) / box.height) * rows)));
    const x = Math.max(0, Math.min(columns - 1, Math.floor(((event.clientX - box.left) / box.width) * columns)));
    this.point(this.whole(y, x));
  }

  /** A position of all axes from one of the two that are drawn. @param {number} y @param {number} x */
  whole(y, x) {
    if (this.axes.length < 2) return this.axes.map(() => x);
    const before = this.axes.slice(0, -2).map((size, axis) => this.marked?.[axis] ?? Math.floor((size - 1) / 2));
    return [...before, y, x];
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [y, x] = [0, ...(this.marked ?? [0, 0])].slice(-2);
    const [rows, columns] = this.sizes;
    this.point(this.whole(Math.max(0, Math.min(rows - 1, y + step[0])), Math.max(0, Math.min(columns - 1, x + step[1]))));
  }

  /** @param {number[]} axes the sizes, without channels @param {string} title @param {string} size */
  resize(axes, title, size) {
    this.axes = axes;
    this.title.textContent = title;
    this.size.textContent = size;
    const [rows, columns] = (this.sizes = [1, 1, ...axes].slice(-2));
    const ratio = axes.length < 2 ? Math.max(4, Math.min(24, columns)) : Math.max(0.25, Math.min(6, columns / rows));
    this.frame.style.aspectRatio = String(ratio);
    this.frame.style.width = ratio < 1 ? `${100 * ratio}%` : "100%";
    for (const canvas of [this.back, this.front]) [canvas.height, canvas.width] = this.drawn();
    this.frame.classList.toggle("grid-shown", Math.max(rows, columns) <= 40);
    this.frame.style.setProperty("--rows", String(rows));
    this.frame.style.setProperty("--columns", String(columns));
    this.showImage();
  }

  drawn() {
    return this.sizes.map((size) => Math.min(size, MOST_DRAWN));
  }

  /** Marks one position, and nothing else. @param {number[]} at */
  mark(at) {
    this.marked = at;
    this.clear();
    const [rows, columns] = this.sizes;
    const [y, x] = [0, 0, ...at].slice(-2);
    this.pin.hidden = at.length === 0;
    Object.assign(this.pin.style, { left: `${(100 * x) / columns}%`, top: `${(100 * y) / rows}%`,
      width: `${100 / columns}%`, height: `${100 / rows}%` });
  }

  clear() {
    this.front.getContext("2d").clearRect(0, 0, this.front.width, this.front.height);
  }

  /** Fills what is seen, darker where more paths lead. @param {Pixels | null} pixels @param {Float64Array | null} ways */
  fill(pixels, ways) {
    this.clear();
    this.pin.hidden = true;
    if (!pixels) return;
    const [rows, columns] = this.drawn();
    const context = this.front.getContext("2d");
    const image = context.createImageData(columns, rows);
    const [red, green, blue] = colourOf(this.frame);
    const strength = strengths(pixels, ways, this.axes);
    const stride = this.sizes[1];
    for (let place = 0; place < rows * columns; place++) {
      const much = strength[Math.floor(place / columns) * stride + (place % columns)];
      if (much === 0) continue;
      image.data[4 * place] = red;
      image.data[4 * place + 1] = green;
      image.data[4 * place + 2] = blue;
      image.data[4 * place + 3] = 255 * (0.22 + 0.74 * much);
    }
    context.putImageData(image, 0, 0);
  }

  /** Lets the reader drop or choose an image; it stays in this page. */
  takeImages() {
    const file = html("input", { type: "file", accept: "image/*", hidden: true, onchange: (/** @type {any} */ event) => this.read(event.target.files[0]) });
    const take = html("button", { class: "link no-print", onclick: () => file.click() }, "an image of yours");
    const drop = html("button", { class: "link no-print", hidden: true, onclick: () => this.read(null) }, "no image");
    this.drop = drop;
    this.element.append(html("p", { class: "note" }, take, " ", drop, file, html("span", { class: "quiet" }, " stays in this page")));
    this.frame.addEventListener("dragover", (/** @type {DragEvent} */ event) => event.preventDefault());
    this.frame.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      this.read(event.dataTransfer?.files[0] ?? null);
    });
  }

  /** @param {File | null | undefined} file */
  async read(file) {
    this.bitmap?.close();
    this.bitmap = file?.type.startsWith("image/") ? await createImageBitmap(file).catch(() => null) : null;
    this.drop.hidden = !this.bitmap;
    this.showImage();
  }

  /** Draws the image behind the map, cut to its proportions. */
  showImage() {
    if (!this.back) return;
    const context = this.back.getContext("2d");
    context.clearRect(0, 0, this.back.width, this.back.height);
    this.frame.classList.toggle("has-image", Boolean(this.bitmap));
    if (!this.bitmap) return;
    const { width, height } = this.back;
    const scale = Math.max(width / this.bitmap.width, height / this.bitmap.height);
    const [w, h] = [this.bitmap.width * scale, this.bitmap.height * scale];
    context.drawImage(this.bitmap, (width - w) / 2, (height - h) / 2, w, h);
  }
}

/** The colour of marks, as red, green and blue. @param {HTMLElement} element */
function colourOf(element) {
  const [red = 10, green = 102, blue = 180] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}
