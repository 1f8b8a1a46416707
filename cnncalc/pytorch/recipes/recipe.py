"""The recipe of a layer in PyTorch: its module, and how the forward pass uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from cnncalc.graph import Node
from cnncalc.pytorch.recipes.terms import Arg, Call, Infix, Own, Read, Term, X, call, keyword

OWN = call(Own(), X)
Role = Literal["wraps", "joins", ""]
"""Whether the call that computes the input may be nested here: in an activation or norm, in a merge, or not at all."""


@dataclass(slots=True, unsafe_hash=True)
class Recipe:
    """A registered module and its use, or a function and the equivalent module of `nn`, if there is one.

    The builder creates the module; if the use is more than a plain call, its class gets that forward pass. The exporter
    writes the use, and in an `nn.Sequential` the module.
    """

    module: Call | None
    run: Term = OWN
    registered: bool = True
    role: Role = ""

    @property
    def chains(self) -> bool:
        """Whether its module alone can be a member of an `nn.Sequential`."""
        return self.module is not None and (not self.registered or self.run == OWN)


Writer: TypeAlias = Callable[[Node], Recipe]


def with_input(node: Node, first: str) -> Node:
    """Return the node; one without inputs reads `first`, an input of the network, of which it uses only the batch."""
    return node if node.inputs else node._replace(inputs=(first,))


def rank(node: Node) -> int:
    """Return the number of spatial axes of the first input."""
    return len(node.shapes[0]) - 1


def channels(node: Node) -> Any:  # noqa: ANN401
    """Return the channels of the first input."""
    return node.shapes[0][0]


def dims_of(node: Node) -> str:
    """Return the code of the dimensions that a layer reduces: a number, or numbers in parentheses."""
    dim: Any = node.layer.__dict__["dim"]
    dims = tuple(range(2, len(node.shapes[0]) + 1)) if dim == "spatial" else tuple(dim)
    return str(dims[0]) if len(dims) == 1 else str(dims)


def fields(node: Node, **defaults: Any) -> tuple[Arg, ...]:  # noqa: ANN401
    """Return fields of the layer as keyword arguments, with PyTorch's defaults."""
    return tuple(keyword(name, getattr(node.layer, name), default) for name, default in defaults.items())


def reads(node: Node) -> tuple[Read, ...]:
    """Return all input tensors as terms."""
    return tuple(map(Read, range(len(node.shapes))))


def function(name: str, module: str, *arguments: Arg, role: Role = "") -> Recipe:
    """Return the recipe of a function of one tensor, with the module that takes the same arguments."""
    return Recipe(call(module, *arguments), call(name, X, *arguments), registered=False, role=role)


def expression(run: Term, role: Role = "") -> Recipe:
    """Return the recipe of an expression without an equivalent module of `nn`."""
    return Recipe(None, run, registered=False, role=role)


def pointwise(name: str, module: str, **defaults: Any) -> Writer:  # noqa: ANN401
    """Return a writer for an elementwise function and its module; `defaults` names their arguments."""
    return lambda node: function(name, module, *fields(node, **defaults), role="wraps")


def fold(sign: str) -> Writer:
    """Return a writer that joins all input tensors with an operator."""
    return lambda node: expression(Infix(sign, reads(node)), role="joins")
