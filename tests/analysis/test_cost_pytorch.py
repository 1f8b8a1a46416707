"""Multiply-accumulates of the shipped networks against PyTorch's FlopCounterMode, forward and backward."""

import pytest

import cnncalc
from cnncalc.analysis.cost import macs_of, training_passes

torch = pytest.importorskip("torch")
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402 - needs torch

from cnncalc.pytorch.builder import build  # noqa: E402
from cnncalc.pytorch.verification.verify import verify  # noqa: E402

NETWORKS = ["alexnet", "vgg@16", "resnet@18", "resnet@50", "googlenet", "mobilenet_v2", "unet", "lenet5", "tcn"]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_node(name):
    assert list(verify(cnncalc.load(name).graph(), macs=macs_of).differences()) == []


@pytest.mark.parametrize("name", ["alexnet", "resnet@18", "mobilenet_v2", "unet"])
def test_a_training_step(name):
    graph = cnncalc.load(name).graph()
    model = build(graph, device="meta")
    (shape,) = graph.inputs.values()
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(2, *shape, device="meta")).sum().backward()
    assert counter.get_total_flops() == 2 * 2 * sum(counted(node, training_passes(graph)) for node in graph.nodes)


def counted(node, passes):
    """As PyTorch has it: the gradient to the weights of a grouped convolution as if it had no groups."""
    groups = node.layer.groups if node.kind == "conv" else 1
    found = passes[node.name]
    return found.forward + found.to_input + groups * found.to_weights
