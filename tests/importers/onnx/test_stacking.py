"""Recurrent layers of several layers, which ONNX has as one operator for each."""

from __future__ import annotations

import pytest
import torch

import cnncalc
from cnncalc.importers.onnx.trace import trace
from cnncalc.importers.writing.spec_text import spec_text

from .models import kinds
from .test_networks import written


class Sequences(torch.nn.Module):
    """A recurrent layer on [channels, steps]; the last states of all layers, of the top layer, or none."""

    def __init__(self, unit: type[torch.nn.Module], states: str, **fields: object) -> None:
        super().__init__()
        self.memory, self.states = unit(6, 4, batch_first=True, **fields), states

    def forward(self, x):
        y, last = self.memory(x.mT if x.shape[1] == 6 else x)
        last = last[0] if isinstance(last, tuple) else last
        return {"none": y, "all": last.permute(1, 2, 0), "top": last[-1]}[self.states]


def imported(unit, states="none", **fields):
    network = Sequences(unit, states, **fields).eval()
    made = trace(written(network, (torch.zeros(1, 9, 6),)))
    assert not made.warnings
    report = cnncalc.parse(spec_text(made)).analyze()
    assert report.params == sum(weight.numel() for weight in network.parameters())
    return made, report


@pytest.mark.parametrize("unit", [torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN])
@pytest.mark.parametrize("both", [False, True])
def test_all_layers_of_a_module_are_one_layer(unit, both):
    made, report = imported(unit, num_layers=3, bidirectional=both)
    kind = unit.__name__.lower()
    assert [each for each in kinds(made) if each != "permute"] == [kind]
    node = next(node for node in made.nodes if node.kind == kind)
    assert node.arguments["num_layers"] == 3
    assert report.outputs == {"output": (9, 8 if both else 4)}


@pytest.mark.parametrize("both", [False, True])
def test_the_states_of_all_layers_are_its_further_output(both):
    made, report = imported(torch.nn.LSTM, "all", num_layers=2, bidirectional=both)
    assert [each for each in kinds(made) if each != "permute"] == ["lstm"]
    assert report.outputs == {"output": (4, 4 if both else 2)}


def test_layers_of_different_modules_stay_apart():
    two = torch.nn.Sequential(torch.nn.LSTM(6, 6, batch_first=True), Taken(), torch.nn.LSTM(6, 6, batch_first=True))
    made = trace(written(two.append(Taken()).eval(), (torch.zeros(1, 9, 6),)))
    assert kinds(made).count("lstm") == 2


class Taken(torch.nn.Module):
    """The outputs of a recurrent layer without its states."""

    def forward(self, both):
        return both[0]
