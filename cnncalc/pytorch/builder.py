"""Graph → `nn.Module`: every layer made by its recipe, in a network that runs them."""

from __future__ import annotations

import torch
from torch import nn

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node, require_known
from cnncalc.layers.further import FurtherOutput
from cnncalc.pytorch.layer import make
from cnncalc.pytorch.network import Network
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.requirements import require_name, require_numbers


def build(graph: Graph, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Network:
    """The network of a graph, freshly initialised as PyTorch does; on `meta` nothing is allocated.

    Raises:
        UsageError: a size is symbolic still, a layer is unknown, or PyTorch cannot make a layer.
    """
    require_known(graph)
    require_numbers(graph)
    return Network(graph, {node.name: build_layer(node, device, dtype) for node in graph.nodes})


def build_layer(node: Node, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> nn.Module:
    """The module of one layer in its place.

    Raises:
        UsageError: PyTorch cannot make it, or not under its name.
    """
    require_name(node)
    if isinstance(node.layer, FurtherOutput):
        return nn.Identity()  # the network gives it what the layer before it has made
    try:
        module = make(RECIPES[node.kind](node), len(node.shapes), device, dtype)
    except (RuntimeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{node.name}: PyTorch cannot create this {node.kind}: {reason}") from error
    if node.frozen:
        module.requires_grad_(False)
    return module
