"""Render a step of a class as code; its values are columns, expressed by the parameters of the class."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from cnncalc.exporters.source.parameters import ABSENT, Column
from cnncalc.pytorch.recipes.code import Bracketed, Code, Doc, flat, write_call, write_value
from cnncalc.pytorch.recipes.terms import MISSING, Call, Hole, Slot

LONG_RUN = 3  # this many equal modules in a row become a loop


class InstancesCode(Code):
    """Code of a step for all instances of its class: `column` gives a value's column, `express` writes it."""

    def __init__(
        self,
        column: Callable[[int], Column],
        express: Callable[[Column, str], str],
        own: str = "",
        reads: Sequence[Doc] = (),
    ) -> None:
        super().__init__(own, reads)
        self.column = column
        self.express = express

    def value(self, place: Slot | Hole) -> Doc:
        """Return the code for the column of a hole."""
        assert isinstance(place, Hole)
        text = self.express(self.column(place.index), place.hint)
        return write_value(ast.literal_eval(text)) if text.startswith("[") else text

    def is_left_out(self, place: Slot | Hole, default: Any) -> bool:  # noqa: ANN401
        """Return whether every instance has the default."""
        assert isinstance(place, Hole)
        if default is MISSING:
            return False
        return all(value == default for value in self.column(place.index) if value is not ABSENT)

    def call(self, name: str, term: Call) -> Doc:
        """Return a call; modules in a sequence get a line each."""
        arguments = self.arguments(term.arguments)
        if name in ("nn.Sequential", "OrderedDict"):
            return Bracketed(f"{name}(", tuple(compact(arguments)), ")", open=len(arguments) > 1)
        return write_call(name, arguments)


def compact(docs: list[Doc]) -> list[Doc]:
    """Replace runs of equal modules by a loop."""
    compacted: list[Doc] = []
    for _, run in groupby(docs, flat):
        same = list(run)
        if len(same) < LONG_RUN:
            compacted += same
        else:
            compacted.append(Bracketed("*[", (same[0], f"for _ in range({len(same)})"), "]", comma=""))
    return compacted
