"""Reads blocks, `name(a, b=1): [items]`: the signature, and the body with the names visible in it."""

from __future__ import annotations

import re

from cnncalc.document.items import read_items
from cnncalc.document.reader import FLOWING, Reader, Signature, locate, offset
from cnncalc.document.types import Block, Formula, Parameter
from cnncalc.document.words import GROUPS, MODIFIERS, is_identifier
from cnncalc.errors import ExpressionError
from cnncalc.expression.evaluation import parse
from cnncalc.layers import LAYERS
from cnncalc.records import NamedTuple
from cnncalc.source.reading import Node, Scalar

_NAME = r"\s*([A-Za-z_][A-Za-z0-9_]*)"
_TENSOR = r"(?s)tensor\s+(\S.*)|(\w+)\s*:\s*[Tt]ensor"
LIKE = "write a signature such as bottleneck(width, stride=1)"


class Declared(NamedTuple):
    """A block's key and body, and its parameters with defaults as texts with their offsets."""

    key: Scalar
    body: Node
    parameters: tuple[tuple[str, int], ...]
    readable: bool = True

    @property
    def signature(self) -> Signature:
        """The signature that calls of the block are checked against."""
        names: dict[str, bool] = {}
        tensors: set[str] = set()
        for text, _ in self.parameters:
            written, equals, _ = text.partition("=")
            name, tensor = _name(written)
            names[name] = not equals
            tensors |= {name} if tensor else set()
        return Signature(names, frozenset(tensors), self.readable)


def declare_blocks(reader: Reader, nodes: dict[str, tuple[Scalar, Node]]) -> dict[str, Declared]:
    """Block name → declaration, with unread bodies, so that blocks may call each other."""
    blocks: dict[str, Declared] = {}
    for key, body in nodes.values():
        name, opening, rest = key.text.partition("(")
        name, rest = name.strip(), rest.rstrip()
        if not is_identifier(name) or (opening and not rest.endswith(")")):
            reader.fault(f"'{key.text}' is not a valid block signature", key.span, LIKE)
            if named := re.match(_NAME, key.text):  # so that its calls are not reported as unknown
                blocks.setdefault(named[1], Declared(key, body, (), readable=False))
            continue
        if name in LAYERS or name in GROUPS or name in MODIFIERS:
            what = "a layer" if name in LAYERS else "a keyword of the spec language"
            reader.fault(f"block '{name}' has the same name as {what}", key.span, "choose another name")
        elif name in blocks:
            reader.fault(
                f"block '{name}' is already defined on line {blocks[name].key.span.line}", key.span, "keep one"
            )
        else:
            blocks[name] = Declared(key, body, tuple(_split(rest[:-1], key.text.find("(") + 1)))
    return blocks


def _split(text: str, begin: int) -> list[tuple[str, int]]:
    """The parts between commas outside brackets, with their offsets."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(f"{text},"):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth <= 0:
            part = text[start:i]
            parts.append((part.strip(), begin + start + len(part) - len(part.lstrip())))
            start = i + 1
    return [part for part in parts if part[0]]


def read_block(reader: Reader, name: str, declared: Declared) -> Block:
    """A block; its body sees the spec's parameters and its own."""
    parameters: list[Parameter] = []
    key, outer = declared.key, reader
    reader = reader.with_names(FLOWING)
    for text, start in declared.parameters:
        parameter = _parameter(reader, key, text, start)
        given = [other.name for other in parameters]
        if parameter and parameter.name in given:
            reader.fault(f"block {name} has two parameters named '{parameter.name}'", offset(key, start, len(text)))
        elif parameter:
            parameters.append(parameter)
            one = [parameter.name]
            reader = reader.with_tensors(one) if parameter.tensor else reader.with_names(one)
    # An invalid signature leaves its parameters unknown: names in the body are not checked.
    inner = reader if declared.readable else Reader([], outer.words, reader.visible, outer.blocks)
    return Block(name, tuple(parameters), read_items(inner, declared.body, f"block {name}"), key.span)


def _name(written: str) -> tuple[str, bool]:
    """The name of a parameter, and whether it is a tensor: `tensor skip`, or `skip: tensor`, which is reported."""
    match = re.fullmatch(_TENSOR, written.strip()) if "ensor" in written else None
    return (match[1] or match[2], True) if match else (written.strip(), False)


def _parameter(reader: Reader, key: Scalar, declared: str, start: int) -> Parameter | None:
    written, equals, default = declared.partition("=")
    name, tensor = _name(written)
    if tensor and ":" in written:
        where = offset(key, start, len(written.rstrip()))
        reader.fault(f"'{written.strip()}' is not a valid parameter", where, f"write 'tensor {name}'")
        return Parameter(name, None, tensor)
    if not reader.identifier(name, "parameter", offset(key, start, len(declared))):
        return None
    if not equals:
        return Parameter(name, None, tensor)
    place = start + declared.index("=") + 1 + len(default) - len(default.lstrip())
    default = default.strip()
    where = offset(key, place, len(default)) if default else offset(key, start, len(declared))
    scalar = Scalar(default, where, False, default)
    if tensor:
        if default != "in":
            hint = f"name the tensor in every call, or write '{name}=in' for the tensor that flows into the block"
            reader.fault(f"tensor '{name}' cannot have this default", where, hint)
        return Parameter(name, None, tensor=True, entering=True)
    try:
        expression = parse(default)
    except ExpressionError as error:
        reader.faults.append(locate(error, scalar, f"default of '{name}'"))
        return Parameter(name, None)
    template = Formula(expression, scalar, default.count("(") + default.count("="))
    for unknown in reader.unknown_names(expression.names):
        reader.unknown(unknown, scalar, f"default of '{name}'")
    return Parameter(name, template)
