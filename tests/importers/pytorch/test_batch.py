"""No number that comes from the batch of a capture reaches a spec, wherever the network keeps its batch."""

import pytest
import torch
from torch import nn

import cnncalc
from cnncalc import from_torch
from cnncalc.importers.pytorch import from_module
from cnncalc.importers.pytorch.batch import BATCHES

from .test_rules import Function


class Recognizer(nn.Module):
    """A CRNN: a convolution, the mean over the height, and a bidirectional LSTM over the width, batch second."""

    def __init__(self, folded=False):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.rnn = nn.LSTM(8, 4, bidirectional=True)
        self.head = nn.Linear(8, 5)
        self.folded = folded

    def forward(self, x):
        x, _ = self.rnn(self.conv(x).mean(2).permute(2, 0, 1))
        if not self.folded:
            return self.head(x)
        length, batch, channels = x.shape
        return self.head(x.view(length * batch, channels)).view(length, batch, -1)


class Encoder(nn.Module):
    """A transformer's layer on (length, batch, channels)."""

    def __init__(self, kind):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.kind = kind(8, 2)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = self.conv(x).mean(2).permute(2, 0, 1)
        x = self.kind(x, x, x)[0] if isinstance(self.kind, nn.MultiheadAttention) else self.kind(x)
        return self.head(x)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("width", [25, 26, 2, 4, 67, 134, 66, 68])
def test_batch_second_behind_an_unknown_layer(width, folded):
    report = from_torch(Recognizer(folded), (1, 8, width)).analyze()
    assert report.outputs == {"output": (width, 5)}
    assert report.params == 80 + 448 + 45


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("length", [13, 26, 67])
@pytest.mark.parametrize("kind", [nn.TransformerEncoderLayer, nn.MultiheadAttention, lambda width, _: nn.GRU(width, 8)])
def test_batch_second_in_other_layers(kind, length):
    network = Encoder(kind)
    if isinstance(network.kind, nn.GRU):
        network.kind = nn.Sequential(network.kind, Function(lambda pair: pair[0]))
    graph = from_torch(network, (1, 8, length)).graph()
    (output,) = graph.outputs.values()
    shape = next(node.output for node in graph.nodes if node.name == output)
    assert sorted(shape) == [5, length]
    assert not any(
        size % batch == 0 for batch in BATCHES for node in graph.nodes for size in node.output if size > length
    )


@pytest.mark.parametrize("size", [67, 71, 134])
def test_a_size_of_the_network_that_is_a_usual_batch(size):
    network = nn.Sequential(nn.Conv2d(3, size, 3, padding=1), nn.Flatten(2), Function(lambda x: x.transpose(1, 2)))
    assert from_torch(network, (3, 2, size)).analyze().outputs == {"output": (2 * size, size)}


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.flatten(1) @ x.flatten(1).T,
        lambda x: x[1:],
        lambda x: x.repeat(x.shape[0], 1, 1, 1),
        lambda x: torch.stack([each.mean() for each in x]),
    ],
    ids=["images against images", "without the first", "once per image", "image by image"],
)
def test_a_shape_that_grows_with_the_batch(function):
    with pytest.raises(
        cnncalc.UsageError, match="depends on the number of images in a batch, which a spec cannot express"
    ):
        from_module(Function(function), (3, 4, 4), "net")


def test_an_argument_that_comes_from_the_batch_is_unknown():
    traced = from_module(Function(lambda x: x / x.shape[0]), (3, 4, 4), "net")
    assert [(node.kind, node.arguments["op"], node.output) for node in traced.nodes] == [
        ("unknown", "rescale", (3, 4, 4))
    ]
    assert traced.warnings


@pytest.mark.parametrize("number", [66, 67, 68])
def test_an_argument_near_a_batch_stays(number):
    (node,) = from_module(Function(lambda x: x * number), (3, 4, 4), "net").nodes
    assert (node.kind, node.arguments) == ("rescale", {"factor": number, "offset": 0})
