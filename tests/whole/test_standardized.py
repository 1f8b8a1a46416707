"""Convolutions with standardized weights: what tools count of them, and how they are imported."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import nn

import cnncalc
from cnncalc.conventions import convention
from cnncalc.exporters import to_source

from ..exporters.agreement import module_of

TOOLS = ["torchinfo@1.8.0", "fvcore", "torchprofile", "torch", "ptflops", "ptflops-aten"]
TOOLS += ["calflops", "calflops-macs", "thop"]
MEASURED = {  # by the tools themselves, 4 channels of 8×8
    "kernel_size: 3": [14208, 14688, 13824, 27648, 0, 14208, 28896, 13824, 0],
    "kernel_size: 3, bias: false": [13824, 14688, 13824, 27648, 0, 13824, 28512, 13824, 0],
    "kernel_size: 3, gain: true": [14208, 14904, 14046, 27648, 0, 14208, 29112, 13824, 0],
    "kernel_size: [3, 2], groups: 2, gain: true": [5616, 5544, 5262, 10368, 0, 5616, 11160, 5184, 0],
}


@pytest.mark.parametrize("fields", MEASURED)
def test_counts_are_those_of_the_tools(fields):
    graph = cnncalc.parse(f"input: 4x8x8\nlayers:\n  - std_conv: {{out_channels: 6, padding: 1, {fields}}}").graph()
    found = {tool: convention(tool).tally(graph).total for tool in TOOLS}
    assert found == dict(zip(TOOLS, MEASURED[fields], strict=True))


class StdConv2d(nn.Conv2d):
    """As BiT has it in timm."""

    eps = 1e-8

    def forward(self, x):
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(flat, None, None, training=True, momentum=0.0, eps=self.eps).reshape_as(self.weight)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class ScaledStdConv2d(nn.Conv2d):
    """As NFNet has it in timm."""

    def __init__(self, *sizes, gamma, **fields):
        super().__init__(*sizes, **fields)
        self.gain = nn.Parameter(torch.full((self.out_channels, 1, 1, 1), 1.5))
        self.scale = gamma * self.weight[0].numel() ** -0.5
        self.eps = 1e-6

    def forward(self, x):
        flat, gain = self.weight.reshape(1, self.out_channels, -1), (self.gain * self.scale).view(-1)
        weight = F.batch_norm(flat, None, None, weight=gain, training=True, momentum=0.0, eps=self.eps)
        weight = weight.reshape_as(self.weight)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


def test_imported_as_one_layer():
    network = nn.Sequential(
        StdConv2d(3, 8, 3, stride=2, padding=1, bias=False),
        nn.ReLU(),
        ScaledStdConv2d(8, 6, 3, padding=1, groups=2, gamma=1.7139588594436646),
    ).eval()
    spec = cnncalc.from_torch(network, (3, 12, 12))
    convs = [node for node in spec.graph().nodes if node.kind == "std_conv"]
    assert [(float(node.layer.eps), node.layer.gain) for node in convs] == [(1e-8, False), (1e-6, True)]
    assert float(convs[1].layer.gamma) == pytest.approx(1.7139588594436646, abs=1e-8)
    copy = spec.to_torch().eval()
    modules = [module for module in copy.modules() if type(module).__name__ == "StdConv"]
    for module, conv in zip(modules, (network[0], network[2]), strict=True):
        module.load_state_dict(conv.state_dict())
    x = torch.randn(2, 3, 12, 12)
    assert torch.allclose(copy(x), network(x), atol=1e-5)


def test_what_is_exported_comes_back():
    fields = "out_channels: 6, kernel_size: 3, gain: true, gamma: 1.25, eps: 1e-5"
    graph = cnncalc.parse(f"input: 4x9x9\nlayers:\n  - std_conv: {{{fields}}}\n").graph()
    again = cnncalc.from_torch(module_of(to_source(graph)), (4, 9, 9)).graph()
    assert [node.layer for node in again.nodes] == [node.layer for node in graph.nodes]
