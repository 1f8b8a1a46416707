"""Find the parameters of a class: express the differences between its instances with as few names as possible.

Every value in the code is a column: its value in each instance. A constant column becomes a literal; one that equals
`4 * width` in every instance becomes that expression, where `width` is an argument of the block in the spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any, NamedTuple

from cnncalc.exporters.source.identifiers import OF_MODULES, Names, variable
from cnncalc.pytorch.recipes.code import literal

ABSENT: Any = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()
DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "kernel_size": 1}  # defaults in signatures
FACTORS = range(2, 65)

Column = Sequence[Any]


class Parameter(NamedTuple):
    """A parameter of a constructor, and its value in each instance."""

    name: str
    annotation: str
    default: str
    value: Any  # the default
    column: Column


class Formula(NamedTuple):
    """An expression: its text, with the placeholders {0} and {1}, and the names to put there."""

    text: str
    names: tuple[str, ...]


class Parameters:
    """The names that the code of a class may use, and those that it does use."""

    def __init__(self, known: Sequence[dict[str, Any]], taken: set[str]) -> None:
        self.count = len(known)
        self.names = Names({*taken, *OF_MODULES})
        self.columns: dict[str, Column] = {}
        self.titles: dict[str, str] = {}  # the name in the spec → the name in the code
        for name in known[0]:
            if all(name in each for each in known):
                self._name_column(name, [_number(each[name]) for each in known])
        self.used: dict[str, None] = {}
        self.stored: dict[str, None] = {}
        self.added: set[str] = set()

    def _name_column(self, name: str, column: Column) -> None:
        """Name a column that differs between instances, unless another name has the same column."""
        if (
            all(_is_value(value) for value in column)
            and not _is_constant(column)
            and column not in self.columns.values()
        ):
            self.columns[name] = column
            self.titles[name] = self.names.give(variable(name))

    def express(self, column: Column, hint: str, *, stored: bool = False) -> str:
        """Return the code of a column; `stored`: for the forward pass, from attributes set by the constructor."""
        present = [value for value in column if value is not ABSENT]
        if _is_constant(present) and not (len(present) < len(column) and self._is_input_channels(column, hint)):
            return literal(present[0])
        formula = self._find_formula(column, hint)
        if formula is None and _are_tuples(present):
            parts = list(zip(*(v if v is not ABSENT else (ABSENT,) * len(present[0]) for v in column), strict=True))
            each = [
                _is_constant([v for v in part if v is not ABSENT]) or self._find_formula(part, hint) for part in parts
            ]
            if all(each):
                return f"({', '.join(self.express(part, hint, stored=stored) for part in parts)})"
        return self._write(formula or self._add(column, hint), stored)

    def _is_input_channels(self, column: Column, hint: str) -> bool:
        """Return whether the column equals the input channels in every instance that has it."""
        input_channels = self.columns.get("in_channels")
        pairs = zip(column, input_channels or (), strict=False)
        return hint == "in_channels" and bool(input_channels) and all(a in (b, ABSENT) for a, b in pairs)

    def condition(self, column: Sequence[bool], hint: str, *, stored: bool = False, joined: bool = False) -> str:
        """Return a condition that is true in exactly the instances marked in the column."""
        formula = next((formula for formula, truth in self._conditions(joined) if truth == list(column)), None)
        return self._write(formula or self._add(list(column), hint), stored)

    def signature(self) -> list[Parameter]:
        """Return the parameters used, those with a default last."""
        order = [name for name in self.columns if name in self.used]
        parameters = [self._parameter(name) for name in order]
        return sorted(parameters, key=lambda parameter: bool(parameter.default))

    def _parameter(self, name: str) -> Parameter:
        column = self.columns[name]
        value = DEFAULTS.get(name, ABSENT)
        if all(isinstance(entry, bool) for entry in column):
            value = max(column, key=list(column).count)
        default = literal(value) if value in column else ""
        return Parameter(self.titles[name], annotation(column), default, value, column)

    def _write(self, formula: Formula, stored: bool) -> str:
        titles = []
        for name in formula.names:
            base = name.partition("[")[0]
            self.used[base] = None
            if stored:
                self.stored[base] = None
            titles.append(("self." if stored else "") + self.titles[base] + name[len(base) :])
        return formula.text.format(*titles)

    def _add(self, column: Column, hint: str) -> Formula:
        """Add a parameter for a column that no known name expresses."""
        filled = [next(v for v in column if v is not ABSENT) if value is ABSENT else value for value in column]
        for name in self.added:
            if self.columns[name] == filled:
                return Formula("{0}", (name,))
        name = hint
        while name in self.columns:
            name += "_"
        self._name_column(name, filled)
        self.columns.setdefault(name, filled)
        self.titles.setdefault(name, self.names.give(variable(name)))
        self.added.add(name)
        return Formula("{0}", (name,))

    # --- what columns are --------------------------------------------------------------------------------------------

    def _find_formula(self, column: Column, hint: str) -> Formula | None:
        at = [i for i, value in enumerate(column) if value is not ABSENT]
        target = [column[i] for i in at]
        atoms = [(name, [values[i] for i in at]) for name, values in self._atoms(hint)]
        for name, values in atoms:
            if values == target and all(type(a) is type(b) for a, b in zip(values, target, strict=True)):
                return Formula("{0}", (name,))
        if not all(type(value) is int for value in target):
            return None
        whole = [(name, values) for name, values in atoms if all(type(value) is int for value in values)]
        if hint not in DEFAULTS:  # nobody computes channels from a stride
            whole = [(name, values) for name, values in whole if name not in DEFAULTS]
        return next((formula for formula, values in _derive(whole) if values == target), None)

    def _atoms(self, hint: str) -> Iterator[tuple[str, Column]]:
        """Yield names and list entries, likeliest first: the one named like the field, then in the spec's order."""
        names = sorted(self.columns, key=lambda name: (name != hint, name == "in_channels"))
        for name in names:
            column = self.columns[name]
            if not all(isinstance(value, list) for value in column):
                yield name, column
                continue
            yield name, column
            for index in range(min(map(len, column))):
                yield f"{name}[{index}]", [value[index] for value in column]

    def _conditions(self, joined: bool) -> Iterator[tuple[Formula, list[bool]]]:
        """Yield comparisons and pairs of them; `joined`: first those of a stride and channels, as for shortcuts."""
        singles = list(self._comparisons())
        strides = [single for single in singles if single[0].names[0] == "stride"]
        others = [single for single in singles if len(single[0].names) == 2]
        for one, other in product(strides, others) if joined else ():
            if "!=" in one[0].text and "!=" in other[0].text:
                yield _combine("or", one, other)
            elif "==" in one[0].text and "==" in other[0].text:
                yield _combine("and", one, other)
        yield from singles
        for one, other in combinations(singles, 2):
            yield _combine("or", one, other)
            yield _combine("and", one, other)

    def _comparisons(self) -> Iterator[tuple[Formula, list[bool]]]:
        """Yield comparisons: channels that differ, then with numbers, then channels that are equal."""
        whole = [(name, column) for name, column in self._atoms("") if all(type(value) is int for value in column)]
        equal = []
        for formula, column in self._candidates(whole):
            text, names = formula.text.replace("{0}", "{1}"), ("in_channels", *formula.names)
            differs = [a != b for a, b in zip(self.columns["in_channels"], column, strict=True)]
            yield Formula("{0} != " + text, names), differs
            equal.append((Formula("{0} == " + text, names), [not truth for truth in differs]))
        for name, column in sorted(whole, key=lambda one: one[0] != "in_channels"):
            numbers = [(str(number), [value != number for value in column]) for number in sorted(set(column))]
            yield from ((Formula("{0} != " + text, (name,)), differs) for text, differs in numbers)
            yield from ((Formula("{0} == " + text, (name,)), [not d for d in differs]) for text, differs in numbers)
        yield from equal

    def _candidates(self, whole: list[tuple[str, Column]]) -> Iterator[tuple[Formula, Column]]:
        """Yield the expressions that may be compared with the input channels."""
        if "in_channels" in self.columns:
            others = [(name, column) for name, column in whole if name != "in_channels" and name not in DEFAULTS]
            yield from ((Formula("{0}", (name,)), column) for name, column in others)
            yield from ((formula, column) for formula, column in _derive(others) if len(formula.names) == 1)


