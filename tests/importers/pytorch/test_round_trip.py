"""Shipped spec → PyTorch → import: the same layers, kind by kind, with the same shapes, parameters and MACs.

`CNNCALC_IMPORT=1` takes every variant of every shipped network.
"""

import os

import pytest

import cnncalc
from cnncalc.importers import from_torch

from ...shipped_networks import EVERY

SAMPLE = [
    "alexnet", "capsnet", "densenet", "dcgan", "fcn", "lenet5", "mobilenet_v3", "shufflenet_v1", "tcn", "unet",
    "wavenet",
]  # fmt: skip
NETWORKS = EVERY if os.environ.get("CNNCALC_IMPORT") else SAMPLE


def analysed(report):
    """What every layer is and costs; identities, which PyTorch does not run, left out."""
    return [
        (layer.kind, layer.output, layer.params, layer.macs, layer.node.buffers, layer.node.training)
        for layer in report.layers
        if layer.kind != "identity"
    ]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_shipped_network_comes_back(name):
    spec = cnncalc.load(name)
    network = spec.to_torch(device="meta")
    shapes = spec.inputs()
    found = from_torch(network, shapes if len(shapes) > 1 else next(iter(shapes.values())), flat=True)
    assert analysed(found.analyze()) == analysed(spec.analyze())
