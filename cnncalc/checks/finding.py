"""Defines findings: a place, a reason, and a fix."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cnncalc.errors import Span
from cnncalc.records import NamedTuple

Severity: TypeAlias = Literal["error", "warning", "note"]


class Edit(NamedTuple):
    """A replacement for the text of a span; width 0 inserts, and a width one past the line includes the line break."""

    span: Span
    text: str


class Fix(NamedTuple):
    """A fix in words, with edits if they are safe, that is, if they preserve the intended network."""

    words: str
    edits: tuple[Edit, ...] = ()


class Observation(NamedTuple):
    """A fault that a rule reports in one network; `nodes` are the affected layers, the main one first."""

    rule: str
    message: str
    span: Span | None
    nodes: tuple[str, ...] = ()
    fix: Fix | None = None


class Finding(NamedTuple):
    """A fault reported at one place in a spec.

    `span` is None if the text has no place for it. `nodes` are the names of all affected layers. `variants` are those
    in which it occurs, empty if it occurs in all; `default` is the spec without a variant.
    """

    rule: str
    level: Severity
    message: str
    span: Span | None = None
    nodes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    fix: Fix | None = None
