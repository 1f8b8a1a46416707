// The document from what the file holds of it (`cnncalc/page/packing.py`): what records share, they share once.

/** @param {any} packed @returns {any} the document that docs/page.md describes */
export function unpack(packed) {
  const { likes, around, ...document } = packed;
  const open = (/** @type {any} */ [like, own]) => ({ ...likes[like], ...own });
  document.layers = packed.layers.map((/** @type {any} */ row, /** @type {number} */ place) => {
    const layer = open(row);
    layer.from ??= [packed.inputs.length + place - 1];
    if (layer.before) layer.before = open(layer.before);
    return layer;
  });
  document.conditions = packed.conditions.map(open);
  const tensors = [...packed.inputs, ...document.layers];
  document.memory = memoryOf(packed.memory, around, tensors.map(({ name }) => name));
  if (packed.before) {
    document.before = { ...packed.before, memory: memoryOf(packed.before.memory, around, tensors.map(({ name, before }) => before?.name ?? name)) };
  }
  return document;
}

/** @param {any} memory @param {[string, string][]} around @param {string[]} names */
function memoryOf(memory, around, names) {
  const named = (/** @type {any} */ text) => Array.isArray(text) ? around[text[0]].join(names[text[1]]) : text;
  const run = (/** @type {any} */ each) => ({ ...each, spans: each.spans.map((/** @type {any} */ [text, ...rest]) => [named(text), ...rest]) });
  return { ...memory, inference: run(memory.inference), training: run(memory.training) };
}
