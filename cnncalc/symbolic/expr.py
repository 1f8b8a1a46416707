"""Sizes: an `int`, or an `Expr`, an integer-valued function of symbols.

Python's operators work on both, so a rule written once gives a number for numbers and a closed form for symbols:

    >>> (symbol("H") + 2 * 0 - 11) // 4 + 1
    Expr('(H + 1)//4 - 1')

A result that reduces to a constant is an `int` again. A comparison is a bool if bounds decide it for all symbols ≥ 1,
else a `Relation`, which raises an error when used as a truth value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from cnncalc.limits import MAX_DEGREE, MAX_EXPONENT
from cnncalc.records import Record
from cnncalc.symbolic.atoms import Kind, Terms, symbol_atom, symbols_of
from cnncalc.symbolic.polynomials import add, constant, divide, multiply, power, scale, single
from cnncalc.symbolic.undecidable import Undecidable

if TYPE_CHECKING:  # modules for closed forms are loaded on demand
    from cnncalc.symbolic.notation import Style


class Expr:
    """A non-constant closed form. `==` compares normal forms; `equal` decides equality of values."""

    __slots__ = ("_hash", "terms")

    terms: Terms
    _hash: int

    def __init__(self, terms: Terms) -> None:
        object.__setattr__(self, "terms", terms)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an Expr does not change")

    def __reduce__(self) -> tuple[Any, ...]:
        return Expr, (self.terms,)

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols that the value depends on."""
        return symbols_of(self.terms)

    def evaluate(self, values: Mapping[str, int]) -> int:
        """The integer for these values of the symbols; raises Undecidable if one is missing."""
        try:
            from cnncalc.symbolic.evaluation import evaluate

            return evaluate(self.terms, values)
        except KeyError as missing:
            raise Undecidable(f"no value is given for {missing.args[0]} in {self}") from None

    def substitute(self, values: Mapping[str, Size]) -> Size:
        """The form with the named symbols replaced by numbers or other forms."""
        from cnncalc.symbolic.evaluation import substitute

        return as_size(substitute(self.terms, {name: as_terms(value) for name, value in values.items()}))

    def render(self, style: Style = "plain") -> str:
        """The form as text: `plain`, `unicode` or `latex`."""
        return render(self, style)

    def __str__(self) -> str:
        return render(self)

    def __repr__(self) -> str:
        return f"Expr({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and self.terms == other.terms

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            object.__setattr__(self, "_hash", hash(frozenset(self.terms.items())))
            return self._hash

    def __bool__(self) -> bool:
        different = compare(self, "!=", 0)
        return bool(different)

    def __pos__(self) -> Expr:
        return self

    def __neg__(self) -> Expr:
        return Expr(scale(self.terms, -1))

    def __add__(self, other: Size) -> Size:
        return as_size(add(self.terms, as_terms(other))) if isinstance(other, int | Expr) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Size) -> Size:
        return as_size(add(self.terms, as_terms(other), -1)) if isinstance(other, int | Expr) else NotImplemented

    def __rsub__(self, other: int) -> Size:
        return as_size(add(constant(other), self.terms, -1)) if isinstance(other, int) else NotImplemented

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int):
            return as_size(scale(self.terms, other))
        return as_size(multiply(self.terms, other.terms)) if isinstance(other, Expr) else NotImplemented

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Size:
        if not isinstance(exponent, int):
            return NotImplemented
        if not 0 <= exponent <= MAX_EXPONENT:
            raise ValueError(f"the exponent of {self} must lie in 0…{MAX_EXPONENT}, not be {exponent}")
        if max(map(len, self.terms)) * exponent > MAX_DEGREE:
            raise Undecidable(f"({self})**{exponent} is of a degree past {MAX_DEGREE}")
        return as_size(power(self.terms, exponent))

    def __floordiv__(self, divisor: Size) -> Size:
        if isinstance(divisor, int):
            return _floor_quotient(self.terms, divisor)
        return _exact_quotient(self, divisor) if isinstance(divisor, Expr) else NotImplemented

    def __rfloordiv__(self, numerator: int) -> Size:
        return _exact_quotient(numerator, self) if isinstance(numerator, int) else NotImplemented

    def __mod__(self, divisor: Size) -> Size:
        return self - divisor * (self // divisor) if isinstance(divisor, int | Expr) else NotImplemented

    def __rmod__(self, numerator: int) -> Size:
        return numerator - self * (numerator // self) if isinstance(numerator, int) else NotImplemented

    def __divmod__(self, divisor: Size) -> tuple[Size, Size]:
        return self // divisor, self % divisor

    def __lt__(self, other: Size) -> bool | Relation:
        return compare(self, "<", other) if isinstance(other, int | Expr) else NotImplemented

    def __le__(self, other: Size) -> bool | Relation:
        return compare(self, "<=", other) if isinstance(other, int | Expr) else NotImplemented

    def __gt__(self, other: Size) -> bool | Relation:
        return compare(self, ">", other) if isinstance(other, int | Expr) else NotImplemented

    def __ge__(self, other: Size) -> bool | Relation:
        return compare(self, ">=", other) if isinstance(other, int | Expr) else NotImplemented


Size = int | Expr
Shape = tuple[Size, ...]
Operator = Literal["==", "!=", "<", "<=", ">", ">="]
OPERATORS: dict[Operator, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Relation(Record):
    """A comparison that depends on the symbols or could not be decided; it is neither true nor false."""

    left: Size
    op: Operator
    right: Size

    def __bool__(self) -> bool:
        raise Undecidable(f"whether {self} depends on {', '.join(sorted(self.symbols))}")

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols that it depends on."""
        return symbols_of(as_terms(self.left)) | symbols_of(as_terms(self.right))

    def evaluate(self, values: Mapping[str, int]) -> bool:
        """Whether it holds for these values of the symbols; raises Undecidable if one is missing."""
        return OPERATORS[self.op](evaluate_size(self.left, values), evaluate_size(self.right, values))

    def substitute(self, values: Mapping[str, Size]) -> bool | Relation:
        """The relation with the named symbols replaced, as a bool if bounds then decide it."""
        return compare(substitute_size(self.left, values), self.op, substitute_size(self.right, values))

    def render(self, style: Style = "plain") -> str:
        """The relation as text: `plain`, `unicode` or `latex`."""
        from cnncalc.symbolic.notation import SIGNS

        sign = SIGNS[style].relations.get(self.op, self.op)
        return f"{render(self.left, style)} {sign} {render(self.right, style)}"

    def __str__(self) -> str:
        return self.render()


def symbol(name: str) -> Expr:
    """The symbol with this name, an unknown integer ≥ 1."""
    return Expr(single(symbol_atom(name)))


def as_terms(size: Size) -> Terms:
    """A size as a polynomial."""
    return constant(size) if isinstance(size, int) else size.terms


def as_size(terms: Terms) -> Size:
    """A polynomial as a size: an `int` if it is constant."""
    return terms.get((), 0) if terms.keys() <= {()} else Expr(terms)


def minimum(first: Size, *others: Size) -> Size:
    """The smallest of the sizes, like `min` for numbers."""
    return _extremum("min", (first, *others))


def maximum(first: Size, *others: Size) -> Size:
    """The largest of the sizes, like `max` for numbers."""
    return _extremum("max", (first, *others))


def _extremum(kind: Kind, sizes: tuple[Size, ...]) -> Size:
    if all(isinstance(size, int) for size in sizes):
        return min(sizes) if kind == "min" else max(sizes)
    from cnncalc.symbolic.extrema import extremum

    return as_size(extremum(kind, [as_terms(size) for size in sizes]))


def evaluate_size(size: Size, values: Mapping[str, int]) -> int:
    """The value of a size for these values of the symbols."""
    return size if isinstance(size, int) else size.evaluate(values)


def substitute_size(size: Size, values: Mapping[str, Size]) -> Size:
    """A size with the named symbols replaced."""
    return size if isinstance(size, int) else size.substitute(values)


@lru_cache(maxsize=64)  # the many layers of a table have few sizes
def render(size: Size, style: Style = "plain") -> str:
    """A size as text: `plain`, `unicode` or `latex`."""
    from cnncalc.symbolic.notation import render_terms

    return render_terms(as_terms(size), style)


def lower_bound(size: Size) -> int | None:
    """An integer lower bound of the size for all symbols ≥ 1; None if none is found."""
    from cnncalc.symbolic.bounds import lower

    return lower(as_terms(size))


def upper_bound(size: Size) -> int | None:
    """An integer upper bound of the size for all symbols ≥ 1; None if none is found."""
    from cnncalc.symbolic.bounds import upper

    return upper(as_terms(size))


def compare(left: Size, op: Operator, right: Size) -> bool | Relation:
    """`left op right` as a bool if bounds decide it for all symbols ≥ 1, else the relation."""
    if isinstance(left, int) and isinstance(right, int):
        return OPERATORS[op](left, right)
    difference = left - right
    answer = decide_interval(op, lower_bound(difference), upper_bound(difference))
    return Relation(left, op, right) if answer is None else answer


def decide_interval(op: Operator, low: int | None, high: int | None) -> bool | None:
    """Whether every value in [low, high], or none, satisfies `value op 0`; None if it differs."""
    if op in ("==", "!="):
        same = True if low == high == 0 else False if (low or 0) > 0 or (high or 0) < 0 else None
        return same if op == "==" or same is None else not same
    holds = OPERATORS[op]
    grows = op in (">", ">=")
    surest, unlikeliest = (low, high) if grows else (high, low)
    if surest is not None and holds(surest, 0):
        return True
    return False if unlikeliest is not None and not holds(unlikeliest, 0) else None


def _floor_quotient(terms: Terms, divisor: int) -> Size:
    from cnncalc.symbolic.floors import floor

    if divisor == 0:
        raise ZeroDivisionError(f"{Expr(terms)} is divided by zero")
    return as_size(floor(terms, divisor) if divisor > 0 else floor(scale(terms, -1), -divisor))


def _exact_quotient(numerator: Size, divisor: Expr) -> Size:
    quotient = divide(as_terms(numerator), divisor.terms)
    if quotient is None:
        raise Undecidable(f"({numerator}) // ({divisor}) has no closed form: the division is not exact")
    return as_size(quotient)
