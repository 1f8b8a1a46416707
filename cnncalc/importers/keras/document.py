"""The JSON of a Keras model, parsed once, and the place of each of its values for messages."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from cnncalc.errors import Fault, Source, Span, SpecError
from cnncalc.importers.keras.places import Path, Places, width_at


class Document:
    """A parsed text."""

    __slots__ = ("_places", "source", "values")

    def __init__(self, source: Source) -> None:
        """Parse a text.

        Raises:
            SpecError: it is not JSON, or is nested too deeply.
        """
        self.source = source
        self._places = Places(source.text)
        try:
            self.values: Any = json.loads(source.text, strict=False)
        except json.JSONDecodeError as error:
            raise SpecError([Fault(*_explain(error, source))]) from None
        except RecursionError:
            raise SpecError([Fault("it is nested too deeply for a Keras model", Span(source, 1, 1))]) from None
        except ValueError:  # an integer of thousands of digits
            raise SpecError([Fault("a number in it has too many digits", Span(source, 1, 1))]) from None

    def span(self, path: Path) -> Span:
        """Return the place of the value at a path."""
        return self._span(self._places.offset_of(path))

    def refuse(self, message: str, path: Path, hint: str | None = None) -> NoReturn:
        """Raise a SpecError at the value at a path."""
        raise SpecError([Fault(message, self.span(path), hint)])

    def _span(self, offset: int) -> Span:
        text = self.source.text
        column = offset - (text.rfind("\n", 0, offset) + 1)
        return Span(self.source, text.count("\n", 0, offset) + 1, column + 1, width_at(text, offset))


def _explain(error: json.JSONDecodeError, source: Source) -> tuple[str, Span, str | None]:
    """What is wrong with a text that is not JSON; conflict markers of git are recognised."""
    span = Span(source, error.lineno, error.colno)
    if source.line(error.lineno).startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "a conflict marker of git: two versions of the file were not merged", span, "keep one of the two"
    if error.pos >= len(source.text.rstrip()):
        return "the file ends before its JSON does: it is truncated", span, None
    return f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", span, None
