"""Reads lists of references: names of earlier tensors, and names computed in a loop (`skip{i} for i in 20`)."""

from __future__ import annotations

import re

from cnncalc.document.reader import Reader, offset
from cnncalc.document.types import Loop, Reference, Repeat
from cnncalc.records import replace
from cnncalc.source.reading import Mapping, Node, Scalar, Sequence

_LOOP = r"(?s)(?P<name>\S.*?)\s+for\s+(?P<names>\S.*?)\s+in\s+(?P<over>\S.*?)\s*"
_RANGE = r"range\s*\((?P<count>[^,]*)\)"
LIKE = '"skip{i} for i in 20"'


def read_references(reader: Reader, node: Node, what: str) -> tuple[Reference, ...]:
    """One name or a list of names of earlier tensors, each possibly computed in a loop."""
    nodes = node.items if isinstance(node, Sequence) else [node]
    if not nodes:
        reader.fault(f"{what}: the list is empty", node.span, "name at least one earlier layer")
    names = [_read_entry(reader, entry, what) for entry in nodes]
    return tuple(name for name in names if name is not None)


def _read_entry(reader: Reader, node: Node, what: str) -> Reference | None:
    if isinstance(node, Mapping) and node.flow:
        reader.fault(f"{what}: expected the name of an earlier layer", node.span, f"quote a name with braces: {LIKE}")
        return None
    if isinstance(node, Scalar) and (match := re.fullmatch(_LOOP, node.text)):
        return _read_loop(reader, node, match, what)
    return reader.reference(node, what)


def _read_loop(reader: Reader, scalar: Scalar, match: re.Match[str], what: str) -> Reference | None:
    """The names that a loop computes: `name` for every value that `names` take from `over`."""
    place = offset(scalar, match.start("names"), len(match["names"]))
    names = tuple(match["names"].split())
    if sum(reader.identifier(name, f"{what}: for", place) for name in names) < len(names):
        return None
    over = _part(scalar, match, "over")
    if counted := re.fullmatch(_RANGE, over.text):
        reader.fault(
            f"{what}: range is not a function here", over.span, f"write 'in {counted['count']}': it counts from 0"
        )
        return None
    template = reader.value(over, what)
    inner = reader.with_names(names)
    reference = inner.reference(_part(scalar, match, "name"), what)
    if reference is None or template is None or inner.unknown_names(reference.reads):
        return None
    unused = [name for name in names if name not in reference.reads]
    if len(unused) == len(names):
        hint = f"use it in braces, as in {LIKE}"
        reader.fault(
            f"{what}: the name does not depend on '{unused[0]}', so it would be the same each time", place, hint
        )
        return None
    outer = (reference.reads - set(names)) | getattr(getattr(template, "expression", None), "names", frozenset())
    return replace(reference, scalar=scalar, reads=outer, loop=Loop(match["name"], Repeat(names, template, place)))


def read_one(reader: Reader, node: Node, what: str) -> Reference | None:
    """The name of one earlier tensor, where a loop is not possible."""
    if isinstance(node, Scalar) and re.fullmatch(_LOOP, node.text):
        reader.fault(f"{what}: expected one name, but 'for' computes several", node.span)
        return None
    return reader.reference(node, what)


def _part(scalar: Scalar, match: re.Match[str], group: str) -> Scalar:
    """A part of a scalar as one of its own, at its place."""
    text = match[group]
    return Scalar(text, offset(scalar, match.start(group), len(text)), False, text)
