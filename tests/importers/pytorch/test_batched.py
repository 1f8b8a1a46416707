"""Tensors concatenated along the batch: what follows acts on each of them, with the same weights."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnncalc import from_torch
from cnncalc.importers.pytorch import from_module

IMAGES = {"a": (3, 12, 10), "b": (3, 12, 10)}


class Siamese(nn.Module):
    """One encoder for both images; `divide` takes its output apart."""

    def __init__(self, divide):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.head = nn.Conv2d(16, 4, 1)
        self.divide = divide

    def forward(self, a, b):
        features = self.encoder(torch.cat([a, b]))
        return self.head(torch.cat(self.divide(features + features.mean((2, 3), keepdim=True)), 1))


def imported(divide):
    """The layers, and whether parameters and MACs are those of PyTorch."""
    network = Siamese(divide).eval()
    report = from_torch(network, IMAGES, flat=True).analyze()
    assert report.params == sum(parameter.numel() for parameter in network.parameters())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(*(torch.zeros(1, *shape) for shape in IMAGES.values()))
    assert 2 * report.cost.macs == counter.get_total_flops()
    assert not report.cost.at_least
    return report


def test_they_are_encoded_one_by_one():
    report = imported(lambda x: x.chunk(2))
    convs = [layer for layer in report.layers if layer.kind == "conv"]
    assert [layer.node.inputs[0] for layer in convs[:2]] == ["a", "b"]
    assert convs[1].node.shares == convs[0].name
    assert report.outputs == {"output": (4, 10, 8)}


def test_they_can_be_divided_in_other_ways():
    imported(lambda x: x.split(len(x) // 2))
    imported(lambda x: (x[: len(x) // 2], x[len(x) // 2 :]))
    imported(lambda x: (x[len(x) // 2 :], x[: len(x) // 2]))


class Whole(Siamese):
    def forward(self, a, b):
        features = self.encoder(torch.cat([a, b]))
        return features.reshape(2, -1, *features.shape[1:]).sum(0)


def test_what_mixes_them_is_unknown():
    traced = from_module(Whole(None), IMAGES, "whole")
    assert {node.arguments["op"] for node in traced.nodes if node.kind == "unknown"} >= {"cat"}
    assert sum(node.kind == "conv" for node in traced.nodes) == 2


class Both(nn.Module):
    def forward(self, a, b):
        return torch.cat([a, b]).relu()


def test_as_an_output_they_are_one():
    traced = from_module(Both(), IMAGES, "both")
    assert [node.kind for node in traced.nodes] == ["relu", "relu", "unknown"]
    assert traced.nodes[-1].output == (2, 3, 12, 10)
