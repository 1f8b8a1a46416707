"""Runs a network in which some operations are unknown: each gives zeros of its shape in place of its result."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from cnncalc.graph import Graph, Node, unknown_nodes
from cnncalc.pytorch.network import Network


def stand_in(network: Network, graph: Graph) -> None:
    """Let the placeholders of a network return zeros of their shape, through which gradients (zeros too) pass."""
    for node in unknown_nodes(graph):
        network.module(node.name).forward = partial(_zeros, node)


def _zeros(node: Node, *tensors: Tensor) -> Tensor:
    batch = max(len(tensor) for tensor in tensors)
    zero = sum((0 * tensor.sum() for tensor in tensors), torch.zeros((), device=tensors[0].device))
    sizes: Any = node.output
    return zero.to(tensors[0].dtype).expand(batch, *sizes).clone()
