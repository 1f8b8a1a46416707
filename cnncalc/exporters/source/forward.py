"""Write the forward pass: decide which steps share a line, and name the tensors between lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from cnncalc.exporters.source.identifiers import Names, variable
from cnncalc.exporters.source.layout import WIDTH
from cnncalc.exporters.source.steps import OUTSIDE, Ref, Step
from cnncalc.pytorch.recipes.code import Bracketed, Doc, flat
from cnncalc.pytorch.recipes.terms import Arg, Call, Indexed, Infix, Listed, Method, Own, Read, Term

RETURN: Literal["return"] = "return"
REUSED = ("x", "out", "y", "z")
DEEPEST = 3  # nested calls on one line
MOST_READ = 64  # tensors that a step may read for others to be nested in its code
INDENT = 8
OPENING = ("{", "torch.cat(")  # code that may contain other calls and span several lines

Render = Callable[[Step, list[Doc]], Doc]


class Forward:
    """The statements of a forward pass; `steps` are the live steps, return steps included."""

    def __init__(
        self,
        steps: Sequence[Step],
        arguments: list[str],
        render: Render,
        names: Names,
        titles: dict[Ref, str],
        optional: set[str],
    ) -> None:
        self.steps = steps
        self.arguments = arguments
        self.render = render
        self.reserved = names
        self.titles = titles  # preferred names of tensors
        self.optional = optional  # steps that only some instances take
        self.numbers = {step.name: number for number, step in enumerate(steps)}
        self.readers: dict[Ref, list[int]] = {}
        for number, step in enumerate(steps):
            for ref in step.reads:
                self.readers.setdefault(ref, []).append(number)
        self.joined = {number for number in range(len(steps)) if self._may_join(number)}

    def statements(self) -> list[tuple[Step, str, Doc]]:
        """Return every statement: its step, the names it assigns ("" for a return), and its code."""
        while True:
            self._settle_joined()
            statements, crowded = self._write()
            if not crowded:
                return statements
            self.joined -= crowded

    # --- which steps share a line ------------------------------------------------------------------------------------

    def _reader(self, number: int) -> int:
        return self.readers[self.steps[number].name, 0][0]

    def _may_join(self, number: int) -> bool:
        """Return whether a step may be nested in the code of its only reader."""
        step = self.steps[number]
        readers = self.readers.get((step.name, 0), [])
        if step.results != 1 or len(readers) != 1 or step.role == RETURN:
            return False
        reader = self.steps[readers[0]]
        if len(reader.reads) > MOST_READ:
            return False
        if reader.name in self.optional or (step.name in self.optional and reader.role != RETURN):
            return False
        if reader.training != step.training or occurrences(reader.run, reader.reads.index((step.name, 0))) != 1:
            return False
        if reader.role in ("wraps", RETURN):
            return not isinstance(step.run, Infix) or isinstance(reader.run, Call) or reader.role == RETURN
        return reader.role == "joins" and isinstance(step.run, Call)

    def _settle_joined(self) -> None:
        """Remove from `joined` the steps that would change the order of execution or nest calls too deep.

        The first such step goes, until there is none. Earlier steps depend on it only if they share its statement:
        they stand right before it, and are looked at again.
        """
        number = 0
        while number < len(self.steps):
            if number not in self.joined or self._may_stay(number):
                number += 1
                continue
            self.joined.remove(number)
            training = self.steps[number].training
            while number and (number - 1 in self.joined or self.steps[number - 1].training != training):
                number -= 1

    def _may_stay(self, number: int) -> bool:
        reader = self._reader(number)
        between = range(number + 1, reader)
        beside = (other for other in between if self.steps[other].training == self.steps[number].training)
        if any(self._statement(other) != self._statement(reader) for other in beside):
            return False
        within = [n for ref in self.steps[reader].reads if (n := self._number(ref)) in self.joined]
        limit = 1 if self.steps[reader].role == "joins" else DEEPEST - (self.steps[reader].role != RETURN)
        return within == sorted(within) and self._depth(number) <= limit

    def _number(self, ref: Ref) -> int:
        return self.numbers.get(ref[0], -1)

    def _statement(self, number: int) -> int:
        while number in self.joined:
            number = self._reader(number)
        return number

    def _depth(self, number: int) -> int:
        step = self.steps[number]
        inner = [self._depth(n) for ref in step.reads if (n := self._number(ref)) in self.joined]
        return 1 + max(inner, default=0)

    # --- names of tensors --------------------------------------------------------------------------------------------

    def _write(self) -> tuple[list[tuple[Step, str, Doc]], set[int]]:
        """Return the statements, and the steps that need a line of their own because their line is too long."""
        numbers = [number for number in range(len(self.steps)) if number not in self.joined]
        order = {number: position for position, number in enumerate(numbers)}
        last = {ref: max(order[self._statement(reader)] for reader in at) for ref, at in self.readers.items()}
        names: dict[Ref, str] = {(OUTSIDE, n): name for n, name in enumerate(self.arguments)}
        holders: dict[str, Ref] = {name: ref for ref, name in names.items()}
        free = Names(self.reserved.taken | {*self.arguments, *REUSED})
        statements: list[tuple[Step, str, Doc]] = []
        crowded = set()
        for position, number in enumerate(numbers):
            step = self.steps[number]
            doc = self._doc(number, names)
            targets = []
            for result in range(step.results if step.role != RETURN else 0):
                ref = (step.name, result)
                name = self._name(step, ref, position, last, holders, free)
                names[ref] = name
                holders[name] = ref
                targets.append(name)
            inner = self._inner(number)
            if inner and _is_crowded(step, doc, ", ".join(targets)):
                crowded.add(inner[-1])
            statements.append((step, ", ".join(targets), doc))
        return statements, crowded

    def _name(
        self, step: Step, ref: Ref, position: int, last: dict[Ref, int], holders: dict[str, Ref], free: Names
    ) -> str:
        until = last.get(ref, -1)
        if until < 0:
            return "_"
        if until <= position + 1:
            for name in REUSED:
                if name not in holders or last.get(holders[name], -1) <= position:
                    return name
        wanted = self.titles.get(ref) or (variable(step.name) if step.results == 1 and step.name else "skip")
        return free.give(wanted)

    def _inner(self, number: int) -> list[int]:
        return [n for ref in self.steps[number].reads if (n := self._number(ref)) in self.joined]

    def _doc(self, number: int, names: dict[Ref, str]) -> Doc:
        step = self.steps[number]
        reads: list[Doc] = []
        for ref in step.reads:
            producer = self._number(ref)
            reads.append(self._doc(producer, names) if producer in self.joined else names[ref])
        return self.render(step, reads)


def _is_crowded(step: Step, doc: Doc, targets: str) -> bool:
    """Return whether a statement with nested steps is too long and cannot be split well over several lines."""
    wide = INDENT + len(targets or "return") + len(" = ") + len(flat(doc)) > WIDTH
    return wide and not (isinstance(doc, Bracketed) and doc.head in OPENING and all(map(_fits, doc.items)))


def _fits(doc: Doc) -> bool:
    """Return whether an item fits on one line, or can be split over several."""
    return not isinstance(doc, str) or 2 * INDENT + len(doc) < WIDTH


def occurrences(term: Term | Arg | None, index: int) -> int:
    """Count how often a term reads the tensor with this index."""
    if isinstance(term, Read):
        return int(term.index == index)
    if isinstance(term, Own):
        return int(index == 0)
    if isinstance(term, Arg):
        return occurrences(term.term, index)
    parts: list[Term | Arg | None] = []
    if isinstance(term, Call):
        parts += term.arguments
    elif isinstance(term, Method):
        parts += (term.target, *term.arguments)
    elif isinstance(term, Listed | Infix):
        parts += term.items
    elif isinstance(term, Indexed):
        parts += (term.target, *(bound for part in term.parts for bound in part))
    return sum(occurrences(part, index) for part in parts)
