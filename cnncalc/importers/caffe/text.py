"""Parses protobuf's text format, in which prototxt files are written, into messages that keep their line numbers.

The parser of the protobuf package needs Caffe's schema, skips fields that the schema lacks, and does not keep places
for error messages. Specification: https://protobuf.dev/reference/protobuf/textformat-spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.limits import DEEPEST_MESSAGES, LARGEST_PROTOTXT, LONGEST_TEXT, MOST_TOKENS

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<quote>["'])
    |(?P<word>[-+]?[A-Za-z0-9_.][A-Za-z0-9_.+/-]*|-\s*inf)
    |(?P<sign>[{}<>\[\]:;,])""",
    re.VERBOSE,
)
IN_TEXT = re.compile(r"""["'\\\n]""")  # what ends a quoted string, or may
_NUMBER = r"[-+]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][-+]?[0-9]{1,2})?f?"
CLOSING = {"{": "}", "<": ">"}


class Word(NamedTuple):
    """A scalar: a number, a word, or a quoted string."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Message:
    """Fields in order; a name may occur several times."""

    span: Span
    fields: list[tuple[str, Value]] = field(default_factory=list)

    def all(self, name: str) -> list[Value]:
        """Return all values of a field."""
        return [value for each, value in self.fields if each == name]

    def messages(self, name: str) -> list[Message]:
        """Return all messages in a field."""
        return [value for value in self.all(name) if isinstance(value, Message)]

    def message(self, name: str) -> Message:
        """Return the last message in a field; an empty one when there is none."""
        messages = self.messages(name)
        return messages[-1] if messages else Message(self.span)

    def words(self, name: str) -> list[str]:
        """Return all scalars in a field, as text."""
        return [value.text for value in self.all(name) if isinstance(value, Word)]

    def whole(self, name: str, default: int = 0, least: int = 0) -> list[int]:
        """Return all whole numbers in a field; the default alone when it is absent.

        Raises:
            SpecError: one is not a whole number, or is less than `least`.
        """
        expected = f"a whole number of at least {least}"
        texts = self._texts(name, r"[0-9]{1,18}", expected, lambda text: int(text) >= least)
        return list(map(int, texts)) or [default]

    def integers(self, name: str) -> list[int]:
        """Return all whole numbers in a field, with or without a sign.

        Raises:
            SpecError: one is not a whole number.
        """
        return list(map(int, self._texts(name, r"[-+]?[0-9]{1,18}", "a whole number")))

    def integer(self, name: str, default: int) -> int:
        """Return the last whole number in a field, with or without a sign; raises as `integers`."""
        return (self.integers(name) or [default])[-1]

    def numbers(self, name: str) -> list[Fraction]:
        """Return all numbers in a field.

        Raises:
            SpecError: one is not a number.
        """
        return [Fraction(text.rstrip("f")) for text in self._texts(name, _NUMBER, "a number")]

    def _texts(
        self, name: str, pattern: str, expected: str, holds: Callable[[str], bool] = lambda text: True
    ) -> list[str]:
        """Return all texts in a field, which match a pattern: numbers of few digits, since Python reads no others."""
        texts = []
        for value in self.all(name):
            text = value.text if isinstance(value, Word) else "a message"
            if not re.fullmatch(pattern, text) or not holds(text):
                raise SpecError([Fault(f"{name}: expected {expected}, got {text[:40]}", value.span)])
            texts.append(text)
        return texts

    def number(self, name: str, default: str) -> Fraction:
        """Return the last number in a field.

        Raises:
            SpecError: it is not a number.
        """
        return (self.numbers(name) or [Fraction(default)])[-1]

    def flag(self, name: str, default: bool) -> bool:
        """Return the last boolean in a field."""
        return self.word(name, "true" if default else "false").lower() in ("true", "1", "t")

    def word(self, name: str, default: str = "") -> str:
        """Return the last scalar in a field, as text."""
        words = self.words(name)
        return words[-1] if words else default


Value: TypeAlias = "Word | Message"


class _Token(NamedTuple):
    kind: str
    text: str
    span: Span


def parse(source: Source) -> Message:
    """Parse a text into a message.

    Raises:
        SpecError: it is not in the text format; the fault holds the place.
    """
    if len(source.text) > LARGEST_PROTOTXT:
        raise SpecError([Fault(f"{source.name}: larger than the limit of {LARGEST_PROTOTXT >> 20} MiB")])
    return _Parser(source).message()


def _tokens(source: Source) -> Iterator[_Token]:
    line, start, at, count = 1, 0, 0, 0
    while at < len(source.text):
        match = TOKEN.match(source.text, at)
        span = Span(source, line, at - start + 1)
        if match is None:
            shown = source.text[at] if source.text[at].isprintable() else f"\\x{ord(source.text[at]):02x}"
            raise SpecError([Fault(f"unexpected '{shown}': not a prototxt?", span)])
        kind, text = str(match.lastgroup), match[0]
        if kind == "quote":
            kind, text = "text", _quoted(source.text, at, span)
        count += 1
        if count > MOST_TOKENS:
            raise SpecError([Fault(f"more than {MOST_TOKENS:,} words and signs", span)])
        if kind != "space":
            yield _Token(kind, text, span._replace(width=len(text)))
        elif "\n" in text:
            line += text.count("\n")
            start = at + text.rindex("\n") + 1
        at += len(text)


def _quoted(text: str, at: int, span: Span) -> str:
    """Return the quoted string that begins here, with its quotes."""
    end = at + 1
    while (match := IN_TEXT.search(text, end)) and match.end() - at <= LONGEST_TEXT and match[0] != "\n":
        end = match.end()
        if match[0] == text[at]:
            return text[at:end]
        end += match[0] == "\\" and text[end : end + 1] != "\n"
    if match and match[0] != "\n":
        raise SpecError([Fault(f"a quoted string of more than {LONGEST_TEXT:,} characters", span)])
    raise SpecError([Fault(f"unexpected {text[at]!r}: this string is never closed", span)])


class _Parser:
    """Reads fields one by one; nesting is kept on an explicit stack."""

    def __init__(self, source: Source) -> None:
        self._tokens = _tokens(source)
        self._next = next(self._tokens, None)
        self._last = Span(source, 1, 1)

    def message(self) -> Message:
        """Parse the whole text."""
        root = Message(self._last)
        stack: list[tuple[Message, str]] = [(root, "")]
        while self._next is not None:
            token = self._take()
            message, closing = stack[-1]
            if token.text == closing and token.kind == "sign":
                stack.pop()
            elif token.kind == "word":
                self._field(token, message, stack)
            elif token.text not in (";", ","):
                raise SpecError([Fault(f"expected the name of a field, got {token.text}", token.span)])
        if len(stack) > 1:
            raise SpecError(
                [Fault("this is never closed: the file is truncated, or a } is missing", stack[-1][0].span)]
            )
        return root

    def _field(self, name: _Token, message: Message, stack: list[tuple[Message, str]]) -> None:
        colon = self._accept(":")
        if self._next is not None and self._next.text in CLOSING and self._next.kind == "sign":
            opening = self._take()
            if len(stack) > DEEPEST_MESSAGES:
                raise SpecError([Fault(f"messages nested more than {DEEPEST_MESSAGES} deep", opening.span)])
            inner = Message(name.span)
            message.fields.append((name.text, inner))
            stack.append((inner, CLOSING[opening.text]))
        elif not colon:
            raise SpecError([Fault(f"expected ':' or '{{' after {name.text}", name.span)])
        elif self._accept("["):
            while not self._accept("]"):
                message.fields.append((name.text, self._scalar(name)))
                self._accept(",")
        else:
            message.fields.append((name.text, self._scalar(name)))

    def _scalar(self, name: _Token) -> Word:
        if self._next is None or self._next.kind == "sign":
            raise SpecError([Fault(f"{name.text}: expected a value", name.span)])
        token = self._take()
        text = token.text
        if token.kind == "text":
            text = text[1:-1]
            while self._next is not None and self._next.kind == "text":  # adjacent strings are concatenated
                text += self._take().text[1:-1]
        return Word(text, token.span)

    def _accept(self, sign: str) -> bool:
        if self._next is not None and self._next.text == sign and self._next.kind == "sign":
            self._take()
            return True
        return False

    def _take(self) -> _Token:
        token = self._next
        if token is None:
            raise SpecError([Fault("unexpected end of file", self._last)])
        self._last = token.span
        self._next = next(self._tokens, None)
        return token
