"""How a network's source writes its layers, as the capture of PyTorch knows it."""

import pytest

import cnncalc
from cnncalc.conventions.manners import manners_of
from cnncalc.graph import Manner

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402 - needs torch
from torch.nn import functional  # noqa: E402 - needs torch

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
