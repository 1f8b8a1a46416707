"""Graph → `nn.Module`: the table of builders, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node, require_known
from cnncalc.layers.further import FurtherOutput
from cnncalc.pytorch.modules.joins import JOINS
from cnncalc.pytorch.modules.order import ORDER
from cnncalc.pytorch.modules.place import Builder, Place
from cnncalc.pytorch.modules.pointwise import POINTWISE
from cnncalc.pytorch.modules.resizing import RESIZING
from cnncalc.pytorch.modules.sliding import SLIDING
from cnncalc.pytorch.modules.vectors import VECTORS
from cnncalc.pytorch.network import Network
from cnncalc.symbolic import Expr

BUILDERS: dict[str, Builder] = {**SLIDING, **VECTORS, **ORDER, **RESIZING, **JOINS, **POINTWISE}


def build(graph: Graph, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Network:
    """The network of a graph, freshly initialised as PyTorch does; on `meta` nothing is allocated.

    Raises:
        UsageError: a size is symbolic still, a layer is unknown, or PyTorch cannot make a layer.
    """
    require_known(graph)
    require_numbers(graph)
    factory = {"device": device, "dtype": dtype}
    modules = {node.name: _module(node, factory) for node in graph.nodes}
    return Network(graph, modules)


def build_layer(place: Place) -> nn.Module:
    """The module of one layer in its place."""
    return BUILDERS[place.layer.kind](place)


def require_numbers(graph: Graph) -> None:
    """Refuse a graph whose sizes depend on a symbol."""
    for symbols in _symbols(graph):
        if symbols:
            names = ", ".join(sorted(symbols))
            raise UsageError(f"{graph.name}: {names} still a symbol: give the symbols values first")


def _module(node: Node, factory: dict[str, Any]) -> nn.Module:
    if "training" in node.name.split("."):
        raise UsageError(f"{node.name}: PyTorch keeps the name 'training' for itself: choose another")
    if isinstance(node.layer, FurtherOutput):
        return nn.Identity()  # the network gives it what the layer before it has made
    place = Place(node.layer, node.shapes, node.output, factory)  # type: ignore[arg-type] # numbers: require_numbers
    try:
        module = build_layer(place)
    except (RuntimeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{node.name}: PyTorch cannot make this {node.kind}: {reason}") from error
    if node.frozen:
        module.requires_grad_(False)
    return module


def _symbols(graph: Graph) -> Iterator[frozenset[str]]:
    for shape in graph.inputs.values():
        yield _of(shape)
    for node in graph.nodes:
        yield _of(node.output)
        yield _of(tuple(getattr(node.layer, name) for name in node.layer.arguments))


def _of(value: object) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_of, value))
    return value.symbols if isinstance(value, Expr) else frozenset()
