// Reads [{document, points: [{values, asked: [[tensor, position]]}]}] from standard input; writes per point and question
// what `footprints` sees: [tensor, rows per axis, exact]. Every answer is checked against `projections` too. With a third entry, `asked` wants the ways to each pixel.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** @param {string} name */
const load = (name) => import(String(new URL(name, pathToFileURL(`${process.argv[2]}/`))));
const { evaluateAtoms, valueOf } = await load("forms.js");
const { resolveRoutes } = await load("rows.js");
const { rowsOf } = await load("boxes.js");
const { footprints, projections } = await load("field.js");
const { countPaths } = await load("paths.js");

function tensorsAt(document, values) {
  const point = new Map(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));
  const known = evaluateAtoms(document.atoms, point);
  const numbers = document.forms.map((form) => Number(valueOf(form, known)));
  const of = (form) => numbers[form];
  const records = document.records;
  return [...document.inputs, ...document.layers].map((each) => ({
    shape: each.output.map(of),
    from: each.from ?? [],
    routes: each.reading === undefined ? [] : resolveRoutes(records[each.reading], of),
  }));
}

/** Whether a pixel lies in one of the boxes. */
const holds = (pixels, position) =>
  pixels !== undefined && pixels.boxes.some((box) => position.every((row, axis) => box[axis + 1] === null || box[axis + 1].includes(row)));

/** Faults of the inverse and of the count of paths, at one pixel of the input that is seen and at one that is not. */
function inverse(tensors, tensor, position, seen, turn) {
  const faults = [];
  for (const [input, { routes, shape }] of tensors.entries()) {
    if (routes.length || tensors[input].from.length) break;
    const pixels = seen.get(input);
    if (pixels && !pixels.exact) continue;
    const at = shape.slice(1).map((size, axis) => ((turn + 1) * (7919 + axis)) % size);
    const inside = pixels ? rowsOf(pixels, shape).map((rows) => rows[turn % rows.length]) : at;
    for (const pixel of [at, inside]) {
      const reached = projections(tensors, input, pixel, tensor).get(tensor);
      if (reached && !reached.exact) continue;
      if (holds(pixels, pixel) !== holds(reached, position)) faults.push(["projection", tensor, position, pixel]);
    }
    const ways = turn % 10 ? null : countPaths(tensors, tensor, position, input);
    if (!ways || !pixels || shape.length > 4) continue;
    for (const pixel of [at, inside]) {
      const place = pixel.reduce((sum, row, axis) => sum * shape[axis + 1] + row, 0);
      if (holds(pixels, pixel) && !(ways[place] > 0)) faults.push(["paths", tensor, position, pixel]);
    }
  }
  return faults;
}

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ document, points }) => points.map(({ values, asked }) => {
  const tensors = tensorsAt(document, values);
  return asked.map(([tensor, position, counted], turn) => {
    if (counted) return { ways: [...countPaths(tensors, tensor, position, 0)] };
    const seen = footprints(tensors, tensor, position);
    const of = (place) => [place, rowsOf(seen.get(place), tensors[place].shape), seen.get(place).exact];
    return { seen: [...seen.keys()].map(of), faults: inverse(tensors, tensor, position, seen, turn) };
  });
}));
console.log(JSON.stringify(answers));
