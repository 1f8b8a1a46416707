// Places boxes on a spine with lanes, as `git log --graph` does: a tensor's first reader goes straight on, the others step
// aside; what is skipped runs past on the right, the longest way outermost. Nothing here draws.

/** @typedef {import("./fold.js").Picture} Picture */
/** @typedef {{rows: number[], lanes: number[], skips: {edge: number, past: number[]}[]}} Lanes `skips`: edges that run past
 *    boxes, shortest first, with the boxes that they pass */

/** @param {Picture} picture @returns {Lanes} */
export function placeInLanes({ boxes, edges }) {
  const rows = boxes.map(() => 0);
  for (const { from, to } of edges) rows[to] = Math.max(rows[to], rows[from] + 1); // sorted: a source is settled
  settle(boxes, edges, rows);
  /** @type {Map<number, Set<number>>} */
  const taken = new Map(); // row → lanes
  const lanes = boxes.map(() => 0);
  const incoming = boxes.map(() => /** @type {number[]} */ ([]));
  edges.forEach(({ from, to }) => incoming[to].push(from));
  const order = boxes.map((box) => box.index).sort((a, b) => Number(boxes[a].aside) - Number(boxes[b].aside) || a - b);
  for (const index of order) {
    const sources = [...new Set(incoming[index])];
    lanes[index] = laneFor(index, sources);
    const start = Math.min(rows[index], ...sources.filter((s) => lanes[s] === lanes[index]).map((s) => rows[s] + 1));
    for (let row = start; row <= rows[index]; row++) take(row, lanes[index]);
    for (const source of sources) reserve(source, index);
  }
  return { rows, lanes, skips: skipsOf() };

  /** @param {number} row @param {number} lane */
  function take(row, lane) {
    taken.set(row, (taken.get(row) ?? new Set()).add(lane));
  }

  /** @param {number} lane @param {number} first @param {number} last */
  function isFree(lane, first, last) {
    for (let row = first; row <= last; row++) if (taken.get(row)?.has(lane)) return false;
    return true;
  }

  /** @param {number} index @param {number[]} sources */
  function laneFor(index, sources) {
    const straight = sources.filter((source) => isFree(lanes[source], rows[source] + 1, rows[index]));
    if (straight.length && !boxes[index].aside) return Math.min(...straight.map((source) => lanes[source]));
    let lane = sources.length ? Math.min(...sources.map((source) => lanes[source])) + 1 : 0;
    if (boxes[index].aside) {
      const own = straight.filter((source) => boxes[source].aside);
      if (own.length) return Math.min(...own.map((source) => lanes[source]));
      lane = Math.max(0, ...(taken.get(rows[index]) ?? [])) + 1;
    }
    while (!isFree(lane, rows[index], rows[index])) lane++;
    return lane;
  }

  /** The lane of a branch stays its own down to the join. @param {number} source @param {number} join */
  function reserve(source, join) {
    if (lanes[source] === lanes[join] || !isFree(lanes[source], rows[source] + 1, rows[join] - 1)) return;
    for (let row = rows[source] + 1; row < rows[join]; row++) take(row, lanes[source]);
  }

  function skipsOf() {
    const long = edges.map((edge, number) => ({ ...edge, number })).filter(({ from, to }) => {
      if (rows[to] - rows[from] <= 1) return false;
      const column = lanes[from];
      return boxes.some((box) => lanes[box.index] === column && rows[box.index] > rows[from] && rows[box.index] < rows[to]);
    });
    long.sort((a, b) => rows[a.to] - rows[a.from] - (rows[b.to] - rows[b.from]));
    return long.map(({ from, to, number }) => ({
      edge: number,
      past: boxes.filter(({ index }) => index > from && index < to && rows[index] > rows[from] && rows[index] < rows[to])
        .map(({ index }) => index),
    }));
  }
}

/** Boxes that read nothing stand just above their first reader. */
function settle(/** @type {any[]} */ boxes, /** @type {any[]} */ edges, /** @type {number[]} */ rows) {
  const reads = new Set(edges.map(({ to }) => to));
  for (const { index, layers } of boxes) {
    if (reads.has(index) || !layers.length) continue;
    const readers = edges.filter(({ from }) => from === index).map(({ to }) => rows[to]);
    if (readers.length && Math.min(...readers) > 1) rows[index] = Math.min(...readers) - 1;
  }
}

/** The lines of the gutter of rows: per edge, its lane at each row from its source to its reader; and every box's lane.
 * @param {Picture} picture @returns {{lanes: number[], tracks: number[][], width: number}} */
export function placeInGutter({ boxes, edges }) {
  const lanes = boxes.map(() => 0);
  const tracks = edges.map(() => /** @type {number[]} */ ([]));
  const outgoing = boxes.map(() => /** @type {number[]} */ ([]));
  const incoming = boxes.map(() => /** @type {number[]} */ ([]));
  edges.forEach(({ from, to }, number) => {
    outgoing[from].push(number);
    incoming[to].push(number);
  });
  /** @type {(Set<number>|null)[]} */
  const columns = []; // lane → the edges that run in it
  let width = 1;
  for (const { index } of boxes) {
    const arriving = columns.flatMap((edge, lane) => edge && incoming[index].some((n) => edge.has(n)) ? [lane] : []);
    const lane = arriving.length ? arriving[0] : freeLane();
    for (const place of arriving) {
      const edges_ = /** @type {Set<number>} */ (columns[place]);
      for (const number of incoming[index]) edges_.delete(number);
      if (!edges_.size) columns[place] = null;
    }
    const staying = columns[lane];
    columns[lane] = new Set(outgoing[index]);
    if (staying) columns[freeLane()] = staying; // what others still need steps aside
    if (!outgoing[index].length) columns[lane] = null;
    lanes[index] = lane;
    width = Math.max(width, columns.length);
    columns.forEach((running, column) => running?.forEach((number) => tracks[number].push(column)));
  }
  return { lanes, tracks, width };

  function freeLane() {
    const free = columns.findIndex((column) => column === null);
    if (free >= 0) return free;
    columns.push(null);
    return columns.length - 1;
  }
}
