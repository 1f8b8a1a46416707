// The Pareto front of points in two figures, of which less is better.

/** The items that no other beats: none has less of one figure and not more of the other. Equal ones are all kept, as `cnncalc/sweeps/pareto.py`
 * keeps them. @template T @param {T[]} items @param {(item: T) => number} x @param {(item: T) => number} y @returns {T[]} by x */
export function bestOf(items, x, y) {
  const sorted = [...items].sort((a, b) => x(a) - x(b) || y(a) - y(b));
  /** @type {T[]} */
  const best = [];
  for (const item of sorted) {
    const last = best[best.length - 1];
    if (last === undefined || y(item) < y(last) || (y(item) === y(last) && x(item) === x(last))) best.push(item);
  }
  return best;
}
