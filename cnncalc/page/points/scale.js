// Where values stand along an axis, and where it has ticks.

/** @typedef {{place: (value: number) => number, ticks: number[]}} Scale `place`: from 0 to 1 */

/** @param {number[]} values all finite @param {boolean} log @param {number} most about so many ticks
 * @param {number} [unit] of the ticks: 1024 for bytes @returns {Scale} */
export function scaleOf(values, log, most, unit = 1000) {
  let [least, top] = [Infinity, -Infinity];
  for (const each of values) {
    if (each < least) least = each;
    if (each > top) top = each;
  }
  if (!values.length) [least, top] = [0, 1];
  return log ? logarithmic(least, top, most) : linear(least, top, most, unit);
}

/** Categories side by side. @param {number} count @returns {Scale} */
export function scaleOfTexts(count) {
  return { place: (value) => (value + 0.5) / count, ticks: Array.from({ length: count }, (_, i) => i) };
}

/** @param {number} least @param {number} top @param {number} most @param {number} unit @returns {Scale} */
function linear(least, top, most, unit) {
  const room = (top - least || Math.abs(top) || 1) * 0.05;
  const [from, to] = [least - room, top + room];
  const scale = unit ** Math.max(0, Math.floor(Math.log(Math.max(Math.abs(from), Math.abs(to))) / Math.log(unit)));
  const step = stepOf((to - from) / scale / most) * scale;
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { place: (value) => (value - from) / (to - from), ticks };
}

/** 1, 2 or 5 times a power of ten. @param {number} least */
function stepOf(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (least / power <= 1 ? 1 : least / power <= 2 ? 2 : least / power <= 5 ? 5 : 10);
}

/** @param {number} least @param {number} top @param {number} most @returns {Scale} */
function logarithmic(least, top, most) {
  const room = Math.max(Math.log10(top / least) * 0.05, 0.02);
  const [from, to] = [Math.log10(least) - room, Math.log10(top) + room];
  /** @type {number[]} */
  let ticks = [];
  for (const steps of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]]) {
    ticks = [];
    for (let power = Math.floor(from); power <= to; power++) for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(12)));
    ticks = ticks.filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= to);
    if (ticks.length <= most + 2) break;
  }
  const every = Math.ceil(ticks.length / (most + 2));
  return { place: (value) => (Math.log10(value) - from) / (to - from), ticks: ticks.filter((_, i) => i % every === 0) };
}
