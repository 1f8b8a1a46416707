"""Builds nodes of a spec at places of another text."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Span
from cnncalc.source.builder import plain_value
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence

Built: TypeAlias = "Node | str | int | Fraction | bool | MappingOf[str, Built] | SequenceOf[Built] | None"


def build(value: Built, span: Span) -> Node:
    """The node of plain data whose parts have no places of their own; nodes in it keep theirs."""
    if isinstance(value, Scalar | Sequence | Mapping):
        return value
    if isinstance(value, MappingOf):
        entries = {key: (word(key, span), build(each, span)) for key, each in value.items()}
        return Mapping(entries, span, flow=False)
    if isinstance(value, str) or value is None:
        return word(value or "", span)
    if isinstance(value, SequenceOf):
        return Sequence([build(each, span) for each in value], span, flow=True)
    if isinstance(value, bool):
        return Scalar(str(value).lower(), span, False, value)
    return Scalar(str(value), span, False, value)


def word(text: str, span: Span) -> Scalar:
    """A word, a number or an expression."""
    return Scalar(text, span, False, plain_value(text))


def name(text: str, span: Span) -> Scalar:
    """A name, which may consist of digits."""
    return Scalar(text, span, True, text)
