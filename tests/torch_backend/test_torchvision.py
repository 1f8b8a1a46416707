"""Our networks with torchvision's weights give torchvision's output, to float rounding."""

import pytest
import torch

import cnncalc
from cnncalc.torch_backend import build, compare_with

from .torchvision_models import models

NETWORKS = {
    "alexnet@torchvision": "alexnet",
    "resnet@18": "resnet18",
    "resnet@50": "resnet50",
    "vgg@16": "vgg16",
    "googlenet": "googlenet",
    "mobilenet_v2": "mobilenet_v2",
}


def theirs(name):
    options = {"init_weights": False} if name == "googlenet" else {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = getattr(models(), NETWORKS[name])(**options).eval()
        for module in network.modules():  # statistics that are not 0 and 1, so that their place matters
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 1.5)
    return network


def in_order(network, x):
    """The modules with parameters, as they run."""
    ran = []
    layers = [module for module in network.modules() if module._parameters]
    handles = [layer.register_forward_pre_hook(lambda layer, _: ran.append(layer)) for layer in layers]
    with torch.no_grad():
        out = network(x)
    for handle in handles:
        handle.remove()
    return ran, out


@pytest.mark.parametrize("name", NETWORKS)
def test_same_output_with_the_same_weights(name):
    graph = cnncalc.load(name).graph()
    other = theirs(name)
    ours = build(graph).eval()
    x = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    their_layers, expected = in_order(other, x)
    our_layers, _ = in_order(ours, x)
    for mine, its in zip(our_layers, their_layers, strict=True):
        mine.load_state_dict(its.state_dict())
    with torch.no_grad():
        result = ours(x)
    assert expected.abs().max() > 1e-3
    torch.testing.assert_close(result, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("name", NETWORKS)
def test_compares_as_a_network_of_ones_own(name):
    found = compare_with(cnncalc.load(name).graph(), theirs(name))
    assert found.ok, found.first_difference
    assert all(unused.startswith("aux") for unused in found.unused)
