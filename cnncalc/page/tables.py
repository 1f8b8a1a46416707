"""The tables of the page's document: every closed form, formula and record once, and named by its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from cnncalc.symbolic import Size
from cnncalc.symbolic.encoding import Encoder, Form

Record = dict[str, Any] | list[Any]


class Tables:
    """Gathers what layers share: deep networks repeat themselves."""

    def __init__(self) -> None:
        self.encoder = Encoder()
        self.forms: list[Form] = []
        self.records: list[Record] = []
        self._sizes: dict[Size, int] = {}
        self._places: dict[str, int] = {}

    def size(self, size: Size) -> int:
        """The place of a size in the table of forms."""
        place = self._sizes.get(size)
        if place is None:
            place = self._sizes[size] = len(self.forms)
            self.forms.append(self.encoder.form(size))
        return place

    def maybe(self, size: Size | None) -> int | None:
        """The place of a size; None if it is unknown."""
        return None if size is None else self.size(size)

    def sizes(self, sizes: Iterable[Size]) -> list[int]:
        """The places of several sizes."""
        return [self.size(size) for size in sizes]

    def number(self, value: Size | Fraction | None) -> int | list[int] | None:
        """The place of a size, or those of a fraction's numerator and denominator."""
        if isinstance(value, Fraction):
            if value.denominator == 1:
                return self.size(value.numerator)
            return [self.size(value.numerator), self.size(value.denominator)]
        return self.maybe(value)

    def record(self, record: Record) -> int:
        """The place of a record in the table of records."""
        text = json.dumps(record, separators=(",", ":"))
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.records)
            self.records.append(record)
        return place
