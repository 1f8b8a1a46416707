// The views of the page of one network, in their order.

import { mountBar } from "./views/bar.js";
import { mountCharts } from "./views/charts.js";
import { mountField } from "./views/field.js";
import { mountFindings } from "./views/findings.js";
import { mountGraph } from "./views/graph.js";
import { mountPanel } from "./views/panel.js";
import { mountTable } from "./views/table.js";
import { mountTop } from "./views/top.js";
import { mountWindow } from "./views/window.js";

/** @type {import("./start.js").View[]} */
export const VIEWS = [
  { name: "top", place: "top", mount: mountTop },
  { name: "findings", place: "findings", mount: mountFindings },
  { name: "bar", place: "bar", mount: mountBar },
  { name: "graph", place: "graph", mount: mountGraph },
  { name: "layer", place: "panel", mount: mountPanel },
  { name: "window", place: "panel", mount: mountWindow },
  { name: "field", place: "panel", mount: mountField },
  { name: "charts", place: "sections", mount: mountCharts },
  { name: "table", place: "sections", mount: mountTable },
];
