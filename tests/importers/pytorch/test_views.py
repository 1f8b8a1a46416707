"""Writing in place into a tensor that is also held under another shape: never lost, exact where layers say it."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from cnncalc.importers.pytorch import from_module

from .test_export import check


class Conv(nn.Module):
    """A convolution, and what is then done in place to what leaves it."""

    def __init__(self, then=None):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.then = then

    def forward(self, x):
        return self.then(self.conv(x))


def written_reshaped(x):
    x.view(x.size(0), -1).relu_()
    return x


def written_after_a_view(x):
    view = x.view(x.size(0), -1)
    x.relu_()
    return view


def written_chunk(x):
    first, _ = x.chunk(2, 1)
    first.relu_()
    return x


def written_squeezed(x):
    gate = x.mean((2, 3), keepdim=True)
    gate.squeeze(3).squeeze(2).sigmoid_()
    return x * gate


def written_turned(x):
    x.permute(0, 2, 3, 1).add_(1)
    return x


def written_copy(x):
    out = x.clone()
    out[:, 2:4] = x[:, 4:6]
    return out


def written_whole(x):
    out = torch.empty_like(x)
    out.copy_(x)
    return out + x


EXACT = [
    written_reshaped,
    written_after_a_view,
    written_chunk,
    written_squeezed,
    written_turned,
    written_copy,
    written_whole,
]


@pytest.mark.parametrize("then", EXACT)
def test_what_layers_can_say_is_exact(then):
    with torch.device("meta"):
        network = Conv(then).eval()
    assert all(node.kind != "unknown" for node in from_module(network, (8, 6, 6), None).nodes)
    check(network, (8, 6, 6), flat=True)


def test_what_is_read_no_more_is_an_ordinary_operation():
    network = Conv(lambda x: F.dropout(x.flatten(1), inplace=True)).eval()
    assert [node.arguments.get("inplace") for node in from_module(network, (8, 6, 6), None).nodes] == [None, None, True]


def test_batch_normalization_stays_what_it_is():
    network = nn.Sequential(nn.BatchNorm2d(8), Conv(written_chunk)).eval()
    assert from_module(network, (8, 6, 6), None).nodes[0].kind == "batchnorm"


def numbers_written(x):
    x[:, :4] = 0
    return x.relu()


def fresh(x):
    out = torch.zeros_like(x)
    out[:, :4] = x[:, 4:]
    return out


def fresh_sum(x):
    out = x.new_zeros(x.shape)
    out += x
    return out


def test_what_they_cannot_is_unknown():
    nodes = from_module(Conv(numbers_written), (8, 6, 6), None).nodes
    assert [node.kind for node in nodes] == ["conv", "unknown", "relu"]
    assert (nodes[1].arguments["op"], nodes[1].output) == ("slice_scatter", (8, 6, 6))


@pytest.mark.parametrize(
    ("then", "kinds"),
    [(fresh, ["conv", "slice", "constant", "slice", "concat"]), (fresh_sum, ["conv", "constant"])],
)
def test_a_fresh_tensor_is_a_constant(then, kinds):
    nodes = from_module(Conv(then), (8, 6, 6), None).nodes
    assert [node.kind for node in nodes] == kinds
    assert nodes[-1].output == (8, 6, 6)
