// Makes elements. Text reaches the page as text only: nothing here takes markup.

const SPACES = { svg: "http://www.w3.org/2000/svg", math: "http://www.w3.org/1998/Math/MathML" };

/** @param {Element} element @param {Record<string, any>} attributes @param {any[]} children */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: `html("p", {class: "note", onclick: f}, "text", child)`.
 * @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children @returns {any} */
export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children @returns {any} */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SPACES.svg, tag), attributes, children);
}

/** A MathML element. @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children @returns {any} */
export function math(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SPACES.math, tag), attributes, children);
}
