// How strongly each drawn pixel is marked, from what is seen and how many paths lead there.

/** @typedef {import("../boxes.js").Pixels} Pixels */

/** Strength from 0 (not seen) to 1 per pixel of the last two axes; axes before them are taken together.
 * @param {Pixels} pixels @param {Float64Array | null} ways @param {number[]} axes sizes, without channels
 * @returns {Float64Array} */
export function strengths({ boxes }, ways, axes) {
  const [rows, columns] = [1, 1, ...axes].slice(-2);
  const strength = new Float64Array(rows * columns);
  for (const box of boxes) {
    const [ys, xs] = [[0], [0], ...box.slice(1).map((each, axis) => each ?? all(axes[axis]))].slice(-2);
    for (const y of ys) for (const x of xs) strength[y * columns + x] = 1;
  }
  if (!ways) return strength;
  const counts = new Float64Array(rows * columns);
  for (let place = 0; place < ways.length; place++) counts[place % counts.length] += ways[place];
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  for (let place = 0; place < counts.length; place++) {
    if (strength[place] > 0 && most > 0) strength[place] = Math.max(1e-9, Math.sqrt(counts[place] / most));
  }
  return strength;
}

/** @param {number} size */
function all(size) {
  return Array.from({ length: size }, (_, row) => row);
}
