"""The safe arithmetic of a spec's fields: exact rationals, no float, no eval.

A text is compiled once, by precedence, into nested closures over a scope; nothing in it can reach Python. Every error
names the characters at fault.

    a if c else b  <  or  <  and  <  not  <  comparisons  <  + -  <  * / // %  <  unary + -  <  **  <  index, call
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from cnncalc.errors import ExpressionError
from cnncalc.expression_functions import FUNCTIONS, call
from cnncalc.expression_tokens import Token, tokens
from cnncalc.expression_values import (
    COMPARISONS,
    Place,
    Value,
    binary,
    comparison,
    condition,
    item,
    negative,
    number,
    show,
)
from cnncalc.suggest import nearest

__all__ = ["Expression", "Scope", "Value", "evaluate", "interpolate", "parse"]

LONGEST = 1000
DEEPEST = 50

Scope: TypeAlias = Mapping[str, Value]
Run: TypeAlias = Callable[[Scope], Value]

_CONSTANTS = {"true": True, "false": False}
_OTHER_WORDS = {
    "True": "write true", "False": "write false", "None": "leave the field out", "null": "leave the field out",
    "is": "write '=='", "xor": "write '!='",
}  # fmt: skip
_TERNARY, _OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _UNARY, _POWER = range(1, 10)
_LEVELS = {
    "if": _TERNARY, "or": _OR, "and": _AND, **dict.fromkeys(COMPARISONS, _COMPARE), "+": _SUM, "-": _SUM,
    "*": _TERM, "/": _TERM, "//": _TERM, "%": _TERM, "**": _POWER,
}  # fmt: skip


class Expression:
    """A compiled expression: its text, the names that it reads, and `evaluate`."""

    __slots__ = ("_run", "names", "text")

    def __init__(self, text: str, names: frozenset[str], run: Run) -> None:
        self.text = text
        self.names = names
        self._run = run

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, scope: Scope) -> Value:
        """The value where the names mean what the scope says; raises ExpressionError."""
        return self._run(scope)


def evaluate(text: str, scope: Scope) -> Value:
    """The value of an expression in this scope; raises ExpressionError."""
    return parse(text).evaluate(scope)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression that the text spells; raises ExpressionError where it spells none."""
    if len(text) > LONGEST:
        raise ExpressionError(
            f"an expression has at most {LONGEST:,} characters", offset=LONGEST, width=len(text) - LONGEST
        )
    compiler = _Compiler(tokens(text))
    run = compiler.whole()
    return Expression(text, frozenset(compiler.names), run)


def interpolate(text: str, scope: Scope) -> str:
    """The text with every `{expression}` in it replaced by its value; offsets of errors count in the whole text."""
    if "{" not in text and "}" not in text:
        return text
    return "".join(piece if isinstance(piece, str) else piece.fill(scope) for piece in _pieces(text))


class _Gap(NamedTuple):
    """A `{expression}` in a text; `offset` is where the expression begins."""

    offset: int
    expression: Expression

    def fill(self, scope: Scope) -> str:
        text = self.expression.text
        place = Place(self.offset, self.offset + len(text))
        try:
            value = self.expression.evaluate(scope)
        except ExpressionError as error:
            error.offset += self.offset
            raise
        if isinstance(value, list):
            raise place.error(f"a list in a name: {_cut(show(value))}", "pick one item: x[0]")
        shown = show(value)
        if isinstance(value, Fraction) and "/" in shown:
            raise place.error(f"{_cut(shown)} in a name: only whole and decimal numbers are")
        return shown


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str | _Gap, ...]:
    pieces: list[str | _Gap] = []
    place = 0
    while (start := text.find("{", place)) >= 0:
        end = text.find("}", start)
        if end < 0:
            raise Place(start, start + 1).error("this '{' is never closed", "close it with '}'")
        pieces += [_literal(text, place, start), _gap(text[start + 1 : end], start + 1)]
        place = end + 1
    return (*pieces, _literal(text, place, len(text)))


def _gap(text: str, offset: int) -> _Gap:
    try:
        return _Gap(offset, parse(text))
    except ExpressionError as error:
        error.offset += offset
        raise


def _literal(text: str, start: int, end: int) -> str:
    stray = text.find("}", start, end)
    if stray >= 0:
        raise Place(stray, stray + 1).error("this '}' closes nothing")
    return text[start:end]


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


class _Part(NamedTuple):
    """A compiled part of an expression and the characters that it came from."""

    run: Run
    place: Place


