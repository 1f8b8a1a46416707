"""Reads `input:` as the sizes of every input: `3x227x227`, `[3, H, W]`, or a mapping of several."""

from __future__ import annotations

import re

from cnncalc.document.reader import Reader
from cnncalc.document.types import Constant, Formula, Template
from cnncalc.document.words import is_name
from cnncalc.expression.evaluation import parse
from cnncalc.limits import MOST_AXES
from cnncalc.quantities.numerals import natural
from cnncalc.quantities.shapes import has_several_sizes, is_symbol, pieces
from cnncalc.source.reading import Mapping, Node, Scalar, Sequence

LIKE = "channels first, as in 3x227x227"
_AXES = {
    "channels",
    "channel",
    "height",
    "width",
    "depth",
    "length",
    "time",
    "c",
    "h",
    "w",
    "d",
    "shape",
    "size",
    "batch",
}


def read_inputs(reader: Reader, node: Node | None) -> dict[str, tuple[Template, ...]]:
    """Input name → its sizes; a single input is called `input`."""
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        return {"input": read_shape(reader, node, "input")}
    if node.entries and {name.lower() for name in node.entries} <= _AXES:
        reader.fault("input: expected sizes, got named axes", node.span, f"write them in order, {LIKE}")
        return {}
    if not node.entries:
        reader.fault("input has no value", node.span, LIKE)
    for name, (key, _) in node.entries.items():
        if not is_name(name):
            reader.fault(f"input '{name}' is not a valid name: use letters, digits, _ and -", key.span)
    return {name: read_shape(reader, value, f"input {name}") for name, (_, value) in node.entries.items()}


def read_shape(reader: Reader, node: Node, what: str) -> tuple[Template, ...]:
    """The sizes: numbers, expressions of parameters, or symbols (one capital letter)."""
    if isinstance(node, Sequence):
        sizes = [_size(reader, entry, what) for entry in node.items]
    elif isinstance(node, Scalar) and _in_brackets(reader, node, what):
        return ()
    elif isinstance(node, Scalar) and _is_row(node):
        sizes = [_size(reader, piece, what) for piece in _pieces(node)]
    else:
        sizes = [_size(reader, node, what)]
    valid = tuple(size for size in sizes if size is not None)
    first = valid[0].scalar.text if valid and isinstance(valid[0], Formula) else ""
    if len(valid) > 3 and first in ("N", "B") and first not in reader.visible:
        hint = f"remove it, or rename the symbol if it is the channels: {LIKE}"
        reader.fault(f"{what}: '{first}' before the channels looks like a batch size", valid[0].span, hint)
    if len(valid) == len(sizes) and not 1 <= len(valid) <= MOST_AXES:
        reader.fault(f"{what}: expected 1 to {MOST_AXES} sizes, got {len(valid)}", node.span, LIKE)
    return valid


def _in_brackets(reader: Reader, node: Scalar, what: str) -> bool:
    """Whether the text is `3, 32, 32` or `(3, 32, 32)`, sizes that are not a YAML list; reports the fault."""
    inside = node.text.strip().strip("()[]")
    if "," not in inside or not re.fullmatch(r"[\w\s,.+*/-]+", inside):
        return False
    sizes = [size.strip() for size in inside.split(",")]
    reader.fault(f"{what}: expected sizes or a list of sizes", node.span, f"use brackets: [{', '.join(sizes)}]")
    return True


def _is_row(scalar: Scalar) -> bool:
    """Whether the text is a row of sizes, `3x227x227`."""
    return isinstance(scalar.value, str) and len(scalar.text) <= 200 and has_several_sizes(scalar.text)


def _pieces(scalar: Scalar) -> list[Scalar]:
    """The sizes of `3x227x227` as scalars, each at its place."""
    scalars = []
    begin = scalar.span.column + (1 if scalar.quoted else 0)
    for size, start in pieces(scalar.text):
        place = scalar.span._replace(column=begin + start, width=max(1, len(size)))
        number = natural(size)
        scalars.append(Scalar(size, place, False, size if number is None else number))
    return scalars


def _size(reader: Reader, node: Node, what: str) -> Template | None:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if node.text in ("None", "null", "batch", "?", "-1"):
            reader.fault(f"{what}: expected a size, got {node.text}", node.span, "leave out the batch size")
            return None
        if not node.text.strip():
            reader.fault(f"{what}: a size is missing", node.span, LIKE)
            return None
        if is_symbol(node.text) and node.text not in reader.visible:
            return Formula(parse(node.text), node)
        if re.fullmatch(r"[a-z]", node.text) and node.text not in reader.visible:
            reader.fault(
                f"{what}: unknown name '{node.text}'", node.span, f"a symbol is a capital letter: {node.text.upper()}"
            )
            return None
    if isinstance(node, Sequence):
        reader.fault(f"{what}: expected a size, got a list", node.span, LIKE)
        return None
    template = reader.value(node, what)
    if isinstance(template, Constant) and not (type(template.value) is int and template.value >= 1):
        shown = getattr(node, "text", "")
        hint = "leave out the batch size" if shown == "-1" or "None" in shown else LIKE
        reader.fault(f"{what}: expected a whole number of at least 1, got {shown}", template.span, hint)
        return None
    return template
