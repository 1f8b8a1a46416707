"""A block and its parameters: the signature, and the arguments of each instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnncalc.importers.structure.proportions import Column
from cnncalc.layers.layer import MISSING
from cnncalc.writer import Data, spelling


@dataclass(eq=False, slots=True)
class Parameter:
    """A parameter of a block; `default` is MISSING where every call gives a value."""

    name: str
    role: str
    argument: str  # the layer's argument that it finally sets: out_channels
    values: list[Data]
    default: Any = MISSING
    place: int | None = None  # its index in a list of channels
    usual: Any = MISSING  # the default of that argument
    gate: bool = False  # it is the width of a gate
    follows: bool = False  # its default, an expression of in_channels, holds for every instance

    def takes(self, column: Column) -> bool:
        """Whether it can also stand for a column; where it can, it takes over the column's values."""
        both = list(zip(self.values, column, strict=True))
        differ = any(own is not None and other is not None and own != other for own, other in both)
        meet = any(own is not None and other is not None for own, other in both)
        more = any(own is None and other is not None for own, other in both)
        if differ or not meet or (more and self.follows):
            return False
        self.values = [other if own is None else own for own, other in both]
        return True

    @property
    def written(self) -> str:
        """The parameter as it appears in an expression."""
        return self.name if self.place is None else f"{self.name}[{self.place}]"


@dataclass(eq=False, slots=True)
class Block:
    """A block of the spec: its name, signature and items, and the parts that are its instances."""

    name: str
    places: frozenset[str]  # the module paths of its instances
    switches: int  # elements that some instances lack
    entries: Sequence[Parameter]  # every parameter, a list of channels entry by entry
    parameters: Sequence[Parameter]  # in the order of the signature
    gates: bool  # it ends in a gate, like squeeze-and-excite
    items: Data
    entry: str | None  # its name for the tensor that flows in, if it reads that again
    tensors: Sequence[str]  # its names for the further tensors that it reads
    sides: Sequence[str]  # the names of its further outputs, as seen from outside

    def call(self, written: Mapping[str, Data], tensors: Sequence[str]) -> Data:
        """What follows the block's name: the value of its only argument, or all arguments by name."""
        values = {**written, **dict(zip(self.tensors, tensors, strict=True))}
        names = list(self._order())
        given = {name: values[name] for name in names if name in values}
        return given[names[0]] if given.keys() == {*names[:1]} and given else given or None

    def _order(self) -> dict[str, str]:
        """Every parameter and how the signature has it: required ones first, those with a default last."""
        numbers = {
            p.name: p.name if p.default is MISSING else f"{p.name}={_default(p.default)}" for p in self.parameters
        }
        tensors = {name: f"tensor {name}" for name in self.tensors}
        required = {name: written for name, written in numbers.items() if name == written}
        own = {self.entry: f"tensor {self.entry}=in"} if self.entry else {}
        return {**required, **tensors, **numbers, **own}

    def arguments(self, instance: int) -> dict[str, Data]:
        """The arguments of an instance, without those that equal their defaults."""
        single: dict[str, Data] = {}
        lists: dict[str, list[Data]] = {}
        for parameter in self.entries:
            value = parameter.values[instance]
            if parameter.place is not None:
                lists.setdefault(parameter.name, []).append(value)
            elif value is not None and value != parameter.default and not parameter.follows:
                single[parameter.name] = value
        return {**single, **lists}

    @property
    def head(self) -> str:
        """The signature: `bottleneck(width, stride=1)`."""
        written = self._order().values()
        return f"{self.name}({', '.join(written)})" if written else self.name


def _default(value: Any) -> str:  # noqa: ANN401
    return f"[{', '.join(map(_default, value))}]" if isinstance(value, list) else spelling(value)
