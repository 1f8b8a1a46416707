"""What torchvision does not have is timm's: every parameter and buffer, and the same output from its weights."""

import warnings
from collections import Counter

import pytest
import torch

import cnncalc
from cnncalc.pytorch import build

from .same_network import assert_same_output, everything, in_order_of_use, shapes
from .torchvision_models import models

NETWORKS = {
    "mnasnet@a1": "semnasnet_100",
    "mobilenet_v1@1_0": "mobilenetv1_100",
    "preact_resnet@18": "resnetv2_18",
    "preact_resnet@34": "resnetv2_34",
    "preact_resnet@50": "resnetv2_50",
    "preact_resnet@101": "resnetv2_101",
    "preact_resnet@152": "resnetv2_152",
    "senet@154": "legacy_senet154",
    "senet@resnet50": "legacy_seresnet50",
    "senet@resnext50_32x4d": "legacy_seresnext50_32x4d",
    "xception": "legacy_xception",
}
REGNETS = {  # their projection runs after the block, torchvision's and ours before: compared without an order
    f"regnet@{kind}_{ours}": f"regnet{kind}_{number}"
    for kind in "xy"
    for ours, number in {"200mf": "002", "600mf": "006", "4gf": "040", "6_4gf": "064", "12gf": "120"}.items()
}
EXECUTED = ["mnasnet@a1", "preact_resnet@18", "preact_resnet@50", "senet@resnet50", "senet@resnext50_32x4d", "xception"]


def theirs(model):
    """timm's network, without values."""
    models()  # timm brings torchvision in
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        timm = pytest.importorskip("timm")
        with torch.device("meta"):
            return timm.create_model(model).eval()


def shortcuts_last(network, order):
    """Of every unit the shortcut last, as a residual of ours runs; timm runs some before the body, some within it."""
    names = {layer: name for name, layer in network.named_modules()}
    paths = [names[layer] for layer, _ in order]
    units = [path.partition(".downsample")[0] + "." if ".downsample" in path else None for path in paths]
    last = {unit: max(i for i, path in enumerate(paths) if path.startswith(unit)) for unit in units if unit}
    return [order[i] for i in sorted(range(len(order)), key=lambda i: (last.get(units[i], i), units[i] is not None, i))]


def without_ones(shape):
    """A shape as a linear layer has it, where timm writes one as a 1x1 convolution."""
    return shape[:2] if shape[2:] == (1, 1) else shape


@pytest.mark.parametrize("name", [*NETWORKS, *REGNETS])
def test_every_parameter_and_buffer(name):
    graph, other = cnncalc.load(name).graph(), theirs((NETWORKS | REGNETS)[name])
    ours = build(graph, device="meta").eval()
    (params, buffers), (their_params, their_buffers) = everything(ours), everything(other)
    assert Counter(map(without_ones, params.elements())) == Counter(map(without_ones, their_params.elements()))
    assert buffers == their_buffers
    if name in REGNETS:
        return
    expected = shapes(shortcuts_last(other, in_order_of_use(other, graph)))
    assert list(map(without_ones, shapes(in_order_of_use(ours, graph)))) == list(map(without_ones, expected))


@pytest.mark.parametrize("name", EXECUTED)
def test_same_output_with_the_same_weights(name):
    graph, other = cnncalc.load(name).graph(input=(3, 64, 64)), theirs(NETWORKS[name])
    ours = build(graph, device="meta").eval()
    places, weights = in_order_of_use(ours, graph), shortcuts_last(other, in_order_of_use(other, graph))
    assert_same_output(ours, other, places, weights, (3, 64, 64))
