"""Turns the differences between a block's instances into parameters, or into expressions of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnncalc.document.reader import reserved
from cnncalc.importers.structure.block import Parameter
from cnncalc.importers.structure.patterns import Pattern, Patterns
from cnncalc.importers.structure.proportions import HALF, Column, factor_of, is_multiple, product
from cnncalc.importers.structure.unify import every
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import MISSING
from cnncalc.symbolic import Size
from cnncalc.writer import Data

CHANNELS = "channels"
WIDTH = "width"
_ROLES = {"out_channels": CHANNELS, "out_features": CHANNELS, "groups": CHANNELS, "num_groups": CHANNELS}
_LEAVING = frozenset({"out_channels", "out_features"})
_MOST_NAMED = 3  # parameters for channels; more become one list


class Parameters:
    """Finds the parameters of one block; `entering` gives the input channels of every instance."""

    def __init__(self, count: int, entering: Sequence[Size], taken: frozenset[str]) -> None:
        self.parameters: list[Parameter] = []
        self._count = count
        self._entering = entering
        self._taken = set(taken) | reserved()

    def solve(self, patterns: Patterns) -> None:
        """Write every argument of every element."""
        self._taken.update(_words(patterns))
        for pattern in every(patterns):
            self._write_kind(pattern)
            for name, default, role, argument in sorted(_arguments(pattern), key=_padding_last):
                column = [
                    None
                    if arguments is None
                    else arguments.get(name, _default_value(pattern, name, arguments, default))
                    for arguments in pattern.arguments
                ]
                written = self._write_column(column, default, role, pattern, argument)
                if written is not MISSING:
                    pattern.written[name] = written
        self._name_channels()
        self._set_defaults()
        for pattern in every(patterns):
            order = [name for name, *_ in _arguments(pattern)]
            pattern.written = {name: _resolve(pattern.written[name]) for name in order if name in pattern.written}

    def flag(self, name: str, values: Sequence[bool]) -> str:
        """Add a parameter that says whether something is present; its name."""
        default = sum(values) * 2 >= len(values)
        return self._add(name, name, name, list(values), default).name

    def by_role(self, role: str) -> Iterator[Parameter]:
        """The parameters of a role."""
        return (parameter for parameter in self.parameters if parameter.role == role)

    def _write_kind(self, pattern: Pattern) -> None:
        kinds = {kind for kind in pattern.kinds if kind}
        if len(kinds) > 1:
            same = next((p for p in self.by_role("kind") if p.takes(pattern.kinds)), None)
            pattern.word = (same or self._new("kind", "kind", list(pattern.kinds), "activation")).name

    def _write_column(self, column: Column, default: Any, role: str, pattern: Pattern, argument: str) -> Any:  # noqa: ANN401
        values = [value for value in column if value is not None]
        if role == "stride" and len(values) < len(column):  # a shortcut, say, has that of its body
            same = next((p for p in self.by_role(role) if factor_of(column, p.values) == 1), None)
            if same is not None:
                return same
        if all(value == values[0] for value in values):
            return MISSING if default is not MISSING and values[0] == default else values[0]
        source = self._expression(column, role, pattern.channels) or _merge_lists(column, pattern.channels)
        if source is None:
            name = CHANNELS if argument in _LEAVING else "activation" if argument == "kind" else argument
            source = self._new(role, argument, list(column), name)
            source.gate = pattern.block is not None and pattern.block.gates
            source.usual = default
        return source

    def _expression(self, column: Column, role: str, channels: Sequence[Size | None]) -> Any:  # noqa: ANN401
        """What the values follow from: a parameter, the element's input channels, or the block's; else None."""
        for parameter in self.parameters:
            if parameter.role == role and parameter.takes(column):
                return parameter
            if (role, parameter.role) == ("padding", "dilation") and factor_of(column, parameter.values) == 1:
                return parameter
        if role == CHANNELS and factor_of(column, channels) == 1:
            return "in_channels"
        for parameter in self.parameters:
            if (role, parameter.role) == ("padding", "kernel_size") and is_multiple(column, parameter.values, HALF):
                return _Product(parameter, product("{}", HALF))
            factor = factor_of(column, parameter.values) if parameter.role == role == CHANNELS else None
            if factor is not None:
                return _Product(parameter, product("{}", factor))
        return self._multiple_of_channels(column, channels) if role == CHANNELS else None

    def _multiple_of_channels(self, column: Column, channels: Sequence[Size | None]) -> Any:  # noqa: ANN401
        factor = factor_of(column, channels)
        if factor is not None:
            return product("in_channels", factor)
        factor = factor_of(column, self._entering)
        if factor is None:
            return None
        parameter = self._add(
            "entering" if factor == 1 else "squeezed",
            CHANNELS,
            "out_channels",
            list(column),
            product("in_channels", factor),
        )
        parameter.follows = True
        return parameter

    def _new(self, role: str, argument: str, values: list[Data], name: str) -> Parameter:
        return self._add(name, role, argument, values, MISSING)

    def _set_defaults(self) -> None:
        """Set the defaults: what most instances have, or what the layer has anyway."""
        for parameter in self.parameters:
            values = [value for value in parameter.values if value is not None]
            if parameter.default is not MISSING or parameter.place is not None:
                continue
            common, times = Counter(map(repr, values)).most_common(1)[0]
            if len(values) < self._count or (times * 2 > self._count and parameter.argument not in _LEAVING):
                parameter.default = next(value for value in values if repr(value) == common)
            elif parameter.usual is not MISSING and parameter.usual in values:
                parameter.default = parameter.usual

    def _add(self, name: str, role: str, argument: str, values: list[Data], default: Any) -> Parameter:  # noqa: ANN401
        unused = self._unused_name(name)
        self._taken.add(unused)
        parameter = Parameter(unused, role, argument, values, default)
        self.parameters.append(parameter)
        return parameter

    def _name_channels(self) -> None:
        """Name the widths: the last one is the output's, the others are hidden; many become one list."""
        own = [p for p in self.parameters if p.argument in _LEAVING and not p.follows]
        self._taken -= {parameter.name for parameter in own}
        leaving = WIDTH if CHANNELS in self._taken else CHANNELS  # `channels` may be a word that an argument uses
        if len(own) > _MOST_NAMED and not any(None in p.values for p in own):
            name = self._unused_name(leaving)
            for place, parameter in enumerate(own):
                parameter.name, parameter.place, parameter.default = name, place, MISSING
            return
        for parameter in own[-1:] + own[:-1]:
            name = "squeezed" if parameter.gate else leaving if parameter is own[-1] else "hidden"
            parameter.name = self._unused_name(name)
            self._taken.add(parameter.name)

    def _unused_name(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{name}{number}"
        return candidate


def _merge_lists(column: Column, channels: Sequence[Size | None]) -> list[Data] | None:
    """A list whose entries are constant or equal the input channels, as for a gate reshaped to one pixel; else None."""
    lists = [value for value in column if isinstance(value, list)]
    lengths = set(map(len, lists))
    if len(lengths) != 1 or len(lists) != sum(value is not None for value in column):
        return None
    absent: list[Data] = [None] * lengths.pop()
    merged: list[Data] = []
    for entries in zip(*(value if isinstance(value, list) else absent for value in column), strict=True):
        known = [entry for entry in entries if entry is not None]
        same = all(entry == known[0] for entry in known)
        if not same and factor_of(entries, channels) != 1:
            return None
        merged.append(known[0] if same else "in_channels")
    return merged


@dataclass(eq=False, slots=True)
class _Product:
    """An expression of one parameter, whose name may still change."""

    parameter: Parameter
    form: str


def _resolve(value: Any) -> Data:  # noqa: ANN401
    if isinstance(value, Parameter):
        return value.written
    return value.form.format(value.parameter.written) if isinstance(value, _Product) else value


def _words(patterns: Patterns) -> Iterator[str]:
    """The words used as arguments, which no parameter may shadow."""
    for pattern in every(patterns):
        for given in pattern.arguments:
            yield from (value for value in (given or {}).values() if isinstance(value, str))


def _arguments(pattern: Pattern) -> Iterator[tuple[str, Any, str, str]]:
    """The arguments given somewhere: name, default, role, and the layer's argument that each finally sets."""
    given = {name for arguments in pattern.arguments if arguments for name in arguments}
    if pattern.block is not None:
        for parameter in pattern.block.parameters:
            if parameter.name in given:
                yield parameter.name, parameter.default, parameter.role, parameter.argument
        return
    for name, argument in LAYERS[pattern.kind].arguments.items():
        if name in given:
            default = argument.default if argument.default is not None else MISSING
            yield name, default, _role(pattern, name), name


def _role(pattern: Pattern, name: str) -> str:
    """The role of an argument; the ends of a slice of the channels are channels."""
    if (
        pattern.kind == "slice"
        and name in ("start", "end")
        and not any(given and "dim" in given for given in pattern.arguments)
    ):
        return CHANNELS
    return _ROLES.get(name, name)


def _default_value(pattern: Pattern, name: str, arguments: dict[str, Data], default: Any) -> Any:  # noqa: ANN401
    """The value of an argument that is not given."""
    if default is MISSING and name == "stride" and pattern.block is None:
        return arguments["kernel_size"]
    return default


def _padding_last(argument: tuple[str, Any, str, str]) -> bool:
    """The sort key that puts padding after what it may follow from."""
    return argument[2] == "padding"
