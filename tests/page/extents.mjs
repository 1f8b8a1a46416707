// Reads [{document, points: [{values}]}] from standard input; writes per point and tensor, from the first input on, the
// field in every input as `sight.js` has it: extents, with numbers as texts; null if nothing is seen.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** @param {string} name */
const load = (name) => import(String(new URL(name, pathToFileURL(`${process.argv[2]}/`))));
const { Store } = await load("store.js");
const { fieldIn, fieldsOf } = await load("sight.js");

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ document, points }) => {
  const store = new Store(document);
  return points.map(({ values, among }) => {
    store.move(values);
    const composed = store.layers.map((tensor) => Object.fromEntries(store.inputs.map(({ id, name }) => [name, fieldIn(store, tensor, id)])));
    return { composed, said: store.layers.map((tensor) => fieldsOf(store, tensor)), among: among.map(([id, target]) => fieldIn(store, store.tensors[id], target)) };
  });
});
console.log(JSON.stringify(answers, (_, value) => (typeof value === "bigint" ? String(value) : value)));
