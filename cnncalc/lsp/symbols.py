"""The names of a spec, wherever they stand: tensors, blocks and parameters, with the scope that each belongs to.

Read from the YAML tree, so that a spec with faults has names too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from cnncalc.document.reader import offset, reserved
from cnncalc.document.words import GROUPS, MODIFIERS
from cnncalc.errors import Span
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Reference as ReferenceField
from cnncalc.records import NamedTuple
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence

Kind = Literal["tensor", "block", "parameter"]
TOP = ""  # the scope of everything outside blocks
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\w)")
_SEGMENT = re.compile(r"[\w-]+")
_SIGNATURE = re.compile(r"\s*(?:tensor\s+)?([A-Za-z_]\w*)")
_READS_TENSORS = ("from", "share", "with")


class Symbol(NamedTuple):
    """A name and where it means what it means: in a block, or at the top."""

    kind: Kind
    scope: str
    name: str


class Occurrence(NamedTuple):
    """One place of a symbol."""

    symbol: Symbol
    span: Span
    defines: bool = False


class Signature(NamedTuple):
    """A block's parameters, and which of them are tensors."""

    key: Scalar
    name: str
    parameters: tuple[str, ...]
    tensors: frozenset[str]


def occurrences(root: Node | None) -> list[Occurrence]:
    """All places of all names of a spec, in no order."""
    return list(_Names(root).all()) if isinstance(root, Mapping) else []


def signatures(root: Node | None) -> dict[str, Signature]:
    """Block → its signature."""
    blocks = root.get("blocks") if isinstance(root, Mapping) else None
    found = [_signature(key) for key, _ in blocks.entries.values()] if isinstance(blocks, Mapping) else []
    return {signature.name: signature for signature in found}


def _signature(key: Scalar) -> Signature:
    name, opening, rest = key.text.partition("(")
    parts = list(_split(rest.rstrip().removesuffix(")"))) if opening else []
    names = [(match[1], part.lstrip().startswith("tensor ")) for part in parts if (match := _SIGNATURE.match(part))]
    return Signature(
        key, name.strip(), tuple(name for name, _ in names), frozenset(name for name, tensor in names if tensor)
    )


def _split(text: str) -> Iterator[str]:
    """The parts between commas outside brackets."""
    depth, start = 0, 0
    for place, character in enumerate(f"{text},"):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth <= 0:
            yield text[start:place]
            start = place + 1


