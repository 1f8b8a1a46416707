// The page of two networks, drawn as one: the sizes move in both. Windows and fields are those of the second network.

import { start } from "./start.js";
import { mountBar } from "./views/bar.js";
import { mountField } from "./views/field.js";
import { mountGraph } from "./views/graph.js";
import { mountPanel } from "./views/panel.js";
import { mountChange } from "./views/two_change.js";
import { mountBoth } from "./views/two_table.js";
import { mountTotals } from "./views/two_top.js";
import { mountWindow } from "./views/window.js";

start([
  { name: "totals", place: "top", mount: mountTotals },
  { name: "bar", place: "bar", mount: mountBar },
  { name: "graph", place: "graph", mount: mountGraph },
  { name: "change", place: "panel", mount: mountChange },
  { name: "layer", place: "panel", mount: mountPanel },
  { name: "window", place: "panel", mount: mountWindow },
  { name: "field", place: "panel", mount: mountField },
  { name: "both", place: "sections", mount: mountBoth },
], "change");
