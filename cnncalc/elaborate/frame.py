"""Scopes of names: one frame per block instance, repeat or shortcut, looked up from the inside out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import ref

from cnncalc.document.types import Block
from cnncalc.errors import Fault, Span, SpecError
from cnncalc.records import EMPTY, NamedTuple


class Model(NamedTuple):
    """The frame whose names another one takes over when they are first read, the tensor that enters it, and the tensor
    that enters the other.
    """

    frame: Frame
    entering: str
    replacement: str


class Frame:
    """The names inside one block instance (or the top level): its tensors, and the frames of inner instances."""

    __slots__ = (
        "__weakref__", "_parent", "arguments", "block", "children", "counts", "depth", "entering", "given",
        "model", "path", "shares", "spans", "tensors",
    )  # fmt: skip

    def __init__(self, path: str, parent: Frame | None, shares: Frame | None = None) -> None:
        self.path = path
        self._parent = ref(parent) if parent else None  # which keeps it alive
        self.tensors: dict[str, str] = {}
        self.spans: dict[str, Span] = {}  # where each name was defined; network inputs are not included
        self.children: dict[str, Frame] = {}
        self.counts: dict[str, int] = {}
        self.shares = shares  # the instance whose weights this one uses
        self.block: Block | None = None
        self.arguments: dict[str, object] = {}
        self.given: Mapping[str, tuple[str, ...]] = EMPTY  # tensor parameter of the block → tensors
        self.entering: Mapping[str, tuple[str, ...]] = EMPTY  # the same for those that are the block's own input
        self.depth: int = parent.depth + 1 if parent else 0
        self.model: Model | None = None

    @property
    def parent(self) -> Frame | None:
        """The enclosing frame; None at the top level."""
        return self._parent() if self._parent else None

    def full(self, name: str) -> str:
        """The dotted name from the top level."""
        return f"{self.path}.{name}" if self.path else name

    def ordinal(self, kind: str) -> str:
        """`conv2` for the second conv in this frame; named ones count too."""
        number = self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{number}"

    def claim(self, name: str, span: Span) -> None:
        """Reserve a name, which must be unique in the frame.

        Raises:
            SpecError: it is taken by an earlier item or by a network input.
        """
        if name in self.given or name in self.entering:
            raise SpecError([Fault(f"the name '{name}' is a parameter of the block", span, "choose another name")])
        if name in self.spans or name in self.tensors:
            raise SpecError([_fault_of_taken_name(self, name, self.spans.get(name), span)])
        self.spans[name] = span

    def child(self, name: str, shares: Frame | None = None) -> Frame:
        """The inner frame with this name, created on first use."""
        child = self.children.get(name)
        if child is None:
            if shares is None and self.shares is not None:
                shares = self.shares.descend([name])
            child = self.children[name] = Frame(self.full(name), self, shares)
        return child

    def outward(self) -> Iterator[Frame]:
        """This frame, then its enclosing frames."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent

    def lookup(self, reference: str) -> tuple[tuple[str, ...], int] | None:
        """The tensor with this dotted name, or those of a block's parameter, searched from this frame outward, and the
        depth at which the search ended, which is outside the block for its parameter; None if there is none.
        """
        *levels, last = reference.split(".")
        for frame in self.outward():
            if not levels and last in frame.given:
                return frame.given[last], frame.depth - 1
            if not levels and last in frame.entering:
                return frame.entering[last], frame.depth
            inner = frame.descend(levels)
            if inner is not None and last in inner.tensors:
                return (inner.tensors[last],), frame.depth
        return None

    def instance(self, reference: str) -> Frame | None:
        """The frame with this dotted name, searched from this frame outward; None if there is none."""
        levels = reference.split(".")
        return next((inner for frame in self.outward() if (inner := frame.descend(levels))), None)

    def descend(self, levels: list[str]) -> Frame | None:
        """The inner frame reached by these names, one level each; None if there is none."""
        frame: Frame | None = self
        for level in levels:
            frame = frame.children.get(level) if frame else None
            if frame is not None and frame.model is not None:
                frame.fill(frame.model)
        return frame

    def fill(self, model: Model) -> None:
        """Take over the names of a frame with the same content, with this frame's path."""
        self.model = None
        frame, entering, replacement = model
        start = len(frame.path)
        for name, tensor in frame.tensors.items():
            self.tensors[name] = replacement if tensor == entering else self.path + tensor[start:]
        for name, child in frame.children.items():
            if child.model is not None:
                child.fill(child.model)
            copy = self.children[name] = Frame(self.full(name), self)
            copy.block, copy.arguments, copy.model = child.block, child.arguments, Model(child, entering, replacement)


def _fault_of_taken_name(frame: Frame, name: str, taken: Span | None, span: Span) -> Fault:
    if taken is None:
        return Fault(f"the name '{name}' is already an input of the network", span, "choose another name")
    if taken == span:
        return Fault(f"the name '{name}' recurs in a repeat", span, f"include the index: {name}{{i}}")
    within = f" of {frame.path}" if frame.path else ""
    hint = "names are unique in a block; an unnamed layer gets its kind and a number"
    return Fault(f"the name '{name}'{within} is already taken on line {taken.line}", span, hint)
