"""Finds the objects with a `type` in a script of ConvNetJS; whatever else is there is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.importers.layer_lists.tokens import Number, Token, Tokens, number_of, shown
from cnncalc.suggest import suggest

END = (",", "}", "{", "[", ";")  # of a value


class Option(NamedTuple):
    """The value of a key: a number, a string, or None for anything else, and its place."""

    value: Number | str | None
    token: Token


class Definition(NamedTuple):
    """A layer as a script defines it: `{type:'conv', sx:5, filters:16}`."""

    type: str
    span: Span
    options: dict[str, Option]
    tokens: Tokens

    def whole(self, *keys: str, default: int | None = None, least: int = 1) -> int:
        """The whole number of the first of these keys that is given.

        Raises:
            SpecError: none is given and there is no default; or it is not a whole number, or too small.
        """
        for key in keys:
            if key in self.options:
                value, token = self.options[key]
                if not isinstance(value, int) or value < least:
                    message = f"{key}: expected a whole number from {least}, got {shown(token)}"
                    raise self.tokens.fault(message, token, "the script is not run: write the number itself")
                return value
        if default is None:
            raise SpecError([Fault(f"{self.type} has no {keys[0]}", self.span, f"write {keys[0]}: …")])
        return default

    def number(self, key: str, default: Number) -> Number:
        """A number.

        Raises:
            SpecError: it is something else.
        """
        value, token = self.options.get(key, Option(default, Token("number", "", 0)))
        if value is None or isinstance(value, str):
            raise self.tokens.fault(f"{key}: expected a number, got {shown(token)}", token)
        return value

    def word(self, key: str) -> str | None:
        """A string; None if it is not given.

        Raises:
            SpecError: it is something else.
        """
        if key not in self.options:
            return None
        value, token = self.options[key]
        if not isinstance(value, str):
            raise self.tokens.fault(f"{key}: expected a word in quotes, got {shown(token)}", token)
        return value

    def unknown(self, key: str, known: tuple[str, ...]) -> SpecError:
        """The error about a word of a key that is none of those known."""
        value, token = self.options[key]
        hint = suggest(str(value), known, f"one of {', '.join(known)}")
        return self.tokens.fault(f"unknown {key} '{str(value)[:40]}'", token, hint)


def definitions(source: Source) -> Iterator[Definition]:
    """The layers that a script defines, in their order.

    Raises:
        SpecError: an object that has a `type` is not closed, or nests others.
    """
    tokens = Tokens(source, "js")
    while tokens.next.kind != "end":
        token = tokens.take()
        if token.kind == "sign" and token.text == "{":
            options = _object(tokens)
            if "type" in options and isinstance(options["type"].value, str):
                yield Definition(options["type"].value, tokens.span(token), options, tokens)


def _object(tokens: Tokens) -> dict[str, Option]:
    """The keys of an object behind its brace; nothing is read if it is none, or has no type."""
    options: dict[str, Option] = {}
    while not tokens.taken("}"):
        key = tokens.next
        flat = key.kind in ("word", "string") and (tokens.second.kind, tokens.second.text) == ("sign", ":")
        if flat:
            tokens.take()
            tokens.take()
            options[key.text] = _value(tokens)  # of a key given twice the last counts, as in JavaScript
            flat = tokens.taken(",") or tokens.sees("}")
        if not flat:
            if "type" in options and isinstance(options["type"].value, str):
                raise tokens.fault(f"expected ',' or '}}', got {shown(tokens.next)}", tokens.next)
            return {}
    return options


def _value(tokens: Tokens) -> Option:
    """A value, read up to the comma behind it; one that is computed is None. Brackets and braces are left."""
    first = tokens.next
    token = first if tokens.sees(*END) else tokens.take()
    alone = tokens.sees(*END)
    if token.kind == "string" and tokens.next.kind == "word":
        raise tokens.fault(f"expected ',' or '}}', got {shown(tokens.next)}", tokens.next)
    while tokens.next.kind != "end" and not tokens.sees(*END):
        tokens.take()
    if not alone or token.kind not in ("number", "string"):
        return Option(None, first)
    return Option(number_of(tokens, token) if token.kind == "number" else token.text, first)
