"""Names items, and resolves references to tensors."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.document.reader import offset
from cnncalc.document.types import Document, Item, Reference
from cnncalc.document.words import is_name
from cnncalc.elaborate.frame import Frame
from cnncalc.elaborate.limits import Budget
from cnncalc.elaborate.repeats import turns
from cnncalc.elaborate.scope import Scope
from cnncalc.errors import ExpressionError, Fault, Span, SpecError
from cnncalc.expression.evaluation import interpolate
from cnncalc.layers.layer import Shape
from cnncalc.limits import LONGEST_NAME
from cnncalc.records import NamedTuple

Tensors = tuple[str, ...]
_EFFORT_OF_A_TURN = 16  # a name is computed and looked up


class Place(NamedTuple):
    """Where an item is: its frame, its name there, and its full name."""

    frame: Frame
    name: str
    full: str
    span: Span


class Turn(NamedTuple):
    """One iteration of a repeat, and the frame opened by the repeat's name, if it has a fixed one."""

    level: Frame | None
    number: int


class Names:
    """All names of one expansion."""

    def __init__(self, document: Document, inputs: dict[str, Shape], budget: Budget) -> None:
        self.top = Frame("", None)
        self._document = document
        self._budget = budget
        self.named: dict[str, str] = {name: name for name in inputs}  # full name → tensor, in the order of definition
        self.top.tensors.update(self.named)
        self.defined: list[str] = list(inputs)  # the full names, in the order of definition
        self.outermost = 0  # the depth of the outermost frame in which a name was resolved
        self.further: Callable[[str, str, Span], str | None] = lambda tensor, output, span: None

    def place(self, item: Item, kind: str, scope: Scope, frame: Frame, turn: Turn | None) -> Place:
        """The place of an item, with its name claimed: the given name, or kind and ordinal; the index inside a named
        repeat.
        """
        name = frame.ordinal(kind)
        given = item.name
        if turn is not None and turn.level is not None:
            frame, name = turn.level, str(turn.number)
        elif given is not None:
            name = self.given(given, scope)
        span = item.span
        frame.claim(name, given.span if given else span)
        return Place(frame, name, frame.full(name), span)

    def level(self, item: Item, scope: Scope, frame: Frame) -> Frame | None:
        """The frame opened by a repeat with one name: `layer1.0`, `layer1.1`; None if each iteration has its own
        name.
        """
        if item.name is None or item.repeat is None or not item.name.reads.isdisjoint(item.repeat.names):
            return None
        name = self.given(item.name, scope)
        frame.claim(name, item.name.span)
        return frame.child(name)

    def given(self, reference: Reference, scope: Scope) -> str:
        """The name given to an item, evaluated and checked."""
        name = self.interpolate_reference(reference, scope)
        if "{" in reference.text and not is_name(name):
            raise SpecError(
                [Fault(f"name: '{name}' is not a valid name: use letters, digits, _ and -", reference.span)]
            )
        return name

    def define(self, place: Place, tensor: str) -> None:
        """Bind a name to a tensor."""
        frame, name, full, span = place
        frame.tensors[name] = tensor
        self.named[full] = tensor
        self.defined.append(full)
        if tensor is not full:
            self._budget.letters(full, span)

    def advance(self, level: Frame, tensor: str) -> None:
        """Bind the name of a repeat to the output of its latest iteration."""
        assert level.parent is not None
        level.parent.tensors[level.path.rpartition(".")[2]] = tensor
        if level.path not in self.named:
            self.defined.append(level.path)
        self.named[level.path] = tensor

    def interpolate_reference(self, reference: Reference, scope: Scope) -> str:
        """The text of a name or reference with its `{expressions}` evaluated."""
        return self._interpolate(reference.text, reference, scope)

    def _interpolate(self, text: str, reference: Reference, scope: Scope) -> str:
        """A text at the beginning of a reference with its `{expressions}` evaluated."""
        if "{" not in text:
            return text
        try:
            name = interpolate(text, scope)
        except ExpressionError as error:
            place = offset(reference.scalar, error.offset, error.width)
            raise SpecError([Fault(error.message, place, error.hint)]) from None
        if len(name) > LONGEST_NAME:
            raise SpecError([Fault(f"the name is longer than {LONGEST_NAME} characters", reference.span)])
        return name

    def resolve(self, reference: Reference, scope: Scope, frame: Frame) -> Tensors:
        """The tensors that a reference names: one, all that match a glob, in order of definition, all of a loop, or all
        that a parameter of the block has.
        """
        if reference.loop is None:
            return self._resolve_name(self.interpolate_reference(reference, scope), reference, frame)
        tensors: list[str] = []
        for bound in turns(reference.loop.repeat, scope, self._budget, "for"):
            self._budget.effort(_EFFORT_OF_A_TURN, reference.span)
            name = self._interpolate(reference.loop.name, reference, scope.with_values(bound))
            tensors += self._resolve_name(name, reference, frame)
        return tuple(tensors)

    def resolve_one(self, reference: Reference, scope: Scope, frame: Frame, what: str) -> str:
        """The tensor that a reference names, where only one is possible."""
        tensors = self.resolve(reference, scope, frame)
        if len(tensors) != 1:
            named = f"'{reference.text}' is {len(tensors)} tensors"
            raise SpecError([Fault(f"{what}: expected one tensor, but {named}", reference.span)])
        return tensors[0]

    def _resolve_name(self, name: str, reference: Reference, frame: Frame) -> Tensors:
        if "*" in name or "?" in name:
            return self._match_glob(name, reference, frame)
        tensors = self._look_up(name, frame)
        tensors = self._further(name, reference, frame) if tensors is None else tensors
        if tensors is None:
            from cnncalc.elaborate.missing import unknown_name

            raise unknown_name(self._document, frame, self.named, name, reference)
        return tensors

    def _look_up(self, name: str, frame: Frame) -> Tensors | None:
        """The tensors of a name, seen from a frame."""
        found = frame.lookup(name)
        if found is None:
            return None
        tensors, depth = found
        self.outermost = min(self.outermost, depth)
        return tensors

    def _further(self, name: str, reference: Reference, frame: Frame) -> Tensors | None:
        """The tensor of a further output, such as `memory.h_n`; None if no earlier layer has one."""
        layer, _, output = name.rpartition(".")
        tensors = self._look_up(layer, frame) if layer else None
        if tensors is None or len(tensors) != 1:
            return None
        output_name = self.further(tensors[0], output, reference.span)
        if output_name is None:
            return None
        self.named[output_name] = output_name
        self.outermost = 0  # it becomes a node next to a layer that may be anywhere
        return (output_name,)

    def _match_glob(self, glob: str, reference: Reference, frame: Frame) -> Tensors:
        for around in frame.outward():
            self._budget.work(len(self.named), reference.span)
            matches = matcher(around.full(glob))
            tensors = tuple(tensor for full, tensor in self.named.items() if matches(full))
            if tensors:
                self.outermost = min(self.outermost, around.depth)
                return tensors
        raise SpecError([Fault(f"no earlier layer matches '{glob}'", reference.span, "a * matches within one level")])


def matcher(glob: str) -> Callable[[str], bool]:
    """A predicate for full names that match a glob such as `unit.*.skip`; a star stays within its level."""
    from fnmatch import translate  # its patterns never backtrack: 20 stars take no longer than one
    from re import compile as pattern

    levels = [pattern(translate(level.replace("[", "[[]"))).match for level in glob.split(".")]

    def matches(full: str) -> bool:
        parts = full.split(".")
        return len(parts) == len(levels) and all(level(part) for level, part in zip(levels, parts, strict=True))

    return matches
