// Reads graphs, per node the nodes that it reads, from standard input; writes per graph whether the page asks for a library
// of layouts, at boxes of random sizes.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { place } = await import(String(new URL("place.js", pathToFileURL(`${process.argv[2]}/`))));
class Asked extends Error {}
globalThis.dagre = { graphlib: { Graph: class { constructor() { throw new Asked(); } } } };

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ sources, wide }) => {
  const boxes = sources.map((_, index) => ({ index, layers: [index], aside: false, parents: [] }));
  const edges = sources.flatMap((read, to) => read.map((from) => ({ from, to, tensor: from })));
  const sizes = wide.map((w) => ({ w, h: w > 150 ? 40 : 26 }));
  try {
    return place({ boxes, edges, boxOf: [] }, sizes).by === "dagre";
  } catch (error) {
    if (error instanceof Asked) return true;
    throw error;
  }
});
process.stdout.write(JSON.stringify(answers));
