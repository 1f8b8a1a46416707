"""The parameters of a class: what differs from instance to instance, said by as few names as can be found.

A value of the code is a column: what it is in each instance. A column that is the same everywhere is a number in the
code; one that is `4 * width` everywhere is that, where `width` is an argument of the block in the spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any, NamedTuple

from cnncalc.exporters.source.identifiers import OF_MODULES, Names, variable
from cnncalc.pytorch.recipes.code import literal

ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()
NATURAL = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "kernel_size": 1}  # what a signature may default to
FACTORS = range(2, 65)

Column = Sequence[Any]


class Parameter(NamedTuple):
    """A parameter of a constructor, and what is given for it in each instance."""

    name: str
    annotation: str
    default: str
    value: Any  # the default
    column: Column


class Said(NamedTuple):
    """An expression: its text, in which {0} and {1} stand for names, and the names."""

    text: str
    names: tuple[str, ...]


class Parameters:
    """The names that a class may use, and those that it has used."""

    def __init__(self, known: Sequence[dict[str, Any]], taken: set[str]) -> None:
        self.count = len(known)
        self.names = Names({*taken, *OF_MODULES})
        self.columns: dict[str, Column] = {}
        self.titles: dict[str, str] = {}  # the name in the spec → the name in the code
        for name in known[0]:
            if all(name in each for each in known):
                self._learn(name, [_number(each[name]) for each in known])
        self.used: dict[str, None] = {}
        self.stored: dict[str, None] = {}
        self.added: set[str] = set()

    def _learn(self, name: str, column: Column) -> None:
        """Take a name for what differs; one that says what another says already is not needed."""
        if all(_is_value(value) for value in column) and not _constant(column) and column not in self.columns.values():
            self.columns[name] = column
            self.titles[name] = self.names.give(variable(name))

    def express(self, column: Column, hint: str, *, stored: bool = False) -> str:
        """The code of a column; in a forward pass, what it needs is stored by the constructor."""
        present = [value for value in column if value is not ABSENT]
        if _constant(present) and not (len(present) < len(column) and self._is_entering(column, hint)):
            return literal(present[0])
        said = self._say(column, hint)
        if said is None and _tuples(present):
            parts = list(zip(*(v if v is not ABSENT else (ABSENT,) * len(present[0]) for v in column), strict=True))
            each = [_constant([v for v in part if v is not ABSENT]) or self._say(part, hint) for part in parts]
            if all(each):
                return f"({', '.join(self.express(part, hint, stored=stored) for part in parts)})"
        return self._text(said or self._add(column, hint), stored)

    def _is_entering(self, column: Column, hint: str) -> bool:
        """Whether a number that only some instances need is the channels that flow in, there."""
        entering = self.columns.get("in_channels")
        pairs = zip(column, entering or (), strict=False)
        return hint == "in_channels" and bool(entering) and all(a in (b, ABSENT) for a, b in pairs)

    def condition(self, column: Sequence[bool], hint: str, *, stored: bool = False, joined: bool = False) -> str:
        """The code that is true in some instances and false in the others."""
        said = next((said for said, truth in self._conditions(joined) if truth == list(column)), None)
        return self._text(said or self._add(list(column), hint), stored)

    def signature(self) -> list[Parameter]:
        """The parameters used, those with a default last."""
        order = [name for name in self.columns if name in self.used]
        found = [self._parameter(name) for name in order]
        return sorted(found, key=lambda parameter: bool(parameter.default))

    def _parameter(self, name: str) -> Parameter:
        column = self.columns[name]
        value = NATURAL.get(name, ABSENT)
        if all(isinstance(entry, bool) for entry in column):
            value = max(column, key=list(column).count)
        default = literal(value) if value in column else ""
        return Parameter(self.titles[name], annotation(column), default, value, column)

    def _text(self, said: Said, stored: bool) -> str:
        titles = []
        for name in said.names:
            base = name.partition("[")[0]
            self.used[base] = None
            if stored:
                self.stored[base] = None
            titles.append(("self." if stored else "") + self.titles[base] + name[len(base) :])
        return said.text.format(*titles)

    def _add(self, column: Column, hint: str) -> Said:
        """A parameter of its own, since nothing known says it."""
        filled = [next(v for v in column if v is not ABSENT) if value is ABSENT else value for value in column]
        for name in self.added:
            if self.columns[name] == filled:
                return Said("{0}", (name,))
        name = hint
        while name in self.columns:
            name += "_"
        self._learn(name, filled)
        self.columns.setdefault(name, filled)
        self.titles.setdefault(name, self.names.give(variable(name)))
        self.added.add(name)
        return Said("{0}", (name,))

    # --- what columns are --------------------------------------------------------------------------------------------

    def _say(self, column: Column, hint: str) -> Said | None:
        at = [i for i, value in enumerate(column) if value is not ABSENT]
        target = [column[i] for i in at]
        atoms = [(name, [values[i] for i in at]) for name, values in self._atoms(hint)]
        for name, values in atoms:
            if values == target and all(type(a) is type(b) for a, b in zip(values, target, strict=True)):
                return Said("{0}", (name,))
        if not all(type(value) is int for value in target):
            return None
        whole = [(name, values) for name, values in atoms if all(type(value) is int for value in values)]
        if hint not in NATURAL:  # nobody computes channels from a stride
            whole = [(name, values) for name, values in whole if name not in NATURAL]
        return next((said for said, values in _derived(whole) if values == target), None)

    def _atoms(self, hint: str) -> Iterator[tuple[str, Column]]:
        """Names and entries of lists, the likeliest first: what is called as the field is, then in the spec's order."""
        names = sorted(self.columns, key=lambda name: (name != hint, name == "in_channels"))
        for name in names:
            column = self.columns[name]
            if not all(isinstance(value, list) for value in column):
                yield name, column
                continue
            yield name, column
            for index in range(min(map(len, column))):
                yield f"{name}[{index}]", [value[index] for value in column]

    def _conditions(self, joined: bool) -> Iterator[tuple[Said, list[bool]]]:
        """Comparisons: one, or for a shortcut two, of a stride and of channels."""
        singles = list(self._comparisons())
        strides = [single for single in singles if single[0].names[0] == "stride"]
        others = [single for single in singles if len(single[0].names) == 2]
        for one, other in product(strides, others) if joined else ():
            if "!=" in one[0].text and "!=" in other[0].text:
                yield _both("or", one, other)
            elif "==" in one[0].text and "==" in other[0].text:
                yield _both("and", one, other)
        yield from singles
        for one, other in combinations(singles, 2):
            yield _both("or", one, other)
            yield _both("and", one, other)

    def _comparisons(self) -> Iterator[tuple[Said, list[bool]]]:
        """Of channels that differ, of numbers, then of channels that are equal."""
        whole = [(name, column) for name, column in self._atoms("") if all(type(value) is int for value in column)]
        equal = []
        for said, column in self._leaving(whole):
            text, names = said.text.replace("{0}", "{1}"), ("in_channels", *said.names)
            differs = [a != b for a, b in zip(self.columns["in_channels"], column, strict=True)]
            yield Said("{0} != " + text, names), differs
            equal.append((Said("{0} == " + text, names), [not truth for truth in differs]))
        for name, column in sorted(whole, key=lambda one: one[0] != "in_channels"):
            numbers = [(str(number), [value != number for value in column]) for number in sorted(set(column))]
            yield from ((Said("{0} != " + text, (name,)), differs) for text, differs in numbers)
            yield from ((Said("{0} == " + text, (name,)), [not d for d in differs]) for text, differs in numbers)
        yield from equal

    def _leaving(self, whole: list[tuple[str, Column]]) -> Iterator[tuple[Said, Column]]:
        """What may be compared with the channels that flow in."""
        if "in_channels" in self.columns:
            others = [(name, column) for name, column in whole if name != "in_channels" and name not in NATURAL]
            yield from ((Said("{0}", (name,)), column) for name, column in others)
            yield from ((said, column) for said, column in _derived(others) if len(said.names) == 1)


