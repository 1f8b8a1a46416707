"""Find the inputs that reach an output position from autograd: the gradient of a network without cancellation.

All weights are positive, maxima become means, and interpolation is a matrix product with the absolute values of
PyTorch's own weights, rounding errors set to zero. So every product and sum is positive, and a gradient is zero exactly
where nothing is read. Activations without weights become one with a nonzero slope everywhere. Products and differences
of tensors become sums, which read the same elements: some thirty gates in sequence would overflow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from cnncalc.analysis.field.footprint import is_statistic
from cnncalc.elaborate.replay import replay
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer
from cnncalc.pytorch.builder import build
from cnncalc.pytorch.placeholders import stand_in
from cnncalc.records import replace

SLOPE = 0.5  # for negative elements, which only a normalization produces


class Interpolated(nn.Module):
    """Resampling axis by axis with the absolute values of PyTorch's weights."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.matrices = [
            _resampling_matrix(node.layer, axis, *each)
            for axis, each in enumerate(zip(node.shapes[0][1:], node.output[1:], strict=True))
        ]

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        """Interpolate [batch, channels, …] with positive weights; `like` only gives a size."""
        for axis, matrix in enumerate(self.matrices, 2):
            x = torch.movedim(torch.movedim(x, axis, -1) @ matrix, -1, axis)
        return x


def _resampling_matrix(layer: Any, axis: int, size: Any, out: Any) -> Tensor:  # noqa: ANN401
    """Return [size, out]: the weight of each input row in each output row."""
    eye = torch.eye(size, dtype=torch.float64)[None]
    factors = layer.scale_factor
    given: dict[str, Any] = {"size": (out,)} if factors is None else {"scale_factor": (float(factors[axis]),)}
    extra = {} if layer.align_corners is None else {"align_corners": layer.align_corners}
    if layer.mode == "bicubic" or layer.antialias:
        # Two columns: PyTorch 2.13 gives all rows of an antialiased map of one column the weights of the first.
        given = {key: (*value, 2 if key == "size" else 1) for key, value in given.items()}
        eye = eye[..., None].repeat(1, 1, 1, 2)
        matrix = F.interpolate(eye, mode=layer.mode, antialias=layer.antialias, **given, **extra)[..., 0]
    else:
        mode = "linear" if "linear" in layer.mode else layer.mode
        matrix = F.interpolate(eye, mode=mode, **given, **extra)
    return torch.where(matrix.abs() < 1e-6, 0, matrix.abs())[0]


def positive_network(graph: Graph, layers: Iterable[str], without: Collection[str] | None = None) -> nn.Module:
    """Return the positive network of a graph up to `layers`, which are its outputs; see the module docstring.

    No gradient passes the layers named in `without`, nor the statistics of normalizations if it is given.
    """
    wanted = dict.fromkeys(layers)
    graph = replace(graph, nodes=find_ancestors(graph, wanted), outputs={name: name for name in wanted})
    local = without is not None
    graph = replay(graph, layers={node.name: _make_positive(node, local) for node in graph.nodes})
    network = build(graph, dtype=torch.float64).eval()
    stand_in(network, graph)
    for name in (node.name for node in graph.nodes if node.name in (without or ())):
        network.module(name).register_forward_hook(lambda module, inputs, output: output.detach())
    for node in graph.nodes:
        if node.kind == "upsample":
            *levels, last = node.name.split(".")
            network.get_submodule(".".join(levels))._modules[last] = Interpolated(node)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(0.5, 1.5)
            if parameter.dim() > 1:  # so that a deep network does not overflow
                parameter.mul_(parameter.shape[0] / parameter.numel())
    return network.requires_grad_(False)


def find_ancestors(graph: Graph, layers: Iterable[str]) -> tuple[Node, ...]:
    """Return the nodes that these layers depend on, themselves included."""
    wanted = set(layers)
    ancestors: list[Node] = []
    for node in reversed(graph.nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
            ancestors.append(node)
    return tuple(reversed(ancestors))


def _make_positive(node: Node, local: bool = False) -> Layer:
    """Replace a maximum by a mean, an activation by one with a slope, and constant padding by ones, never zeros.

    With `local`, a normalization over whole maps becomes the identity.
    """
    layer = node.layer
    if local and any(is_statistic(node, route) for route in layer.reading(node.shapes)):
        return LAYERS["identity"]()
    kind = layer.stand_in or layer.kind
    if kind == "leaky_relu":
        return LAYERS[kind](negative_slope=SLOPE, inplace=False)
    own: dict[str, Any] = {"count_include_pad": True, "divisor_override": None, **layer.__dict__}
    if kind == "pad" and own["mode"] == "constant":
        own["value"] = 1
    return LAYERS[kind](**{name: own[name] for name in LAYERS[kind].arguments})


class Gradients:
    """The outputs and gradients of a positive network, run once up to `layers` (default: all).

    Raises:
        SpecError: a mean needs a larger input than the maximum that it replaces.
    """

    def __init__(
        self, graph: Graph, layers: Iterable[str] | None = None, without: Collection[str] | None = None
    ) -> None:
        shapes: dict[str, Any] = dict(graph.inputs)
        self.inputs = {
            name: torch.rand((1, *shape), dtype=torch.float64).add_(0.5).requires_grad_()
            for name, shape in shapes.items()
        }
        names = tuple(node.name for node in graph.nodes) if layers is None else tuple(layers)
        result = positive_network(graph, names, without)(*self.inputs.values())
        self.outputs: dict[str, Tensor] = result if isinstance(result, dict) else {names[0]: result}

    def seen(self, layer: str, position: tuple[int, ...]) -> dict[str, Tensor]:
        """Map every input to a mask of its pixels that reach this position, in any channel."""
        place: Any = (0, slice(None), *position)
        number = self.outputs[layer][place].sum()
        if not number.requires_grad:  # all paths are cut off
            return {name: torch.zeros(tensor.shape[2:], dtype=torch.bool) for name, tensor in self.inputs.items()}
        gradients = torch.autograd.grad(number, list(self.inputs.values()), retain_graph=True, allow_unused=True)
        return {
            name: (torch.zeros_like(tensor) if gradient is None else gradient)[0].ne(0).any(0)
            for (name, tensor), gradient in zip(self.inputs.items(), gradients, strict=True)
        }