class _Names:
    def __init__(self, root: Mapping) -> None:
        self._root = root
        self._blocks = signatures(root)
        params = root.get("params")
        self._params = frozenset(params.entries) if isinstance(params, Mapping) else frozenset()
        self._tensors: dict[str, set[str]] = {TOP: set()}  # scope → names defined there
        for scope, items in self._lists():
            self._tensors.setdefault(scope, set()).update(_defined(items))

    def all(self) -> Iterator[Occurrence]:
        for signature in self._blocks.values():
            yield from self._of_signature(signature)
        params = self._root.get("params")
        for key, value in params.entries.values() if isinstance(params, Mapping) else ():
            yield Occurrence(Symbol("parameter", TOP, key.text), key.span, True)
            yield from self._expression(value, TOP)
        variants = self._root.get("variants")
        for _, settings in variants.entries.values() if isinstance(variants, Mapping) else ():
            for key, value in settings.entries.values() if isinstance(settings, Mapping) else ():
                if key.text in self._params:
                    yield Occurrence(Symbol("parameter", TOP, key.text), key.span)
                yield from self._expression(value, TOP)
        if (inputs := self._root.get("input")) is not None:
            yield from self._expression(inputs, TOP)
        for scope, items in self._lists():
            yield from self._items(items, scope)
        yield from self._others()

    def _lists(self) -> Iterator[tuple[str, Node]]:
        """Every list of layers that is not inside another, and its scope."""
        blocks, heads = self._root.get("blocks"), self._root.get("heads")
        for key, body in blocks.entries.values() if isinstance(blocks, Mapping) else ():
            yield _signature(key).name, body
        if (layers := self._root.get("layers")) is not None:
            yield TOP, layers
        for _, head in heads.entries.values() if isinstance(heads, Mapping) else ():
            layers = head.get("layers") if isinstance(head, Mapping) else head
            if layers is not None:
                yield TOP, layers

    def _others(self) -> Iterator[Occurrence]:
        """Names in `outputs`, and where heads begin."""
        outputs, heads = self._root.get("outputs"), self._root.get("heads")
        if outputs is not None:
            yield from self._references(outputs, TOP)
        for _, head in heads.entries.values() if isinstance(heads, Mapping) else ():
            source = head.get("from") if isinstance(head, Mapping) else None
            if source is not None:
                yield from self._references(source, TOP)

    def _of_signature(self, signature: Signature) -> Iterator[Occurrence]:
        key, name = signature.key, signature.name
        yield Occurrence(Symbol("block", TOP, name), offset(key, key.text.index(name) if name else 0, len(name)), True)
        begin = key.text.find("(") + 1
        for match in _IDENTIFIER.finditer(key.text, begin) if begin else ():
            if match[0] in signature.parameters:
                before = key.text[begin : match.start()].rstrip()
                defines = not before or before[-1] == "," or before.endswith("tensor")
                yield Occurrence(
                    Symbol("parameter", name, match[0]), offset(key, match.start(), len(match[0])), defines
                )
            elif (symbol := self._symbol(match[0], TOP)) is not None:
                yield Occurrence(symbol, offset(key, match.start(), len(match[0])))

    def _items(self, node: Node, scope: str) -> Iterator[Occurrence]:
        if isinstance(node, Sequence):
            for item in node.items:
                yield from self._item(item, scope)
        elif isinstance(node, Mapping):  # a residual with body and shortcut, branches, a path
            for name, (_, value) in node.entries.items():
                if name in ("body", "shortcut", "paths", "layers"):
                    yield from self._items(value, scope)
                elif name != "merge":
                    yield from self._expression(value, scope)

    def _item(self, item: Node, scope: str) -> Iterator[Occurrence]:
        if isinstance(item, Sequence):  # a path
            yield from self._items(item, scope)
        elif isinstance(item, Scalar):
            yield from self._call(item, None, scope)
        elif isinstance(item, Mapping):
            for name, (key, value) in item.entries.items():
                if name == "name":
                    yield from self._definition(value, scope)
                elif name in _READS_TENSORS:
                    yield from self._references(value, scope)
                elif name in GROUPS or name == "layers":
                    yield from self._items(value, scope)
                elif name in MODIFIERS and name != "written":
                    yield from self._expression(value, scope)
                else:
                    yield from self._call(key, value, scope)

    def _definition(self, value: Node, scope: str) -> Iterator[Occurrence]:
        if isinstance(value, Scalar) and value.text and "{" not in value.text:
            yield Occurrence(Symbol("tensor", scope, value.text), offset(value, 0, len(value.text)), True)
        else:
            yield from self._expression(value, scope)

    def _call(self, key: Scalar, value: Node | None, scope: str) -> Iterator[Occurrence]:
        """A layer or a block with its arguments."""
        name = key.text
        if name.startswith("$") and (symbol := self._symbol(name[1:], scope)) is not None:
            yield Occurrence(symbol, offset(key, 1, len(name) - 1))
        signature = self._blocks.get(name)
        if signature is not None:
            yield Occurrence(Symbol("block", TOP, name), offset(key, 0, len(name)))
        if value is None:
            return
        tensors = signature.tensors if signature is not None else _tensor_fields(name)
        if not isinstance(value, Mapping):
            natural = bool(signature.parameters) and signature.parameters[0] in tensors if signature else False
            reads = natural or (name in LAYERS and LAYERS[name].joins)
            yield from self._references(value, scope) if reads else self._expression(value, scope)
            return
        for argument, (written, given) in value.entries.items():
            if signature is not None and argument in signature.parameters:
                yield Occurrence(Symbol("parameter", name, argument), written.span)
            reads = argument in tensors or argument == "with"
            yield from self._references(given, scope) if reads else self._expression(given, scope)

    def _references(self, value: Node, scope: str) -> Iterator[Occurrence]:
        for scalar in _scalars(value):
            text = scalar.text.partition(" for ")[0]
            for place, match in enumerate(_SEGMENT.finditer(re.sub(r"\{.*?\}", lambda m: "{" * len(m[0]), text))):
                symbol = self._tensor(match[0], scope, first=place == 0)
                if symbol is not None:
                    yield Occurrence(symbol, offset(scalar, match.start(), len(match[0])))
            yield from self._within(scalar, scope, re.compile(r"(?<=\{)[^{}]*(?=\})|(?<= for ).*"))

    def _tensor(self, name: str, scope: str, first: bool) -> Symbol | None:
        """The symbol of a part of a reference: the first part is looked up from inside out, others in any block."""
        signature = self._blocks.get(scope)
        if first and signature is not None and name in signature.tensors:
            return Symbol("parameter", scope, name)
        scopes = (scope, TOP) if first else (*self._blocks, TOP)
        return next((Symbol("tensor", each, name) for each in scopes if name in self._tensors.get(each, ())), None)

    def _expression(self, value: Node, scope: str) -> Iterator[Occurrence]:
        for scalar in _scalars(value):
            yield from self._within(scalar, scope, re.compile(r"(?s).*"))

    def _within(self, scalar: Scalar, scope: str, where: re.Pattern[str]) -> Iterator[Occurrence]:
        """The names in the parts of a scalar that are expressions."""
        for part in where.finditer(scalar.text):
            for match in _IDENTIFIER.finditer(scalar.text, part.start(), part.end()):
                symbol = self._symbol(match[0], scope)
                if symbol is not None:
                    yield Occurrence(symbol, offset(scalar, match.start(), len(match[0])))

    def _symbol(self, name: str, scope: str) -> Symbol | None:
        """What a word in an expression means: a parameter, or a block that one is set to."""
        if name in reserved():
            return None
        signature = self._blocks.get(scope)
        if signature is not None and name in signature.parameters:
            return Symbol("parameter", scope, name)
        if name in self._params:
            return Symbol("parameter", TOP, name)
        return Symbol("block", TOP, name) if name in self._blocks else None


def _tensor_fields(kind: str) -> frozenset[str]:
    if kind not in LAYERS:
        return frozenset()
    accepted = LAYERS[kind].accepted().items()
    return frozenset(name for name, accepts in accepted if isinstance(accepts, ReferenceField))


def _defined(node: Node) -> Iterator[str]:
    """The names that items define, at any depth of one list."""
    waiting: list[Node] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Sequence):
            waiting += part.items
        elif isinstance(part, Mapping):
            name = part.get("name")
            if isinstance(name, Scalar) and "{" not in name.text:
                yield name.text
            waiting += [value for _, value in part.entries.values()]


def _scalars(node: Node) -> Iterator[Scalar]:
    waiting: list[Node] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Scalar):
            yield part
        elif isinstance(part, Sequence):
            waiting += part.items
        else:
            waiting += [value for _, value in part.entries.values()]