def _both(word: str, one: tuple[Said, list[bool]], other: tuple[Said, list[bool]]) -> tuple[Said, list[bool]]:
    (left, these), (right, those) = one, other
    shift = len(left.names)
    text = right.text
    for index in reversed(range(len(right.names))):
        text = text.replace(f"{{{index}}}", f"{{{index + shift}}}")
    truth = [a or b if word == "or" else a and b for a, b in zip(these, those, strict=True)]
    return Said(f"{left.text} {word} {text}", left.names + right.names), truth


def _derived(atoms: Sequence[tuple[str, Column]]) -> Iterator[tuple[Said, list[int]]]:
    """What simple arithmetic makes of the names."""
    for name, column in atoms:
        for factor in FACTORS:
            yield Said(f"{factor} * {{0}}", (name,)), [factor * value for value in column]
        for divisor in range(2, 17):
            yield Said(f"{{0}} // {divisor}", (name,)), [value // divisor for value in column]
    for (one, these), (other, those) in combinations(atoms, 2):
        yield Said("{0} * {1}", (one, other)), [a * b for a, b in zip(these, those, strict=True)]
        yield Said("{0} + {1}", (one, other)), [a + b for a, b in zip(these, those, strict=True)]


def _constant(column: Column) -> bool:
    return all(type(value) is type(column[0]) and value == column[0] for value in column)


def _tuples(column: Column) -> bool:
    return all(isinstance(value, tuple) for value in column) and len(set(map(len, column))) == 1


def _number(value: Any) -> Any:  # noqa: ANN401
    """An argument of the spec as Python writes it."""
    if isinstance(value, Fraction):
        return float(value)
    return [_number(entry) for entry in value] if isinstance(value, list) else value


def _is_value(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, list | tuple):
        return all(map(_is_value, value))
    return isinstance(value, int | float | str) or value is None


def annotation(column: Column) -> str:
    """The type of all values of a column."""
    kinds = dict.fromkeys(_type(value) for value in column)
    if {"int", "float"} == set(kinds):
        return "float"
    return " | ".join(sorted(kinds, key=lambda kind: (kind == "None", len(kind))))


def _type(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list):
        return f"list[{annotation(value) if value else 'int'}]"
    if isinstance(value, tuple):
        return f"tuple[{annotation(value)}, ...]" if value else "tuple[()]"
    return "None" if value is None else type(value).__name__
