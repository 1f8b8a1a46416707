// Reads [{window} or {transposed, size, out}] from standard input; writes what the picture of each shows: the number of
// cells of each kind, and the rows of every position.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const load = (name) => import(String(new URL(name, pathToFileURL(`${process.argv[2]}/`))));
const { axisOf } = await load("fit.js");
const { partsStrip, positionAt, rowsAt, runs, slidingStrip, spanAt, taps, transposedStrip } = await load("window.js");

function countKinds(strip) {
  const counts = {};
  for (let cell = 0; cell < strip.cells; cell++) counts[strip.kindOf(cell)] = (counts[strip.kindOf(cell)] ?? 0) + 1;
  return counts;
}

const pictures = JSON.parse(readFileSync(0, "utf8")).map((asked) => {
  const strip = asked.window ? slidingStrip(axisOf(asked.window, BigInt))
    : asked.parts ? partsStrip(asked.parts, asked.size, asked.out)
    : transposedStrip(asked.transposed, asked.size, asked.out);
  const positions = [...Array(strip.positions).keys()];
  return {
    kinds: countKinds(strip),
    rows: positions.map((position) => rowsAt(strip, position)),
    runs: runs(strip).reduce((sum, [, , count]) => sum + count, 0) === strip.cells,
    found: positions.every((position) => positionAt(strip, taps(strip, position)[0] + (spanAt(strip, position).extent - 1) / 2) === position),
  };
});
console.log(JSON.stringify(pictures));
