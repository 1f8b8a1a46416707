// The hatchings of cells that nothing reads: quiet for the gaps of a stride, in the colour of warnings for pixels.

import { svg } from "../dom.js";

/** Definitions for `fill: url(#hatch-warn)` and `url(#hatch-quiet)`. @returns {SVGElement} */
export function hatches() {
  return svg("defs", {}, ...["warn", "quiet"].map((name) => svg("pattern", { id: `hatch-${name}`, width: 5, height: 5,
    patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("path", { class: `hatch-${name}`, d: "M1 0v5" }))));
}
