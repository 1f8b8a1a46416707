"""A block that was found, and its parameters: what its signature says, and what each instance says to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnncalc.importers.structure.proportions import Column
from cnncalc.layers.layer import MISSING
from cnncalc.writer import Data, spelling


@dataclass(eq=False, slots=True)
class Parameter:
    """A parameter of a block; `default` is MISSING where every call says it."""

    name: str
    role: str
    argument: str  # of the layer that it is for in the end: out_channels
    values: list[Data]
    default: Any = MISSING
    place: int | None = None  # in a list of channels
    usual: Any = MISSING  # the default of what it is for
    gate: bool = False  # it is for a gate
    follows: bool = False  # its default, an expression of what flows in, is right for every instance

    def takes(self, column: Column) -> bool:
        """Whether it can stand for a column too, where each has a value; it then has the values of both."""
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
        """The parameter as an expression has it."""
        return self.name if self.place is None else f"{self.name}[{self.place}]"


@dataclass(eq=False, slots=True)
class Block:
    """A block of the spec: its name, its signature and its items, and the parts that are instances of it."""

    name: str
    places: frozenset[str]  # the paths of its instances
    switches: int  # elements that some instances lack
    found: Sequence[Parameter]  # every parameter, a list of channels entry by entry
    parameters: Sequence[Parameter]  # as the signature has them
    gates: bool  # it ends in a gate, as squeeze and excite does
    items: Data

    def call(self, written: Mapping[str, Data]) -> Data:
        """What stands behind the block's name: the one argument that needs no name, or all by name."""
        if not written:
            return None
        names = [parameter.name for parameter in self.parameters]
        given = {name: written[name] for name in names if name in written}
        return given[names[0]] if given.keys() == {names[0]} else given

    def arguments(self, instance: int) -> dict[str, Data]:
        """What an instance has to say."""
        found: dict[str, Data] = {}
        lists: dict[str, list[Data]] = {}
        for parameter in self.found:
            value = parameter.values[instance]
            if parameter.place is not None:
                lists.setdefault(parameter.name, []).append(value)
            elif value is not None and value != parameter.default and not parameter.follows:
                found[parameter.name] = value
        return {**found, **lists}

    @property
    def head(self) -> str:
        """The signature: `bottleneck(width, stride=1)`."""
        written = [p.name if p.default is MISSING else f"{p.name}={_default(p.default)}" for p in self.parameters]
        return f"{self.name}({', '.join(written)})" if written else self.name


def _default(value: Any) -> str:  # noqa: ANN401
    return f"[{', '.join(map(_default, value))}]" if isinstance(value, list) else spelling(value)
