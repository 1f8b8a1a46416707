"""Recurrent modules as users write them: batch first or not, their last states read, states that are given."""

import warnings

import pytest
import torch
from torch import nn

import cnncalc
from cnncalc.exporters import to_source

from ..exporters.agreement import module_of


class Both(nn.Module):
    """A stack of all three, of which the states are read."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.first = batch_first
        self.lstm = nn.LSTM(9, 8, 2, bidirectional=True, batch_first=batch_first, dropout=0.25)
        self.gru = nn.GRU(16, 4, batch_first=batch_first, bias=False)
        self.rnn = nn.RNN(4, 5, nonlinearity="relu", batch_first=batch_first)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        x, (state, _) = self.lstm(x.transpose(1, 2) if self.first else x.permute(2, 0, 1))
        x, _ = self.gru(x)
        x, _ = self.rnn(x)
        return self.head(state[-2:].transpose(0, 1).flatten(1)), x[:, -1] if self.first else x[-1]


@pytest.mark.parametrize("batch_first", [True, False])
def test_all_three_and_a_state(batch_first):
    network = Both(batch_first)
    spec = cnncalc.from_torch(network, (9, 20))
    graph = spec.graph()
    kinds = [node.kind for node in graph.nodes]
    assert {"lstm", "gru", "rnn", "output"} <= set(kinds)
    assert "unknown" not in kinds
    assert kinds.count("output") == 1  # c_n is not read
    assert "lstm.h_n" in spec.text
    report = spec.analyze()
    assert report.params == sum(p.numel() for p in network.parameters())
    lstm = next(node for node in graph.nodes if node.kind == "lstm").layer
    assert (lstm.num_layers, lstm.bidirectional, float(lstm.dropout)) == (2, True, 0.25)
    assert [node.output for node in graph.nodes if node.name in graph.outputs.values()] == [(3,), (5,)]


def test_the_numbers_are_those_of_the_network():
    network = Both(batch_first=True).eval()
    again = cnncalc.from_torch(network, (9, 20)).to_torch().eval()
    weights = {}
    for name, tensor in network.state_dict().items():
        module, _, rest = name.partition(".")
        weights[f"{next(each for each, _ in again.named_children() if each.startswith(module))}.{rest}"] = tensor
    again.load_state_dict(weights)
    x = torch.randn(2, 9, 20)
    for found, wanted in zip(again(x).values(), network(x), strict=True):
        assert torch.allclose(found, wanted, atol=1e-6)


def test_a_state_that_is_given_is_unknown():
    class Given(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(3, 4, batch_first=True)
            self.start = nn.Parameter(torch.zeros(1, 1, 4))

        def forward(self, x):
            return self.rnn(x.transpose(1, 2), self.start.expand(-1, len(x), -1).contiguous())[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = cnncalc.from_torch(Given(), (3, 6)).graph()
    assert "unknown" in [node.kind for node in graph.nodes]


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_what_is_exported_comes_back(kind):
    text = f"input: 5x9\nlayers:\n  - {kind}: {{hidden_size: 6, num_layers: 2}}\n    name: memory\n  - relu\n"
    spec = cnncalc.parse(text)
    again = cnncalc.from_torch(module_of(to_source(spec.graph())), (5, 9)).graph()
    assert [(node.kind, node.output) for node in again.nodes] == [(n.kind, n.output) for n in spec.graph().nodes]
    state = cnncalc.parse(f"{text}outputs: {{state: memory.h_n}}")
    again = cnncalc.from_torch(module_of(to_source(state.graph())), (5, 9)).graph()
    assert [each.kind for each in again.nodes][:2] == [kind, "output"]


def test_symbolic_steps():
    spec = cnncalc.from_torch(Both(batch_first=True), "9xT")
    assert "T" in str(spec.analyze().macs)
