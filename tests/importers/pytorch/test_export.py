"""Network → import → exported source: the same weights in the order of use, and with them the same output."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from cnncalc import from_torch
from cnncalc.exporters import to_source

from ...exporters.agreement import module_of
from ...pytorch.same_network import assert_same_output, in_order_of_use, shapes
from ...pytorch.torchvision_models import models


class Attentive(nn.Module):
    """Channels last, attention, products of three, sums with numbers, views of views."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.gate = nn.Conv2d(8, 8, 1)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.stem(x)
        tokens = self.norm(x.flatten(2).transpose(1, 2))
        q, k, v = self.qkv(tokens).reshape(x.size(0), -1, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(tokens.shape)
        mixed = (tokens + self.out(mixed)).transpose(1, 2).reshape(x.shape)
        gate = F.relu6(self.gate(x.mean((2, 3), keepdim=True)) + 3) / 6
        return self.fc((mixed * gate + 0.5 * x).permute(0, 2, 3, 1)).mean((1, 2))


class Multiscale(nn.Module):
    """Levels resized to one another, a crop, a shuffle, a shared head."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 6, 3, 2, 1)
        self.b = nn.Conv2d(6, 6, 3, 2, 1, groups=3)
        self.head = nn.Conv2d(6, 4, 1)

    def forward(self, x):
        a = F.leaky_relu(self.a(x), 0.2)
        b = self.b(a)
        b = b.view(b.size(0), 3, 2, *b.shape[2:]).transpose(1, 2).flatten(1, 2)
        up = F.interpolate(self.head(b), size=a.shape[2:], mode="bilinear")
        return {"fine": (self.head(a) - up)[:, :, 1:-1, 1:-1], "coarse": torch.cat(b.chunk(2, 1)[::-1], 1).abs()}


def exported(network, shape, flat):
    graph = from_torch(network, shape, flat=flat).graph()
    return graph, module_of(to_source(graph), "meta").eval()


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("network", [Attentive, Multiscale])
def test_own_networks(network, flat):
    with torch.device("meta"):
        original = network().eval()
    check(original, (3, 16, 24), flat)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_0"])
def test_torchvision(name):
    with torch.device("meta"):
        original = models().get_model(name, weights=None).eval()
    check(original, (3, 64, 64), flat=False)


def check(original, shape, flat):
    graph, ours = exported(original, shape, flat)
    places, sources = in_order_of_use(ours, graph), in_order_of_use(original, graph)
    assert shapes(places) == shapes(sources)
    assert_same_output(ours, original, places, sources, shape)
