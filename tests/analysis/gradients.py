"""Which inputs reach an output position, by PyTorch: the gradient of a network without cancellation.

All weights are positive, maxima are means, and interpolation is a matrix product with PyTorch's own weights, their
absolute values taken and what is rounding made zero. So every product and sum is positive, and a gradient is zero
exactly where nothing is read.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from cnncalc.elaborate.replay import replay
from cnncalc.graph import Graph, Node
from cnncalc.layers import LAYERS
from cnncalc.layers.layer import Layer
from cnncalc.torch_backend import build

torch.set_num_threads(1)
MEANS = {"maxpool": "avgpool", "adaptive_maxpool": "adaptive_avgpool", "global_maxpool": "global_avgpool"}


class Interpolated(nn.Module):
    """Resampling axis by axis, with PyTorch's weights."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.matrices = [
            _weights(node.layer, axis, *each)
            for axis, each in enumerate(zip(node.shapes[0][1:], node.output[1:], strict=True))
        ]

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        for axis, matrix in enumerate(self.matrices, 2):
            x = torch.movedim(torch.movedim(x, axis, -1) @ matrix, -1, axis)
        return x


def _weights(layer: Layer, axis: int, size: int, out: int) -> Tensor:
    """[size, out]: what each row that enters adds to each that leaves."""
    eye = torch.eye(size, dtype=torch.float64)[None]
    factors = layer.scale_factor
    given = {"size": (out,)} if factors is None else {"scale_factor": (float(factors[axis]),)}
    extra = {} if layer.align_corners is None else {"align_corners": layer.align_corners}
    if layer.mode == "bicubic":
        given = {key: (*value, 1) for key, value in given.items()}
        found = F.interpolate(eye[..., None], mode="bicubic", **given, **extra)[..., 0]
    else:
        mode = "linear" if "linear" in layer.mode else layer.mode
        found = F.interpolate(eye, mode=mode, **given, **extra)
    return torch.where(found.abs() < 1e-6, 0, found.abs())[0]


def positive_network(graph: Graph) -> nn.Module:
    """The network of a graph, as the docstring of this file says."""
    graph = replay(graph, layers={node.name: _positive(node.layer) for node in graph.nodes})
    network = build(replace(graph, outputs={node.name: node.name for node in graph.nodes}), dtype=torch.float64).eval()
    for node in graph.nodes:
        if node.kind == "upsample":
            *levels, last = node.name.split(".")
            network.get_submodule(".".join(levels))._modules[last] = Interpolated(node)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(0.5, 1.5)
    return network


def _positive(layer: Layer) -> Layer:
    """A mean for a maximum; for constant padding ones, lest a product with it be zero."""
    kind = MEANS.get(layer.kind, layer.kind)
    own = {"count_include_pad": True, "divisor_override": None, **layer.__dict__}
    if kind == "pad" and layer.mode == "constant":
        own["value"] = 1
    return LAYERS[kind](**{name: own[name] for name in LAYERS[kind].arguments})


class Gradients:
    """A network run once, and asked for gradients."""

    def __init__(self, graph: Graph) -> None:
        self.inputs = {
            name: torch.rand((1, *shape), dtype=torch.float64).add_(0.5).requires_grad_()
            for name, shape in graph.inputs.items()
        }
        found = positive_network(graph)(*self.inputs.values())
        self.outputs = found if isinstance(found, dict) else {graph.nodes[0].name: found}

    def seen(self, layer: str, position: tuple[int, ...]) -> dict[str, Tensor]:
        """Per input, which of its pixels reach this position, in any channel."""
        number = self.outputs[layer][(0, slice(None), *position)].sum()
        found = torch.autograd.grad(number, list(self.inputs.values()), retain_graph=True, allow_unused=True)
        return {
            name: (torch.zeros_like(tensor) if gradient is None else gradient)[0].ne(0).any(0)
            for (name, tensor), gradient in zip(self.inputs.items(), found, strict=True)
        }
