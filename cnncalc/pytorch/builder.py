"""Build the `nn.Module` of a graph: the module of every layer from its recipe, in a network that runs them."""

from __future__ import annotations

import torch
from torch import nn

from cnncalc.errors import UsageError
from cnncalc.graph import Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.pytorch.layer import make
from cnncalc.pytorch.network import Network
from cnncalc.pytorch.recipes import RECIPES
from cnncalc.pytorch.requirements import require_name, require_numbers


def build(graph: Graph, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Network:
    """Return the network of a graph with PyTorch's initialisation; on the `meta` device nothing is allocated.

    An unknown operation becomes a placeholder, which raises NotImplementedError when it runs: replace its module.

    Raises:
        UsageError: a size is still symbolic, or PyTorch cannot create a layer.
    """
    require_numbers(graph)
    return Network(graph, {node.name: build_layer(node, device, dtype) for node in graph.nodes})


def build_layer(node: Node, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> nn.Module:
    """Return the module of one node.

    Raises:
        UsageError: PyTorch cannot create it, or reserves its name.
    """
    require_name(node)
    if isinstance(node.layer, FurtherOutput):
        return nn.Identity()  # its input is the further output that the layer's module returned
    try:
        module = make(RECIPES[node.kind](node), len(node.shapes), device, dtype)
    except (RuntimeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{node.name}: PyTorch cannot create this {node.kind}: {reason}") from error
    if node.frozen:
        module.requires_grad_(False)
    return module
