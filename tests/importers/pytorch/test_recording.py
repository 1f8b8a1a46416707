"""How a network's source writes its layers, as the capture of PyTorch knows it."""

import os
from dataclasses import replace
from functools import partial

import pytest

import cnncalc
from cnncalc.conventions.manners import manners_of
from cnncalc.graph import Manner

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402 - needs torch
from torch.nn import functional  # noqa: E402 - needs torch

from cnncalc.importers.pytorch import from_module  # noqa: E402 - needs torch
from cnncalc.importers.writing.spec_text import spec_text  # noqa: E402

from ...conventions.networks import TIMM, TORCHVISION, of_timm, of_torchvision  # noqa: E402 - needs torch
from ...pytorch.torchvision_models import models  # noqa: E402 - needs torch

MOST = 0.10  # by which a spec may grow for `written`
MORE = {  # what grows by more, by the beginnings of names
    ("mc3", "mixed_convolutions"): 0.27,  # blocks that differ in the class of their convolutions alone are two
    ("swin",): 0.16,  # linear layers and attention by functions, beside modules of the same kinds
}
EVERY = [*TORCHVISION, *TIMM] if os.environ.get("CNNCALC_IMPORT") else []
pytestmark = pytest.mark.filterwarnings("ignore")  # parameters that a network does not use


def inner(x):
    return x.matmul(x.transpose(-1, -2))  # not in a forward of a module


class MyReLU(nn.ReLU):
    pass


class Net(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.act, self.mine = nn.ReLU(), MyReLU()
        self.linear, self.tied = nn.Linear(8, 8), nn.Linear(8, 8)
        self.tied.weight, self.tied.bias = self.linear.weight, self.linear.bias

    def forward(self, x):
        return self.function(self, x)


@pytest.mark.parametrize(
    ("function", "kind", "manners"),
    [
        (lambda net, x: net.act(x), "relu", [Manner("module")]),
        (lambda net, x: net.mine(x), "relu", [Manner("module", "MyReLU")]),
        (lambda net, x: functional.relu(x), "relu", [Manner("functional")]),
        (lambda net, x: torch.relu(x), "relu", [Manner("operator")]),  # tools replace F.relu
        (lambda net, x: x.relu_(), "relu", [Manner("operator")]),
        (lambda net, x: x + x.relu(), "add", [Manner("operator")]),
        (lambda net, x: x.add(x.relu()), "add", [Manner("functional")]),
        (lambda net, x: torch.add(x, x.relu()), "add", [Manner("functional")]),
        (lambda net, x: inner(x), "matmul", [Manner("functional")]),
        (lambda net, x: x @ x.mT, "matmul", [Manner("operator")]),
        (lambda net, x: torch.bmm(x, x.mT), "matmul", [Manner("functional", by="bmm")]),
        (lambda net, x: x / 2, "rescale", [Manner("functional", by="div")]),
        (lambda net, x: net.act(net.linear(net.act(x))), "relu", [Manner("shared")] * 2),
        (
            lambda net, x: net.act(net.mine(x)).relu(),
            "relu",
            [Manner("module", "MyReLU"), Manner("module"), Manner("operator")],
        ),
        (lambda net, x: net.tied(net.linear(x)), "linear", [Manner("module")] * 2),
    ],
)
def test_ways(function, kind, manners):
    graph = cnncalc.from_torch(Net(function), (4, 8)).graph()
    known = manners_of(graph)
    found = [known[node.name] for node in graph.nodes if node.kind == kind]
    assert found == manners


def test_a_tied_module_counts_by_itself():
    counts = []
    for function in (lambda net, x: net.tied(net.linear(x)), lambda net, x: net.linear(net.linear(x))):
        graph = cnncalc.from_torch(Net(function), (8,)).graph()
        counts.append(cnncalc.conventions.convention("flopth").tally(graph).total)
    assert counts == [128, 64]


def test_the_capture_puts_methods_back():
    before = torch.Tensor.add, torch.Tensor.mul, torch.Tensor.matmul
    cnncalc.from_torch(Net(lambda net, x: x + net.act(x)), (4, 8))
    assert before == (torch.Tensor.add, torch.Tensor.mul, torch.Tensor.matmul)


class Residual(nn.Module):
    """A block as in many networks: one activation for all, or a function."""

    def __init__(self, channels, shared):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.act = nn.ReLU(inplace=True) if shared else functional.relu

    def forward(self, x):
        y = self.act(self.norm1(self.conv1(x)))
        return self.act(self.norm2(self.conv2(y)) + x)


def residual(shared):
    blocks = nn.Sequential(nn.Conv2d(3, 16, 3), *(Residual(16, shared) for _ in range(3)))
    return nn.Sequential(blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)), (3, 32, 32)


def encoder():
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 4, 48, batch_first=True), 2), (10, 24)


def vision_transformer():
    return models().vision_transformer.VisionTransformer(32, 16, 3, 4, 64, 128), (3, 32, 32)


def convnext():
    block = models().convnext.CNBlockConfig
    widths = (32, 64, 128, 256)
    stages = [block(*pair, depth) for *pair, depth in zip(widths, (*widths[1:], None), (2, 2, 3, 2), strict=True)]
    return models().convnext.ConvNeXt(stages), (3, 64, 64)


def mixed_convolutions():
    video = models().video.resnet
    makers = [video.Conv3DSimple, *[video.Conv3DNoTemporal] * 3]
    return video.VideoResNet(video.BasicBlock, makers, [2] * 4, video.BasicStem), (3, 4, 32, 32)


def densenet():
    return models().densenet.DenseNet(8, (3, 3), 16), (3, 64, 64)


def swin():
    return models().swin_transformer.SwinTransformer([4, 4], 32, [2, 2], [2, 4], [4, 4]), (3, 64, 64)


SMALL = {
    "shared": partial(residual, shared=True),
    "functions": partial(residual, shared=False),
    **{each.__name__: each for each in (encoder, vision_transformer, convnext, mixed_convolutions, densenet, swin)},
}


@pytest.mark.parametrize("name", [*SMALL, *EVERY])
def test_a_spec_hardly_grows(name):
    """The text of an import, with how every layer is written, and without."""
    made, shape = (SMALL.get(name) or partial(of_torchvision if name in TORCHVISION else of_timm, name))()
    traced = from_module(made.eval(), shape, name)
    plain = tuple(node._replace(written=None) for node in traced.nodes)
    texts = [spec_text(each, flat=False) for each in (traced, replace(traced, nodes=plain))]
    assert "written" not in texts[1]
    grown = len(texts[0]) / len(texts[1]) - 1
    most = next((most for starts, most in MORE.items() if name.startswith(starts)), MOST)
    assert grown <= most, f"{name}: {grown:.1%}"
