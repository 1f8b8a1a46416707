"""Which inputs reach an output position, by PyTorch: the gradient of a network without cancellation.

All weights are positive, maxima are means, and interpolation is a matrix product with PyTorch's own weights, their
absolute values taken and what is rounding made zero. So every product and sum is positive, and a gradient is zero
exactly where nothing is read. Activations without weights become one with a slope everywhere: none is flat or full.
Products and differences of tensors become sums, which read the same: some thirty gates one upon another would overflow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from cnncalc.elaborate.replay import replay
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer
from cnncalc.pytorch.builder import build
from cnncalc.records import replace

SLOPE = 0.5  # of what is negative, which only a normalization makes


class Interpolated(nn.Module):
    """Resampling axis by axis, with PyTorch's weights."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.matrices = [
            _weights(node.layer, axis, *each)
            for axis, each in enumerate(zip(node.shapes[0][1:], node.output[1:], strict=True))
        ]

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        """What interpolation gives, with positive weights."""
        for axis, matrix in enumerate(self.matrices, 2):
            x = torch.movedim(torch.movedim(x, axis, -1) @ matrix, -1, axis)
        return x


def _weights(layer: Any, axis: int, size: Any, out: Any) -> Tensor:  # noqa: ANN401
    """[size, out]: what each row that enters adds to each that leaves."""
    eye = torch.eye(size, dtype=torch.float64)[None]
    factors = layer.scale_factor
    given: dict[str, Any] = {"size": (out,)} if factors is None else {"scale_factor": (float(factors[axis]),)}
    extra = {} if layer.align_corners is None else {"align_corners": layer.align_corners}
    if layer.mode == "bicubic":
        given = {key: (*value, 1) for key, value in given.items()}
        found = F.interpolate(eye[..., None], mode="bicubic", **given, **extra)[..., 0]
    else:
        mode = "linear" if "linear" in layer.mode else layer.mode
        found = F.interpolate(eye, mode=mode, **given, **extra)
    return torch.where(found.abs() < 1e-6, 0, found.abs())[0]


def positive_network(graph: Graph, layers: Iterable[str]) -> nn.Module:
    """The network of a graph up to these layers, as the docstring of this file says; its outputs are those layers."""
    wanted = dict.fromkeys(layers)
    graph = replace(graph, nodes=needed(graph, wanted), outputs={name: name for name in wanted})
    graph = replay(graph, layers={node.name: _positive(node.layer) for node in graph.nodes})
    network = build(graph, dtype=torch.float64).eval()
    for node in graph.nodes:
        if node.kind == "upsample":
            *levels, last = node.name.split(".")
            network.get_submodule(".".join(levels))._modules[last] = Interpolated(node)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(0.5, 1.5)
            if parameter.dim() > 1:  # lest a deep network overflow
                parameter.mul_(parameter.shape[0] / parameter.numel())
    return network.requires_grad_(False)


def needed(graph: Graph, layers: Iterable[str]) -> tuple[Node, ...]:
    """The nodes that these layers are made of, themselves too."""
    wanted = set(layers)
    found: list[Node] = []
    for node in reversed(graph.nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
            found.append(node)
    return tuple(reversed(found))


def _positive(layer: Layer) -> Layer:
    """A mean for a maximum; a slope for an activation; for constant padding ones, lest a product with it be zero."""
    kind = layer.stand_in or layer.kind
    if kind == "leaky_relu":
        return LAYERS[kind](negative_slope=SLOPE, inplace=False)
    own: dict[str, Any] = {"count_include_pad": True, "divisor_override": None, **layer.__dict__}
    if kind == "pad" and own["mode"] == "constant":
        own["value"] = 1
    return LAYERS[kind](**{name: own[name] for name in LAYERS[kind].arguments})


class Gradients:
    """A network run once up to some of its layers (all), and asked for their gradients.

    Raises:
        SpecError: a mean needs more room than the maximum that it stands for.
    """

    def __init__(self, graph: Graph, layers: Iterable[str] | None = None) -> None:
        shapes: dict[str, Any] = dict(graph.inputs)
        self.inputs = {
            name: torch.rand((1, *shape), dtype=torch.float64).add_(0.5).requires_grad_()
            for name, shape in shapes.items()
        }
        names = tuple(node.name for node in graph.nodes) if layers is None else tuple(layers)
        found = positive_network(graph, names)(*self.inputs.values())
        self.outputs: dict[str, Tensor] = found if isinstance(found, dict) else {names[0]: found}

    def seen(self, layer: str, position: tuple[int, ...]) -> dict[str, Tensor]:
        """Per input, which of its pixels reach this position, in any channel."""
        place: Any = (0, slice(None), *position)
        number = self.outputs[layer][place].sum()
        found = torch.autograd.grad(number, list(self.inputs.values()), retain_graph=True, allow_unused=True)
        return {
            name: (torch.zeros_like(tensor) if gradient is None else gradient)[0].ne(0).any(0)
            for (name, tensor), gradient in zip(self.inputs.items(), found, strict=True)
        }
