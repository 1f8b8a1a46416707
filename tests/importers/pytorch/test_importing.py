"""Whole networks: every parameter accounted for, what is shared, what training alone runs, what an output is."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import cnncalc
from cnncalc import from_torch
from cnncalc.importers.pytorch import from_module
from cnncalc.importers.writing.spec_text import spec_text

from .test_rules import Function


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.bn(self.conv(self.act(x))) + x)


def test_names_are_module_paths_and_inplace_is_what_it_does():
    traced = from_module(nn.Sequential(nn.Conv2d(3, 4, 1), Residual()), (3, 8, 8), "net")
    assert [(node.name, node.kind, node.inputs) for node in traced.nodes] == [
        ("0", "conv", ("input",)),
        ("1.act", "relu", ("0",)),
        ("1.conv", "conv", ("1.act",)),
        ("1.bn", "batchnorm", ("1.conv",)),
        ("1.add", "add", ("1.bn", "1.act")),  # x was written over: the shortcut carries what relu made
        ("1.act2", "relu", ("1.add",)),
    ]
    assert traced.modules["1"] == "Residual"


def test_a_module_called_twice_shares_its_weights():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x):
            return self.conv(self.conv(x))

    spec = from_torch(Twice(), (4, 8, 8))
    assert [node.shares for node in spec.graph().nodes] == [None, "conv"]
    assert spec.analyze().params == 148


def test_frozen_parameters():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1))
    network[0].requires_grad_(False)
    assert [node.frozen for node in from_torch(network, (3, 8, 8)).graph().nodes] == [True, False]


class Auxiliary(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 4, 3)
        self.aux = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 7))
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        x = self.body(x).relu()
        out = self.fc(x.mean((2, 3)))
        return (out, self.aux(x)) if self.training else out


def test_what_only_training_runs_is_a_head():
    network = Auxiliary().eval()
    report = from_torch(network, (3, 8, 8)).analyze()
    assert [node.name for node in report.graph.nodes if node.training] == [
        "aux.global_avgpool1",
        "aux.flatten1",
        "aux.linear1",
    ]
    assert (report.params, report.training_heads.params) == (112 + 25, 35)
    assert not network.training


def test_what_nothing_runs_is_counted_apart():
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.idle = nn.Linear(10, 10)
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x):
            return self.conv(x)

    with pytest.warns(UserWarning, match="110 parameters and 3 buffer values are used by no layer"):
        report = from_torch(Idle(), (3, 8, 8)).analyze()
    assert (report.params, report.training_heads.params, report.training_heads.buffers) == (112, 110, 3)


def test_several_inputs_and_outputs():
    class Pair(nn.Module):
        def forward(self, image, depth):
            return {"sum": image + depth, "depth out": F.relu(depth)}

    traced = from_module(Pair(), {"depth": (3, 4, 4), "image": (3, 4, 4)}, None)  # by name, in any order
    assert list(traced.inputs) == ["image", "depth"]
    assert traced.inputs == {"image": (3, 4, 4), "depth": (3, 4, 4)}
    assert traced.outputs == {"sum": "add", "depth_out": "relu"}
    assert cnncalc.parse(spec_text(traced)).analyze().outputs == {"sum": (3, 4, 4), "depth_out": (3, 4, 4)}


@pytest.mark.parametrize(("gain", "kinds"), [((4, 1, 1, 1), ["conv", "scale"]), ((1, 3, 1, 1), ["conv", "unknown"])])
def test_a_computed_weight_is_its_convolution_and_a_factor(gain, kinds):
    class Standardised(nn.Conv2d):
        def __init__(self):
            super().__init__(3, 4, 3)
            self.gain = nn.Parameter(torch.ones(gain))

        def forward(self, x):
            weight = F.batch_norm(self.weight.reshape(1, 4, -1), None, None, training=True).reshape_as(self.weight)
            return F.conv2d(x, weight * self.gain, self.bias)

    traced = from_module(nn.Sequential(Standardised()), (3, 8, 8), "net")
    assert [node.kind for node in traced.nodes] == kinds
    assert cnncalc.parse(spec_text(traced)).analyze().params == 112 + sum(gain) - 3


def test_padding_of_the_same_module_is_its_own():
    class Same(nn.Conv2d):
        def forward(self, x):
            return super().forward(F.pad(x, (0, 1, 0, 1)))

    class Lowest(nn.MaxPool2d):
        def forward(self, x):
            return super().forward(F.pad(x, (1, 1, 1, 1), value=float("-inf")))

    traced = from_module(nn.Sequential(Same(3, 4, 3, 2), Lowest(3, 2)), (3, 8, 8), "net")
    assert [(node.kind, node.arguments["padding"]) for node in traced.nodes] == [
        ("conv", "same"),
        ("maxpool", [[1, 1], [1, 1]]),
    ]


def test_data_dependence_is_a_sentence_with_its_place():
    def choose(x):
        return x if x.sum() > 0 else -x

    with pytest.raises(cnncalc.UsageError, match=r"depends on the values of a tensor.*test_importing\.py:\d+\)"):
        from_module(Function(choose), (3, 4, 4), "net")


def test_the_text_of_what_was_imported_can_be_saved():
    spec = from_torch(nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()), (3, 8, 8), "net")
    assert spec.text.startswith("name: net\n")
    assert cnncalc.parse(spec.text).analyze().params == spec.analyze().params == 16


def test_the_network_and_its_modes_stay_as_they_were():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Dropout()).train()
    network[1].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    from_torch(network, (3, 8, 8))
    assert [module.training for module in network.modules()] == [True, True, False]
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
