// The page of a sweep.

import { html } from "../dom.js";
import { mountPlot } from "./plot.js";
import { Points } from "./points.js";
import { mountChoices, mountHead, mountPoint, mountPoints } from "./views.js";

/** @param {string} id @returns {HTMLElement} */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const WAIT = 250; // milliseconds; the address is written once

const points = new Points(JSON.parse(place("document").textContent ?? ""));
points.restore(location.hash.slice(1));
mountHead(place("top"), points);
mountChoices(place("controls"), points);
mountPlot(place("plot"), points);
mountPoint(place("point"), points);
const table = html("section", { class: "view view-points" });
place("sections").append(table);
mountPoints(table, points);
let waiting = 0;
for (const event of ["axes", "point"]) {
  points.on(event, () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      try {
        history.replaceState(null, "", `#${points.address()}`);
      } catch { /* a frame without an address */ }
    }, WAIT);
  });
}
Object.assign(globalThis, { cnncalc: { points } }); // for tests, and for the curious
