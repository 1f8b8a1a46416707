"""Finds the condition of an element: a test that holds in exactly the instances that have it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cnncalc.importers.structure.parameters import CHANNELS, Parameters
from cnncalc.importers.structure.patterns import Pattern, Patterns
from cnncalc.importers.structure.unify import every
from cnncalc.layers import LAYERS
from cnncalc.symbolic import Size
from cnncalc.writer import Data

_SKIP, _SHORTCUT = "skip", "project"  # names of parameters where no test fits
_OF_RESIDUALS = (_SKIP, _SHORTCUT)
_SEVERAL = 2  # instances with and without the element
Test = tuple[str, list[bool]]


class Conditions:
    """Writes the conditions of one block, whose parameters are already solved."""

    def __init__(self, parameters: Parameters, patterns: Patterns) -> None:
        self._parameters = parameters
        self._widths = _widths(patterns)

    def solve(self, patterns: Patterns, around: Sequence[Size | None], shortcut: bool = False) -> None:
        """Set the conditions in a list of elements; `around` gives the channels that flow into the list."""
        for place, pattern in enumerate(patterns):
            if pattern.paths is not None:
                self._fork(pattern)
            if all(pattern.present):
                continue
            before = patterns[place - 1] if place else None
            if before is not None and before.when and before.present == pattern.present:
                pattern.when = before.when
                continue
            flowing = _channels_after(patterns[:place], around)
            name = _SHORTCUT if shortcut else _flag(pattern, place)
            pattern.when = self._condition(pattern.present, flowing, name, pattern.written.values())

    def _fork(self, fork: Pattern) -> None:
        assert fork.paths is not None
        if not all(fork.joined):
            fork.written[_SKIP] = self._condition(fork.joined, fork.channels, _SKIP)
        for number, path in enumerate(fork.paths):
            self.solve(path, fork.channels, shortcut=fork.kind == "add" and number == 1)

    def _condition(
        self, wanted: Sequence[bool], flowing: Sequence[Size | None], name: str, own: Collection[Data] = ()
    ) -> str:
        """The condition for the `wanted` instances: a test, or else a parameter of its own.

        Outside residuals, a single instance is no evidence for a rule, except for a test of the element's `own` widths.
        """
        tests = list(self._tests(flowing))
        if name in _OF_RESIDUALS:  # both ends need one shape: the stride matters as much as the channels
            tests.sort(key=lambda test: " or " not in test[0])
        elif min(wanted.count(True), wanted.count(False)) < _SEVERAL:  # a layer may be present because of its own width
            tests = [test for test in tests if test[0] in {f"in_channels != {width}" for width in own}]
        for text, holds in tests:
            if holds == list(wanted):
                return text
        for text, holds in tests:
            if [not held for held in holds] == list(wanted):
                return _negate(text)
        same = next((p for p in self._parameters.by_role(name) if p.values == list(wanted)), None)
        return same.name if same else self._parameters.flag(name, wanted)

    def _tests(self, flowing: Sequence[Size | None]) -> Iterator[Test]:
        widths = [(f"in_channels != {text}", _compare(flowing, values)) for text, values in self._widths.items()]
        strides = [
            (f"{parameter.written} != 1", [value != 1 for value in self._given(parameter.values, parameter.default)])
            for parameter in self._parameters.by_role("stride")
        ]
        yield from widths
        yield from strides
        for stride, by_stride in strides:
            for width, by_width in widths:
                yield f"{stride} or {width}", [a or b for a, b in zip(by_stride, by_width, strict=True)]

    def _given(self, values: Sequence[Data], default: Any) -> list[Any]:  # noqa: ANN401
        return [default if value is None else value for value in values]


def _widths(patterns: Patterns) -> Mapping[str, list[Any]]:
    """The output channels, as expressions of the parameters, with their values per instance."""
    widths: dict[str, list[Any]] = {}
    for pattern in every(patterns):
        names = ["out_channels"]
        if pattern.block is not None:
            names = [
                parameter.name
                for parameter in pattern.block.parameters
                if parameter.role == CHANNELS and parameter.argument != "groups"
            ]
        for name in names:
            written = pattern.written.get(name)
            if written is not None and "in_channels" not in str(written):  # in_channels means another tensor there
                values = [None if given is None else given.get(name) for given in pattern.arguments]
                if None not in values:
                    widths[str(written)] = values
    return dict(sorted(widths.items(), key=lambda entry: -list(widths).index(entry[0])))


def _compare(flowing: Sequence[Size | None], values: Sequence[Any]) -> list[bool]:
    return [have != value for have, value in zip(flowing, values, strict=True)]


def _channels_after(before: Patterns, around: Sequence[Size | None]) -> list[Size | None]:
    """The channels after these elements, some of which an instance may lack."""
    channels = list(around)
    for pattern in before:
        channels = [old if new is None else new for new, old in zip(pattern.out_channels, channels, strict=True)]
    return channels


def _negate(text: str) -> str:
    return text.replace("!=", "==").replace(" or ", " and ")


def _flag(pattern: Pattern, place: int) -> str:
    """The name of a parameter that says whether an element is present."""
    if pattern.block is not None:
        return "gated" if pattern.block.gates else "expand" if not place else f"with_{pattern.block.name}"
    return "activate" if pattern.word or LAYERS[pattern.kind].activation else f"with_{pattern.kind}"
