// Reads [{atoms, forms, points}] from standard input; writes, per point, a digest of the values of all forms, or the values
// themselves if a second argument asks for these.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , module, wanted] = process.argv;
const { evaluateAtoms, valueOf } = await import(pathToFileURL(module));
const digest = (values) => createHash("sha256").update(values.join()).digest("hex");
const answers = JSON.parse(readFileSync(0, "utf8")).map(({ atoms, forms, points }) => points.map((point) => {
  const known = evaluateAtoms(atoms, new Map(Object.entries(point).map(([name, value]) => [name, BigInt(value)])));
  const values = forms.map((form) => String(valueOf(form, known)));
  return wanted === "values" ? values : digest(values);
}));
console.log(JSON.stringify(answers));
