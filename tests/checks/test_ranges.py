"""What layers are said to bound is what PyTorch's own do."""

import pytest
import torch

import cnncalc
from cnncalc.checks.ranges import ranges
from cnncalc.layers import LAYERS

X = torch.cat([torch.linspace(-30, 30, 6001), torch.tensor([-1e4, 1e4])]).double()
SOFTPLUS = [f"softplus: {{beta: {beta}, threshold: {least}}}" for beta in (1, 0.5, -1) for least in (20, 0, -5)]
BOUNDED = [
    *(kind for kind, layer in LAYERS.items() if layer.output_range is not None),
    "hardtanh: {min_val: -2, max_val: 3}",
    "softplus",
    *SOFTPLUS,
]
LEAVING = [
    *(kind for kind, layer in LAYERS.items() if layer.unchanged_range is not None),
    "hardtanh: {min_val: -2, max_val: 3}",
    "elu: {alpha: 2}",
]


def built(layers, shape):
    spec = cnncalc.parse(f"input: {list(shape)}\nlayers: [{layers}]\n")
    return spec.graph(), spec.to_torch().double()


@pytest.mark.parametrize("layer", BOUNDED)
def test_what_is_made_lies_within(layer):
    graph, network = built(f"{{{layer}}}" if ":" in layer else layer, (1, len(X)))
    made = network(X.reshape(1, 1, -1))
    low, high = ranges(graph)[graph.nodes[-1].name]
    assert low is None or made.min() >= float(low)
    assert high is None or made.max() <= float(high)


@pytest.mark.parametrize("layer", LEAVING)
def test_what_is_left_alone_is(layer):
    graph, network = built(f"{{{layer}}}" if ":" in layer else layer, (1, len(X)))
    low, high = graph.nodes[-1].layer.fixed
    inside = X[(float(low) <= X) & ((float(high) >= X) if high is not None else True)]
    assert torch.equal(network(X.reshape(1, 1, -1)).reshape(-1)[torch.isin(X, inside)], inside)
    assert not torch.equal(network(X.reshape(1, 1, -1)).reshape(-1), X)


NETWORKS = [
    "relu6, avgpool: {kernel_size: 3, padding: 1}, gelu, upsample: {scale_factor: 2, mode: bilinear}, dropout",
    "sigmoid, maxpool: {kernel_size: 3, padding: 1}, pad: {padding: 1, value: 2}, hardswish, global_avgpool, flatten",
    "tanh, pad: {padding: 1, mode: reflect}, maxpool: {kernel_size: 2, ceil_mode: true}, elu, silu",
    "branches: {merge: concat, paths: [[relu], [tanh]]}, branches: {merge: add, paths: [[relu], [sigmoid]]}, selu",
    "branches: {merge: multiply, paths: [[relu], [sigmoid]]}, channel_shuffle: 2, slice: {end: 2}",
    "relu, crop: {size: 4}, softplus, celu, mish",
]


@pytest.mark.parametrize("layers", NETWORKS)
def test_every_tensor_of_a_network_lies_within(layers):
    layers = ", ".join(f"{{{each}}}" if ":" in each else each for each in _items(layers))
    graph, network = built(layers, (4, 9, 9))
    network.train()
    seen = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda module, args, out, name=name: seen.setdefault(name, out))
    torch.manual_seed(0)
    network(10 * torch.randn(2, 4, 9, 9).double())
    known = ranges(graph)
    checked = 0
    for name, out in seen.items():
        if name in known and isinstance(out, torch.Tensor):
            low, high = known[name]
            assert low is None or out.min() >= float(low) - 1e-9, name
            assert high is None or out.max() <= float(high) + 1e-9, name
            checked += (low, high) != (None, None)
    assert checked >= 3


def _items(text):
    """The layers of a line, split at the commas outside of brackets."""
    depth, start = 0, 0
    for index, char in enumerate(f"{text},"):
        depth += (char in "[{") - (char in "]}")
        if char == "," and not depth:
            yield text[start:index].strip()
            start = index + 1
