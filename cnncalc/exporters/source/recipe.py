"""What is known of the code of one node: its module, and how the forward pass uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from cnncalc.exporters.source.terms import Arg, Call, Own, Term, X, call, named
from cnncalc.graph import Node

OWN = call(Own(), X)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A registered module and its use, or a function and the module of `nn` that does the same, where there is one."""

    module: Call | None
    run: Term = OWN
    registered: bool = True

    @property
    def chains(self) -> bool:
        """Whether its module, alone, can stand in an `nn.Sequential`."""
        return self.module is not None and (not self.registered or self.run == OWN)


Writer: TypeAlias = Callable[[Node], Recipe]


def rank(node: Node) -> int:
    """The spatial axes of what it reads."""
    return len(node.shapes[0]) - 1


def channels(node: Node) -> Any:  # noqa: ANN401
    """The channels of what it reads."""
    return node.shapes[0][0]


def fields(node: Node, **defaults: Any) -> tuple[Arg, ...]:  # noqa: ANN401
    """Fields of the layer as arguments by name, with PyTorch's defaults."""
    return tuple(named(name, getattr(node.layer, name), default) for name, default in defaults.items())


def function(name: str, module: str | None, *arguments: Arg) -> Recipe:
    """A function of one tensor, and the module with the same arguments."""
    return Recipe(module and call(module, *arguments), call(name, X, *arguments), registered=False)  # type: ignore[arg-type]


def expression(run: Term) -> Recipe:
    """An expression that no module of `nn` stands for."""
    return Recipe(None, run, registered=False)