class _Compiler:
    """Compiles the tokens of one expression; `names` gathers what it reads from its scope."""

    def __init__(self, words: list[Token]) -> None:
        self.names: set[str] = set()
        self._words = words
        self._next = 0
        self._depth = 0

    def whole(self) -> Run:
        """All of the tokens as one expression."""
        part = self._part(_TERNARY)
        if self._word.kind != "end":
            raise self._unexpected()
        return part.run

    # -- tokens

    @property
    def _word(self) -> Token:
        return self._words[self._next]

    def _take(self) -> Token:
        word = self._words[self._next]
        self._next += 1
        return word

    def _expect(self, kind: str, opening: Place, message: str) -> Token:
        if self._word.kind == kind:
            return self._take()
        raise opening.error(message, f"close it with '{kind}'") if self._word.kind == "end" else self._unexpected()

    def _unexpected(self) -> ExpressionError:
        word = self._word
        place = Place(word.start, word.end)
        if word.kind == "end":
            return place.error("the expression is empty" if self._next == 0 else "the expression ends too early")
        if word.kind in (")", "]"):
            return place.error(f"this '{word.kind}' closes nothing")
        if word.kind == ",":
            return place.error("a comma outside of brackets", "use brackets: [3, 5]")
        if word.kind in ("and", "or", "if", "else"):
            return place.error(f"'{word.kind}' has nothing to join here")
        text = str(word.value)
        hint = _OTHER_WORDS.get(text) if word.kind == "name" else None
        return place.error(f"'{_cut(text)}' where an operator or the end was expected", hint)

    def _deeper(self, level: int, word: Token) -> _Part:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Place(word.start, word.end).error(f"nested more than {DEEPEST} deep", "name a part of it in 'params'")
        part = self._part(level)
        self._depth -= 1
        return part

    # -- by precedence

    def _part(self, level: int) -> _Part:
        """The longest part whose operators bind at least as tightly as the level."""
        part = self._prefix(level)
        while True:
            found = _LEVELS.get(self._word.kind, 0)
            if found < level or not found:
                return part
            if found == _TERNARY:
                part = self._ternary(part)
            elif found == _POWER:
                part = self._arithmetic(part, self._take(), self._deeper(_UNARY, self._word))
            elif found in (_SUM, _TERM):
                part = self._chain(part, found)
            elif found == _COMPARE:
                part = self._comparisons(part)
            else:
                part = self._logic(part, found)

    def _prefix(self, level: int) -> _Part:
        word = self._word
        if word.kind in ("-", "+"):
            self._take()
            operand = self._deeper(_UNARY, word)
            return _signed(word, operand)
        if word.kind == "not":
            if level > _NOT:
                raise Place(word.start, word.end).error("'not' needs parentheses here", "write (not …)")
            self._take()
            return _negated(word, self._deeper(_NOT, word))
        return self._indexed(self._atom())

    def _arithmetic(self, left: _Part, sign: Token, right: _Part) -> _Part:
        return _binary([(str(sign.value), right)], left)

    def _chain(self, first: _Part, level: int) -> _Part:
        rest: list[tuple[str, _Part]] = []
        while _LEVELS.get(self._word.kind) == level:
            sign = self._take().kind
            rest.append((sign, self._part(level + 1)))
        return _binary(rest, first)

    def _comparisons(self, first: _Part) -> _Part:
        rest: list[tuple[str, _Part]] = []
        while self._word.kind in COMPARISONS:
            sign = self._take().kind
            rest.append((sign, self._part(_COMPARE + 1)))
        return _compared(first, rest)

    def _logic(self, first: _Part, level: int) -> _Part:
        parts = [first]
        while _LEVELS.get(self._word.kind) == level:
            self._take()
            parts.append(self._part(level + 1))
        return _joined(parts, stops_at=level == _OR)

    def _ternary(self, then: _Part) -> _Part:
        word = self._take()
        test = self._part(_OR)
        if self._word.kind != "else":
            raise Place(word.start, word.end).error("an 'if' without 'else'", "write 'a if condition else b'")
        self._take()
        return _chosen(then, test, self._deeper(_TERNARY, word))

    # -- the smallest parts

    def _atom(self) -> _Part:
        word = self._word
        place = Place(word.start, word.end)
        if word.kind in ("number", "text"):
            self._take()
            return _constant(word.value, place)
        if word.kind == "name":
            self._take()
            return self._call(word) if self._word.kind == "(" else self._name(str(word.value), place)
        if word.kind == "[":
            return self._list()
        if word.kind == "(":
            return self._parentheses()
        if word.kind in _LEVELS and word.kind not in ("if", "and", "or"):
            raise place.error(f"nothing stands before '{word.kind}'")
        raise self._unexpected()

    def _name(self, name: str, place: Place) -> _Part:
        if name in _CONSTANTS:
            return _constant(_CONSTANTS[name], place)
        self.names.add(name)

        def run(scope: Scope) -> Value:
            try:
                return scope[name]
            except KeyError:
                raise _unknown_name(name, scope, place) from None

        return _Part(run, place)

    def _parentheses(self) -> _Part:
        word = self._take()
        inner = self._deeper(_TERNARY, word)
        if self._word.kind == ",":
            raise Place(word.start, word.end).error("parentheses make no list", "use brackets: [3, 5]")
        end = self._expect(")", Place(word.start, word.end), "this '(' is never closed").end
        return _Part(inner.run, Place(word.start, end))

    def _list(self) -> _Part:
        word = self._take()
        parts = self._items("]", word)
        end = self._expect("]", Place(word.start, word.end), "this '[' is never closed").end
        runs = [part.run for part in parts]
        return _Part(lambda scope: [run(scope) for run in runs], Place(word.start, end))

    def _items(self, closing: str, word: Token) -> list[_Part]:
        parts: list[_Part] = []
        while self._word.kind != closing:
            parts.append(self._deeper(_TERNARY, word))
            if self._word.kind != ",":
                break
            self._take()
        return parts

    def _indexed(self, base: _Part) -> _Part:
        levels = 0
        while self._word.kind == "[":
            word = self._take()
            levels += 1
            if levels > DEEPEST:
                raise Place(word.start, word.end).error(f"more than {DEEPEST} indices")
            index = self._deeper(_TERNARY, word)
            end = self._expect("]", Place(word.start, word.end), "this '[' is never closed").end
            base = _picked(base, index, end)
        return base

    def _call(self, word: Token) -> _Part:
        name, opening = str(word.value), self._take()
        parts = self._items(")", opening)
        place = Place(opening.start, opening.end)
        at = Place(word.start, self._expect(")", place, "this '(' is never closed").end)
        signature = FUNCTIONS.get(name)
        if signature is None:
            raise _unknown_function(name, Place(word.start, word.end))
        if not signature.fewest <= len(parts) <= signature.most:
            count = f"{len(parts)} argument{'s' * (len(parts) != 1)}"
            raise at.error(f"'{name}' does not take {count}", f"write {signature.usage}")
        runs, places = [part.run for part in parts], [part.place for part in parts]
        return _Part(lambda scope: call(signature, [run(scope) for run in runs], places, at), at)