def _combine(
    word: str, one: tuple[Formula, list[bool]], other: tuple[Formula, list[bool]]
) -> tuple[Formula, list[bool]]:
    (left, these), (right, those) = one, other
    shift = len(left.names)
    text = right.text
    for index in reversed(range(len(right.names))):
        text = text.replace(f"{{{index}}}", f"{{{index + shift}}}")
    truth = [a or b if word == "or" else a and b for a, b in zip(these, those, strict=True)]
    return Formula(f"{left.text} {word} {text}", left.names + right.names), truth


def _derive(atoms: Sequence[tuple[str, Column]]) -> Iterator[tuple[Formula, list[int]]]:
    """Yield simple arithmetic on the names: multiples, quotients, products and sums."""
    for name, column in atoms:
        for factor in FACTORS:
            yield Formula(f"{factor} * {{0}}", (name,)), [factor * value for value in column]
        for divisor in range(2, 17):
            yield Formula(f"{{0}} // {divisor}", (name,)), [value // divisor for value in column]
    for (one, these), (other, those) in combinations(atoms, 2):
        yield Formula("{0} * {1}", (one, other)), [a * b for a, b in zip(these, those, strict=True)]
        yield Formula("{0} + {1}", (one, other)), [a + b for a, b in zip(these, those, strict=True)]


def _is_constant(column: Column) -> bool:
    return all(type(value) is type(column[0]) and value == column[0] for value in column)


def _are_tuples(column: Column) -> bool:
    return all(isinstance(value, tuple) for value in column) and len(set(map(len, column))) == 1


def _number(value: Any) -> Any:  # noqa: ANN401
    """Return an argument of the spec as a Python value; a fraction becomes a float."""
    if isinstance(value, Fraction):
        return float(value)
    return [_number(entry) for entry in value] if isinstance(value, list) else value


def _is_value(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, list | tuple):
        return all(map(_is_value, value))
    return isinstance(value, int | float | str) or value is None


def annotation(column: Column) -> str:
    """Return the type annotation that covers all values of a column."""
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
