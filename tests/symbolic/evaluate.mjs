// Reads {atoms, forms, points} from standard input, and writes the value of each form at each point as text.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { evaluateAtoms, valueOf } = await import(pathToFileURL(process.argv[2]));
const { atoms, forms, points } = JSON.parse(readFileSync(0, "utf8"));
const values = points.map((point) => {
  const known = evaluateAtoms(atoms, new Map(Object.entries(point).map(([name, value]) => [name, BigInt(value)])));
  return forms.map((form) => String(valueOf(form, known)));
});
console.log(JSON.stringify(values));