def _unknown_name(name: str, scope: Scope, place: Place) -> ExpressionError:
    hint = _OTHER_WORDS.get(name)
    if name in FUNCTIONS:
        hint = f"write {FUNCTIONS[name].usage}"
    elif hint is None and (near := nearest(name, [*scope, *_CONSTANTS])):
        hint = f"did you mean '{near}'?"
    return place.error(f"unknown name '{_cut(name)}'", hint)


def _unknown_function(name: str, place: Place) -> ExpressionError:
    near = nearest(name, FUNCTIONS)
    hint = f"did you mean '{near}'?" if near else f"there are {', '.join(FUNCTIONS)}"
    return place.error(f"unknown function '{_cut(name)}'", hint)


# -- closures


def _constant(value: Value, place: Place) -> _Part:
    return _Part(lambda scope: value, place)


def _signed(word: Token, operand: _Part) -> _Part:
    run, place = operand
    at = Place(word.start, place.end)
    if word.kind == "-":
        return _Part(lambda scope: negative(run(scope), place), at)
    return _Part(lambda scope: number(run(scope), place), at)


def _negated(word: Token, operand: _Part) -> _Part:
    run, place = operand
    return _Part(lambda scope: not condition(run(scope), place), Place(word.start, place.end))


def _binary(rest: list[tuple[str, _Part]], first: _Part) -> _Part:
    """A chain such as `a - b + c`, in a loop: a long sum nests no deeper than a short one."""
    steps = []
    place = first.place
    for sign, part in rest:
        steps.append((binary(sign, place, part.place), part.run))
        place = Place(place.start, part.place.end)
    begin = first.run
    if len(steps) == 1:
        act, other = steps[0]
        return _Part(lambda scope: act(begin(scope), other(scope)), place)

    def run(scope: Scope) -> Value:
        value = begin(scope)
        for act, other in steps:
            value = act(value, other(scope))
        return value

    return _Part(run, place)


def _compared(first: _Part, rest: list[tuple[str, _Part]]) -> _Part:
    steps = []
    left = first.place
    for sign, part in rest:
        steps.append((comparison(sign, left, part.place), part.run))
        left = part.place

    def run(scope: Scope) -> Value:
        value = first.run(scope)
        for compare, other in steps:
            following = other(scope)
            if not compare(value, following):
                return False
            value = following
        return True

    return _Part(run, Place(first.place.start, left.end))


def _joined(parts: list[_Part], stops_at: bool) -> _Part:
    """`and` or `or`: evaluated up to the first part that decides."""

    def run(scope: Scope) -> Value:
        for part in parts:
            if condition(part.run(scope), part.place) is stops_at:
                return stops_at
        return not stops_at

    return _Part(run, Place(parts[0].place.start, parts[-1].place.end))


def _chosen(then: _Part, test: _Part, otherwise: _Part) -> _Part:
    def run(scope: Scope) -> Value:
        return then.run(scope) if condition(test.run(scope), test.place) else otherwise.run(scope)

    return _Part(run, Place(then.place.start, otherwise.place.end))


def _picked(base: _Part, index: _Part, end: int) -> _Part:
    def run(scope: Scope) -> Value:
        return item(base.run(scope), index.run(scope), base.place, index.place)

    return _Part(run, Place(base.place.start, end))
