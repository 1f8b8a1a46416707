// Evaluates closed forms in exact integers. `cnncalc/symbolic/encoding.py` says how they are written.

/** @typedef {(string|number)[][]} Form terms, each [factor, atom, atom, …] */
/** @typedef {string|[string, ...(Form|string)[]]} Atom a symbol, or an operation on forms */

/** ⌊a/b⌋ for b > 0; BigInt's own division rounds towards zero.
 * @param {bigint} a @param {bigint} b */
function floorDivide(a, b) {
  return a / b - (a % b < 0n ? 1n : 0n);
}

/** @param {Form} form @param {bigint[]} known values of the atoms @returns {bigint} */
export function valueOf(form, known) {
  let total = 0n;
  for (const [factor, ...atoms] of form) {
    let product = BigInt(factor);
    for (const atom of atoms) product *= known[/** @type {number} */ (atom)];
    total += product;
  }
  return total;
}

/** @param {Atom} atom @param {Map<string, bigint>} point @param {bigint[]} known @returns {bigint} */
function atomValue(atom, point, known) {
  if (typeof atom === "string") {
    const value = point.get(atom);
    if (value === undefined) throw new RangeError(`no value is given for ${atom}`);
    return value;
  }
  const [operation, first, ...others] = atom;
  if (operation === "//") return floorDivide(valueOf(/** @type {Form} */ (first), known), BigInt(String(others[0])));
  const smallest = operation === "min";
  if (!smallest && operation !== "max") throw new RangeError(`no such operation: ${operation}`);
  return others
    .map((form) => valueOf(/** @type {Form} */ (form), known))
    .reduce((best, value) => (value < best === smallest ? value : best), valueOf(/** @type {Form} */ (first), known));
}

/** The value of every atom at a point; pass it to `valueOf` for any form over these atoms.
 * @param {Atom[]} atoms each after those that it needs @param {Map<string, bigint>} point symbol → value */
export function evaluateAtoms(atoms, point) {
  /** @type {bigint[]} */
  const known = [];
  for (const atom of atoms) known.push(atomValue(atom, point, known));
  return known;
}
