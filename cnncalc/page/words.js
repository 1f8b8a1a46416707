// Numbers, shapes and amounts as text, as the commands write them.

/** 101616768 → "101,616,768". @param {bigint|number} value */
export function exact(value) {
  return String(value).replace("-", "−").replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A count with three digits: "102 M". @param {bigint|number} value */
export function short(value) {
  const units = ["", " k", " M", " G", " T", " P", " E"];
  let number = Number(value);
  let unit = 0;
  while (number >= 999.5 && unit < units.length - 1) {
    number /= 1000;
    unit++;
  }
  return unit === 0 ? exact(value) : `${threeDigits(number)}${units[unit]}`;
}

/** Bytes in units of 1024: "1.07 MiB". @param {bigint|number} value */
export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let number = Number(value);
  let unit = 0;
  while (number >= 1023.5 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return unit === 0 ? `${exact(value)} B` : `${threeDigits(number)} ${units[unit]}`;
}

/** @param {number} number */
function threeDigits(number) {
  return number >= 99.95 ? exact(Math.round(number)) : number.toFixed(number >= 9.995 ? 1 : 2);
}

/** "96×55×55". @param {(bigint|number)[]} sizes */
export function shape(sizes) {
  return sizes.map(String).join("×");
}

/** "15.8%". @param {bigint|number} part @param {bigint|number} whole */
export function share(part, whole) {
  if (!Number(whole)) return "0%";
  const percent = 100 * (Number(part) / Number(whole));
  return percent > 0 && percent < 0.1 ? "<0.1%" : `${percent.toFixed(1)}%`;
}

/** "4", "1/2". @param {[bigint, bigint]} fraction in lowest terms */
export function ratio([top, bottom]) {
  return bottom === 1n ? exact(top) : `${top}/${bottom}`;
}

/** "1 row", "2 rows". @param {bigint|number} count @param {string} word */
export function plural(count, word) {
  return `${exact(count)} ${word}${BigInt(count) === 1n ? "" : "s"}`;
}

/** A text cut to about this many letters. @param {string} text @param {number} most */
export function cut(text, most) {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1)).trimEnd()}…`;
}
