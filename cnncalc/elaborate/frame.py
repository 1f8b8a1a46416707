"""Names of tensors: one frame per block instance, resolved outward, unique inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.document.types import Block
from cnncalc.errors import Fault, Span, SpecError
from cnncalc.suggest import nearest


class Frame:
    """The names inside one instance of a block (or at the top): tensors, and the frames of the instances within."""

    __slots__ = ("arguments", "block", "children", "counts", "frozen", "parent", "path", "shares", "spans", "tensors")

    def __init__(self, path: str, parent: Frame | None, shares: Frame | None = None, frozen: bool = False) -> None:
        self.path = path
        self.parent = parent
        self.tensors: dict[str, str] = {}
        self.spans: dict[str, Span] = {}
        self.children: dict[str, Frame] = {}
        self.counts: dict[str, int] = {}
        self.shares = shares  # the instance whose weights this one uses
        self.frozen: bool = frozen or (parent is not None and parent.frozen)
        self.block: Block | None = None
        self.arguments: dict[str, object] = {}

    def full(self, name: str) -> str:
        """The name as it reads from the top."""
        return f"{self.path}.{name}" if self.path else name

    def ordinal(self, kind: str) -> str:
        """`conv2` for the second conv in this frame; named ones count too."""
        number = self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{number}"

    def child(self, name: str, shares: Frame | None = None, frozen: bool = False) -> Frame:
        """The frame of an instance within this one; made where it is not there yet (repeats come back to theirs)."""
        found = self.children.get(name)
        if found is None:
            if shares is None and self.shares is not None:
                shares = self.shares.children.get(name)
            found = self.children[name] = Frame(self.full(name), self, shares, frozen)
        return found

    def define(self, name: str, tensor: str, span: Span) -> None:
        """Give a tensor a name; a name may be given once (a repeat's own level is redefined by its next turn)."""
        taken = self.spans.get(name)
        if taken is not None:
            raise SpecError([_taken(name, taken, span)])
        self.tensors[name] = tensor
        self.spans[name] = span

    def advance(self, name: str, tensor: str) -> None:
        """What leaves the level of a repeat is what leaves its latest turn."""
        self.tensors[name] = tensor

    def outward(self) -> Iterator[Frame]:
        """This frame, then those around it."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent

    def tensor(self, reference: str) -> str | None:
        """The tensor of a dotted name, looked for here, then outward."""
        *levels, last = reference.split(".")
        for frame in self.outward():
            inner = frame.descend(levels)
            if inner is not None and last in inner.tensors:
                return inner.tensors[last]
        return None

    def instance(self, reference: str) -> Frame | None:
        """The instance of a dotted name, looked for here, then outward."""
        for frame in self.outward():
            found = frame.descend(reference.split("."))
            if found is not None:
                return found
        return None

    def descend(self, levels: list[str]) -> Frame | None:
        """The frame below, level by level."""
        frame: Frame | None = self
        for level in levels:
            frame = frame.children.get(level) if frame else None
        return frame

    def visible(self) -> list[str]:
        """All simple names that a reference from here can begin with."""
        return [name for frame in self.outward() for name in frame.tensors]


def pattern(glob: str) -> re.Pattern[str]:
    """`unit.*.skip` as a pattern over full names: a star stays within its level."""
    return re.compile("".join("[^.]*" if c == "*" else "[^.]" if c == "?" else re.escape(c) for c in glob))


def unknown(frame: Frame, reference: str, span: Span) -> SpecError:
    """The fault of a reference to nothing."""
    near = nearest(reference, frame.visible())
    hint = f"did you mean '{near}'?" if near else "only layers above can be named"
    return SpecError([Fault(f"no earlier layer is named '{reference}'", span, hint)])


def _taken(name: str, taken: Span, span: Span) -> Fault:
    if taken == span:
        return Fault(f"the name '{name}' comes up again in a repeat", span, f"put the index into it, as in '{name}{{i}}'")
    hint = "names are unique in a block; an unnamed layer is called by its kind and its ordinal"
    return Fault(f"the name '{name}' is taken by line {taken.line}", span, hint)
