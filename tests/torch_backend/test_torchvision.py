"""Our networks are torchvision's: every parameter and buffer in the order of use, and the same output from its weights.

Shapes are compared for every variant, on the meta device. Outputs are compared for the lightest variant of each spec;
`CNNCALC_TORCHVISION=1` compares all of them (minutes, some GiB).
"""

import os
from collections import Counter

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree

import cnncalc
from cnncalc.torch_backend import build, compare_with
from cnncalc.torch_backend.user_network import tensors_of

from ..torchvision_table import ROWS, SHIPPED
from .torchvision_models import models

OPTIONS = {  # by the beginning of the name: no weights are fetched, none drawn slowly, the training head is there
    "googlenet": {"init_weights": False},
    "inception_v3": {"init_weights": False},
    "fcn_": {"weights_backbone": None, "aux_loss": True},
    "deeplabv3_": {"weights_backbone": None, "aux_loss": True},
}
PARAMS = {"vgg": {"pool": True}}  # torchvision's pooling to 7x7: no change at 224, other inputs need it
SIZES = {"inception_v3": (3, 75, 75), "r3d_18": (3, 4, 32, 32)}  # no more than 64 otherwise


def lightest():
    """The model with the fewest operations of each spec."""
    cost = {row.model: float(row.gmacs) for row in reversed(ROWS)}
    specs = {spec.partition("@")[0] for spec in SHIPPED.values()}
    return [min((m for m, s in SHIPPED.items() if s.partition("@")[0] == spec), key=cost.__getitem__) for spec in specs]


LIGHT = sorted(lightest())
EXECUTED = sorted(SHIPPED) if os.environ.get("CNNCALC_TORCHVISION") else LIGHT


def starting(table, name):
    return next((value for start, value in table.items() if name.startswith(start)), {})


def theirs(model):
    """torchvision's network, without values."""
    with torch.device("meta"):
        return models().get_model(model, weights=None, **starting(OPTIONS, model)).eval()


def graph_of(model, small=False):
    """Our graph of a model, at the size that it is shipped with or at a small one."""
    spec = cnncalc.load(SHIPPED[model])
    if not small:
        return spec.graph()
    (shape,) = spec.inputs().values()
    size = SIZES.get(model) or (shape[0], *(min(size, 64) for size in shape[1:]))
    return spec.graph(input=size, params=starting(PARAMS, model) or None)


class Use(TorchFunctionMode):
    """Notes in `order` when a network's parameters and buffers are first used: their layers and names there."""

    def __init__(self, network):
        super().__init__()
        self.order = []
        self.owners = {
            id(tensor): (layer, name)
            for layer in network.modules()
            for name, tensor in [*layer._parameters.items(), *layer._buffers.items()]
            if tensor is not None
        }

    def __torch_function__(self, func, types, args=(), kwargs=None):
        for each in _pytree.tree_leaves((args, kwargs or {})):
            owner = self.owners.pop(id(each), None)
            if owner is not None:
                self.order.append(owner)
        return func(*args, **(kwargs or {}))


def in_order_of_use(network, graph):
    (shape,) = graph.inputs.values()
    with torch.no_grad(), Use(network) as use:
        network(torch.empty(2, *shape, device="meta"))
    return use.order


def tensor(owner):
    layer, name = owner
    found = layer._parameters.get(name)
    return layer._buffers[name] if found is None else found


def shapes(order):
    return [tuple(tensor(owner).shape) for owner in order]


def everything(network):
    """Shapes of all parameters, names and shapes of all buffers, training heads among them."""
    buffers = ((name.rpartition(".")[2], tuple(b.shape)) for name, b in network.named_buffers())
    return Counter(tuple(p.shape) for p in network.parameters()), Counter(buffers)


def without_heads(network):
    """The network as it infers: those for segmentation run their training head in evaluation too."""
    if getattr(network, "aux_classifier", None) is not None:
        network.aux_classifier = None
    return network


@pytest.mark.parametrize("model", sorted(SHIPPED))
def test_every_parameter_and_buffer(model):
    graph, other = graph_of(model), theirs(model)
    ours = build(graph, device="meta").eval()
    assert everything(ours) == everything(other)
    expected = shapes(in_order_of_use(without_heads(other), graph))
    assert shapes(in_order_of_use(ours, graph)) == expected
    assert len(expected) > 5


def with_values(network, seed=0):
    """The network with numbers that let a signal through, and statistics whose place matters; in double precision."""
    generator = torch.Generator().manual_seed(seed)
    network = network.double().to_empty(device="cpu")
    with torch.no_grad():
        for name, each in [*network.named_parameters(), *network.named_buffers()]:
            fan_in = each[0].numel() if each.dim() > 1 else 1
            if name.endswith("num_batches_tracked"):
                each.zero_()
            elif fan_in > 1:
                each.uniform_(-1, 1, generator=generator).mul_((3 / fan_in) ** 0.5)
            elif name.endswith(("bias", "mean")):
                each.uniform_(-0.2, 0.2, generator=generator)
            else:
                each.uniform_(0.5, 1.5, generator=generator)
    return network


@pytest.mark.parametrize("model", EXECUTED)
def test_same_output_with_the_same_weights(model):
    graph, other = graph_of(model, small=True), without_heads(theirs(model))
    ours = build(graph, device="meta").eval()
    places, weights = in_order_of_use(ours, graph), in_order_of_use(other, graph)
    with_values(other)
    for (layer, name), source in zip(places, weights, strict=True):
        values = layer._parameters if name in layer._parameters else layer._buffers
        values[name] = tensor(source)
    (shape,) = graph.inputs.values()
    x = torch.randn(2, *shape, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        result, expected = ours(x), next(tensors_of(other(x)))
    assert expected.std() > 1e-6
    torch.testing.assert_close(result, expected, rtol=1e-9, atol=1e-9 * float(expected.abs().max()))


@pytest.mark.parametrize("model", LIGHT)
def test_compares_as_a_network_of_ones_own(model):
    found = compare_with(graph_of(model), without_heads(theirs(model)))
    assert found.ok, found.first_difference
    assert all(unused.lower().startswith("aux") for unused in found.unused)
