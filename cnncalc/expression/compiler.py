"""Tokens → one compiled part, by precedence:

a if c else b  <  or  <  and  <  not  <  comparisons  <  + -  <  * / // %  <  unary + -  <  **  <  index, call
"""

from __future__ import annotations

from cnncalc.errors import ExpressionError
from cnncalc.expression.closures import (
    Part,
    Run,
    Scope,
    apply_sign,
    chain,
    choose,
    comparisons,
    constant,
    negate,
    pick_item,
    short_circuit,
)
from cnncalc.expression.functions import SIGNATURES, call
from cnncalc.expression.tokens import Token
from cnncalc.expression.values import COMPARISONS, Place, Value, cut
from cnncalc.limits import DEEPEST_EXPRESSION
from cnncalc.suggest import suggest

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


class Compiler:
    """Compiles the tokens of one expression; `names` collects the names that it reads."""

    def __init__(self, words: list[Token]) -> None:
        self.names: set[str] = set()
        self._words = words
        self._next = 0
        self._depth = 0

    def whole(self) -> Run:
        """All tokens compiled as one expression."""
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
            return place.error("the expression is empty" if self._next == 0 else "unexpected end of the expression")
        if word.kind in (")", "]"):
            return place.error(f"unmatched '{word.kind}'")
        if word.kind == ",":
            return place.error("a comma outside brackets", "use brackets: [3, 5]")
        if word.kind in ("and", "or", "if", "else"):
            return place.error(f"unexpected '{word.kind}'")
        spelled = str(word.value)
        hint = _OTHER_WORDS.get(spelled) if word.kind == "name" else None
        return place.error(f"expected an operator or the end, got '{cut(spelled)}'", hint)

    def _nested_part(self, level: int, word: Token) -> Part:
        self._depth += 1
        if self._depth > DEEPEST_EXPRESSION:
            raise Place(word.start, word.end).error(
                f"nested more than {DEEPEST_EXPRESSION} deep", "move a part of it to 'params'"
            )
        part = self._part(level)
        self._depth -= 1
        return part

    # -- by precedence

    def _part(self, level: int) -> Part:
        """The longest part whose operators bind at least as tightly as `level`."""
        part = self._prefix(level)
        while True:
            binding = _LEVELS.get(self._word.kind, 0)
            if binding < level or not binding:
                return part
            if binding == _TERNARY:
                part = self._ternary(part)
            elif binding == _POWER:
                part = self._arithmetic(part, self._take(), self._nested_part(_UNARY, self._word))
            elif binding in (_SUM, _TERM):
                part = self._chain(part, binding)
            elif binding == _COMPARE:
                part = self._comparisons(part)
            else:
                part = self._logic(part, binding)

    def _prefix(self, level: int) -> Part:
        word = self._word
        if word.kind in ("-", "+"):
            self._take()
            operand = self._nested_part(_UNARY, word)
            return apply_sign(word, operand)
        if word.kind == "not":
            if level > _NOT:
                raise Place(word.start, word.end).error("'not' needs parentheses here", "write (not …)")
            self._take()
            return negate(word, self._nested_part(_NOT, word))
        return self._indices(self._atom())

    def _arithmetic(self, left: Part, sign: Token, right: Part) -> Part:
        return chain([(str(sign.value), right)], left)

    def _chain(self, first: Part, level: int) -> Part:
        rest: list[tuple[str, Part]] = []
        while _LEVELS.get(self._word.kind) == level:
            sign = self._take().kind
            rest.append((sign, self._part(level + 1)))
        return chain(rest, first)

    def _comparisons(self, first: Part) -> Part:
        rest: list[tuple[str, Part]] = []
        while self._word.kind in COMPARISONS:
            sign = self._take().kind
            rest.append((sign, self._part(_COMPARE + 1)))
        return comparisons(first, rest)

    def _logic(self, first: Part, level: int) -> Part:
        parts = [first]
        while _LEVELS.get(self._word.kind) == level:
            self._take()
            parts.append(self._part(level + 1))
        return short_circuit(parts, stops_at=level == _OR)

    def _ternary(self, then: Part) -> Part:
        word = self._take()
        test = self._part(_OR)
        if self._word.kind != "else":
            raise Place(word.start, word.end).error("an 'if' without 'else'", "write 'a if condition else b'")
        self._take()
        return choose(then, test, self._nested_part(_TERNARY, word))

    # -- the smallest parts

    def _atom(self) -> Part:
        word = self._word
        place = Place(word.start, word.end)
        if word.kind in ("number", "text"):
            self._take()
            return constant(word.value, place)
        if word.kind == "name":
            self._take()
            return self._call(word) if self._word.kind == "(" else self._name(str(word.value), place)
        if word.kind == "[":
            return self._list()
        if word.kind == "(":
            return self._parentheses()
        if word.kind in _LEVELS and word.kind not in ("if", "and", "or"):
            raise place.error(f"missing value before '{word.kind}'")
        raise self._unexpected()

    def _name(self, name: str, place: Place) -> Part:
        if name in _CONSTANTS:
            return constant(_CONSTANTS[name], place)
        self.names.add(name)

        def run(scope: Scope) -> Value:
            try:
                return scope[name]
            except KeyError:
                raise _unknown_name(name, scope, place) from None

        return Part(run, place)

    def _parentheses(self) -> Part:
        word = self._take()
        inner = self._nested_part(_TERNARY, word)
        if self._word.kind == ",":
            raise Place(word.start, word.end).error("parentheses do not make a list", "use brackets: [3, 5]")
        end = self._expect(")", Place(word.start, word.end), "'(' is never closed").end
        return Part(inner.run, Place(word.start, end))

    def _list(self) -> Part:
        word = self._take()
        parts = self._items("]", word)
        end = self._expect("]", Place(word.start, word.end), "'[' is never closed").end
        runs = [part.run for part in parts]
        return Part(lambda scope: [run(scope) for run in runs], Place(word.start, end))

    def _items(self, closing: str, word: Token) -> list[Part]:
        parts: list[Part] = []
        while self._word.kind != closing:
            parts.append(self._nested_part(_TERNARY, word))
            if self._word.kind != ",":
                break
            self._take()
        return parts

    def _indices(self, base: Part) -> Part:
        levels = 0
        while self._word.kind == "[":
            word = self._take()
            levels += 1
            if levels > DEEPEST_EXPRESSION:
                raise Place(word.start, word.end).error(f"more than {DEEPEST_EXPRESSION} indices")
            index = self._nested_part(_TERNARY, word)
            end = self._expect("]", Place(word.start, word.end), "'[' is never closed").end
            base = pick_item(base, index, end)
        return base

    def _call(self, word: Token) -> Part:
        name, opening = str(word.value), self._take()
        parts = self._items(")", opening)
        place = Place(opening.start, opening.end)
        at = Place(word.start, self._expect(")", place, "'(' is never closed").end)
        signature = SIGNATURES.get(name)
        if signature is None:
            raise _unknown_function(name, Place(word.start, word.end))
        if not signature.fewest <= len(parts) <= signature.most:
            count = f"{len(parts)} argument{'s' * (len(parts) != 1)}"
            raise at.error(f"'{name}' does not take {count}", f"write {signature.usage}")
        runs, places = [part.run for part in parts], [part.place for part in parts]
        return Part(lambda scope: call(signature, [run(scope) for run in runs], places, at), at)


def _unknown_name(name: str, scope: Scope, place: Place) -> ExpressionError:
    hint = _OTHER_WORDS.get(name)
    if name in SIGNATURES:
        hint = f"write {SIGNATURES[name].usage}"
    elif hint is None:
        hint = suggest(name, [*scope, *_CONSTANTS]) or None
    return place.error(f"unknown name '{cut(name)}'", hint)


def _unknown_function(name: str, place: Place) -> ExpressionError:
    hint = suggest(name, SIGNATURES, f"the functions are {', '.join(SIGNATURES)}")
    return place.error(f"unknown function '{cut(name)}'", hint)
