"""What a check says: a place, a reason, and what would fix it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cnncalc.errors import Span
from cnncalc.records import NamedTuple

Severity: TypeAlias = Literal["error", "warning", "note"]


class Edit(NamedTuple):
    """Text in place of what a span covers; of width 0: before its column; one past the line: with its line break."""

    span: Span
    text: str


class Fix(NamedTuple):
    """What would fix a finding, in words; with edits where they are safe: the network stays what its author meant."""

    words: str
    edits: tuple[Edit, ...] = ()


class Observation(NamedTuple):
    """One thing that a rule has to say of one network. `nodes`: the layers meant, the first foremost."""

    rule: str
    message: str
    span: Span | None
    nodes: tuple[str, ...] = ()
    fix: Fix | None = None


class Finding(NamedTuple):
    """What a check says of one place in a spec.

    `level`: how much it counts. `span`: the place, None where the text shows none. `nodes`: the names of all layers
    that it is true of. `variants`: those in which it is found, empty where that is all; `default` is the spec as it is.
    """

    rule: str
    level: Severity
    message: str
    span: Span | None = None
    nodes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    fix: Fix | None = None
