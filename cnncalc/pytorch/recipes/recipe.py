"""How one layer is written in PyTorch: its module, and how the forward pass uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.terms import Arg, Call, Infix, Own, Read, Term, X, call, named

OWN = call(Own(), X)
Role = Literal["wraps", "joins", ""]
"""Whether a call may stand in the place of what the layer reads: in an activation or a norm, in a join, or in none."""


@dataclass(slots=True, unsafe_hash=True)
class Recipe:
    """A registered module and its use, or a function and the module of `nn` that does the same, where there is one.

    The builder makes the module; where the use is more than a call of it, of a class of its own with that forward pass.
    The exporter writes the use, and in an `nn.Sequential` the module.
    """

    module: Call | None
    run: Term = OWN
    registered: bool = True
    role: Role = ""

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


def reads(node: Node) -> tuple[Read, ...]:
    """All tensors that it reads."""
    return tuple(map(Read, range(len(node.shapes))))


def function(name: str, module: str, *arguments: Arg, role: Role = "") -> Recipe:
    """A function of one tensor, and the module with the same arguments."""
    return Recipe(call(module, *arguments), call(name, X, *arguments), registered=False, role=role)


def expression(run: Term, role: Role = "") -> Recipe:
    """An expression that no module of `nn` stands for."""
    return Recipe(None, run, registered=False, role=role)


def pointwise(name: str, module: str, **defaults: Any) -> Writer:  # noqa: ANN401
    """A function of every number, and its module; the fields of the layer are their arguments, with these defaults."""
    return lambda node: function(name, module, *fields(node, **defaults), role="wraps")


def folded(sign: str) -> Writer:
    """All tensors with a sign between them."""
    return lambda node: expression(Infix(sign, reads(node)), role="joins")
