"""Sizes that the code asks its tensors for, and symbols in place of numbers."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import cnncalc
from cnncalc import from_torch

from .test_rules import Function


class Pyramid(nn.Module):
    """Two levels, the upper resized to the lower; and the sum back to the input."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, 2, 1)
        self.deeper = nn.Conv2d(4, 4, 3, 2, 1)

    def forward(self, x):
        low = self.down(x)
        high = F.interpolate(self.deeper(low), size=low.shape[-2:])
        return F.interpolate(low + high, size=x.shape[-2:], mode="bilinear")


def test_a_resized_map_is_like_what_it_is_joined_with_or_the_input():
    graph = from_torch(Pyramid(), (3, 40, 64), flat=True).graph()
    assert [node.layer.like for node in graph.nodes if node.kind == "upsample"] == ["down", "input"]
    assert graph.nodes[-1].inputs == ("add1", "input")


def test_it_can_then_be_asked_at_other_sizes():
    spec = from_torch(Pyramid(), (3, 40, 64))
    assert spec.analyze(input=(3, 51, 33)).outputs == {"output": (4, 51, 33)}
    with torch.no_grad():
        assert Pyramid()(torch.zeros(1, 3, 51, 33)).shape == (1, 4, 51, 33)


def test_a_size_of_its_own_stays():
    graph = from_torch(Function(lambda x: F.interpolate(x, size=(7, 9))), (3, 40, 64)).graph()
    assert graph.nodes[0].layer.size == (7, 9)


class PaddedToItsSkip(nn.Module):
    """What most U-Nets do with odd sizes."""

    def __init__(self):
        super().__init__()
        self.skip = nn.Conv2d(3, 4, 3, padding=1)
        self.up = nn.ConvTranspose2d(4, 4, 2, 2)

    def forward(self, x):
        skip = self.skip(x)
        up = self.up(F.max_pool2d(skip, 2))
        rows, columns = skip.size(2) - up.size(2), skip.size(3) - up.size(3)
        up = F.pad(up, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return torch.cat([skip, up], 1)


@pytest.mark.parametrize("size", [(3, "H", "W"), (3, 35, 35), (3, 34, 35), (3, 34, 34)])
def test_padding_up_to_what_it_is_joined_with_is_like_that(size):
    spec = from_torch(PaddedToItsSkip(), size, flat=True)
    assert [node.layer.like for node in spec.graph().nodes if node.kind == "pad"] == ["skip"]
    for rows, columns in [(34, 34), (35, 34), (2, 3)]:
        assert spec.analyze(input=(3, rows, columns)).outputs == {"output": (8, rows, columns)}


def test_padding_of_nothing_is_no_layer():
    def padded(x):
        return F.pad(F.pad(x, (0, 0, 0, 0)).relu(), (0, 0))

    assert [node.kind for node in from_torch(Function(padded), (3, 8, 8)).graph().nodes] == ["relu"]


def test_padding_of_a_window_that_divides_one_size_alone():
    def padded(x):
        return F.pad(x, (0, -x.size(3) % 2)).relu()

    with pytest.raises(cnncalc.UsageError, match="builds a different network at 3×149×153"):
        from_torch(Function(padded), (3, "H", "W"))


def test_a_path_chosen_by_the_size_is_a_sentence():
    def chosen(x):
        return x.relu() if x.size(2) > 10 else x.sigmoid()

    with pytest.raises(cnncalc.UsageError, match="builds a different network at 3×10×11 than at larger sizes"):
        from_torch(Function(chosen), (3, "H", "W"))


FUNCTIONS = {
    "flatten by view": (lambda x: F.adaptive_avg_pool2d(x, 2).view(x.size(0), -1), ["12"]),
    "shuffled": (
        lambda x: x.view(x.size(0), 3, 1, *x.shape[2:]).transpose(1, 2).reshape(x.shape),
        ["3", "H", "W"],
    ),
    "tokens": (lambda x: x.reshape(x.size(0), 3, x.size(2) * x.size(3)), ["3", "H*W"]),
    "all but the border": (lambda x: x[:, :, 1:-1, 2:], ["3", "H - 2", "W - 2"]),
    "pooled whole": (lambda x: F.avg_pool2d(x, x.shape[2:]), ["3", "1", "1"]),
    "strided": (lambda x: F.max_pool2d(x, 3, 2, 1), ["3", "(H + 1)//2", "(W + 1)//2"]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_symbolic_sizes(name):
    function, expected = FUNCTIONS[name]
    report = from_torch(Function(function), ("3", "H", "W"), flat=True).analyze()
    assert [str(size) for size in report.outputs["output"]] == expected


def test_a_network_for_one_size_says_so():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 10))
    with pytest.raises(cnncalc.UsageError, match="import the network at one size"):
        from_torch(network, ("3", "H", "W"))
    assert from_torch(network, (3, 8, 8)).analyze().params == 1930


def test_what_is_no_size():
    with pytest.raises(cnncalc.UsageError, match="'h' is not a valid size: a symbol is a capital letter: H"):
        from_torch(nn.Conv2d(3, 4, 1), ("3", "h", "w"))


def test_a_training_head_may_need_more_than_the_network():
    class Headed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.aux = nn.Conv2d(4, 4, 9)

        def forward(self, x):
            x = self.conv(x)
            return (x, self.aux(x)) if self.training else x

    spec = from_torch(Headed(), ("3", "H", "W"))
    assert [node.name for node in spec.graph().nodes if node.training] == ["aux.conv1"]
