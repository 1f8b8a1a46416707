"""Blocks: `name(a, b=1): [items]`, the signature read and the body held to the names that it can see."""

from __future__ import annotations

import re

from cnncalc.document.items import GROUPS, MODIFIERS, read_items
from cnncalc.document.reader import FLOWING, Reader
from cnncalc.document.types import Block, Formula, Parameter
from cnncalc.errors import ExpressionError, Fault
from cnncalc.expression import FUNCTIONS, parse
from cnncalc.layers import LAYERS
from cnncalc.source import Node, Scalar

SIGNATURE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\((.*)\))?\s*", re.DOTALL)
RESERVED = FLOWING | FUNCTIONS | {"and", "or", "not", "if", "else", "true", "false"}


def signatures(reader: Reader, nodes: dict[str, tuple[Scalar, Node]]) -> dict[str, tuple[Scalar, tuple[str, ...]]]:
    """Block name → its key and the texts of its parameters; first of all, so that blocks may call each other."""
    found: dict[str, tuple[Scalar, tuple[str, ...]]] = {}
    for key, _ in nodes.values():
        match = SIGNATURE.fullmatch(key.text)
        if not match:
            reader.fault(f"'{key.text}' is no block signature", key.span, "write it as bottleneck(width, stride=1)")
            continue
        name, inside = match[1], match[2]
        if name in LAYERS or name in GROUPS or name in MODIFIERS:
            reader.fault(f"block '{name}' has the name of a layer", key.span, "choose another name")
        elif name in found:
            reader.fault(f"block '{name}' is defined twice (also on line {found[name][0].span.line})", key.span)
        else:
            found[name] = key, tuple(split(inside or ""))
    return found


def split(text: str) -> list[str]:
    """The parts between the commas that stand outside of brackets."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def read_block(reader: Reader, key: Scalar, declared: tuple[str, ...], value: Node) -> Block:
    """A block; its body sees the spec's parameters and its own."""
    name = SIGNATURE.fullmatch(key.text)[1]  # type: ignore[index]
    parameters = []
    for text in declared:
        if parameter := _parameter(reader, key, text):
            parameters.append(parameter)
            reader = reader.seeing([parameter.name])
    return Block(name, tuple(parameters), read_items(reader, value, f"block {name}"), key.span)


def parameter_name(declared: str) -> str:
    """The name in `name=default`."""
    return declared.partition("=")[0].strip()


def _parameter(reader: Reader, key: Scalar, declared: str) -> Parameter | None:
    name, equals, default = declared.partition("=")
    name = name.strip()
    if not name.isidentifier() or name in RESERVED:
        why = "is reserved" if name in RESERVED else "is no name"
        reader.fault(f"parameter '{name}' {why}", key.span)
        return None
    if not equals:
        return Parameter(name, None)
    try:
        expression = parse(default.strip())
    except ExpressionError as error:
        reader.faults.append(Fault(f"default of '{name}': {error.message}", key.span, error.hint))
        return None
    for unknown in sorted(expression.names - reader.visible - reader.words):
        reader.fault(f"default of '{name}': unknown name '{unknown}'", key.span)
    return Parameter(name, Formula(expression, key))
