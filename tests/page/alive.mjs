// Reads [{document, points: [{values, batch}]}] from standard input; writes per point and run the bytes at every step,
// the step of the peak, and who is alive there.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const load = (name) => import(String(new URL(name, pathToFileURL(`${process.argv[2]}/`))));
const { Store } = await load("store.js");
const { peakOf } = await load("memory.js");
const { aliveAt, layerAt } = await load("alive.js");

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ document, points }) => {
  const store = new Store(document);
  return points.map(({ values, batch }) => {
    store.move(values);
    store.setBatch(batch);
    return ["inference", "training"].map((run) => {
      const { steps, step } = peakOf(store, run);
      const alive = aliveAt(store, run, step).map(({ name, bytes }) => [name, Number(bytes)]);
      const { id, backward } = layerAt(store, run, step);
      return { steps: steps.map(Number), step, alive, layer: store.tensors[id].name, backward };
    });
  });
});
console.log(JSON.stringify(answers));
