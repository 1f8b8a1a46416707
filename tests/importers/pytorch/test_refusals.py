"""What a spec cannot say is a sentence, or a warning; never a traceback, never silence."""

import sys

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import cnncalc
from cnncalc import from_torch
from cnncalc.importers.pytorch import from_module

from .test_rules import Function


def kept(x):
    return x[x > 0]


def from_a_number(x):
    return x[:, :, x[0, 0, 0, 0].long() :]


def leaving(x):
    sys.exit("bye")


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (kept, r"a size depends on the values of a tensor, .* \(.*\.py:\d+\)"),
        (from_a_number, r"a size depends on the values of a tensor, .* \(.*\.py:\d+\)"),
        (leaving, r"SystemExit: bye \(.*test_refusals\.py:\d+\)"),
        (
            lambda x: torch.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x.cos(), (x,)),
            r"'cond' is control flow",
        ),
    ],
)
def test_sentences(function, sentence):
    with pytest.raises(cnncalc.UsageError, match=sentence):
        from_module(Function(function), (3, 8, 8), "net")


def test_lazy_weights():
    with pytest.raises(cnncalc.UsageError, match=r"0\.weight is lazy and has no size yet: run the network once"):
        from_module(nn.Sequential(nn.LazyConv2d(4, 3)), (3, 8, 8), "net")


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(192, 10)), "'1' has in_features=192, but its input has 3072 features"),
        (nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(8, 4, 1)), "'1' has in_channels=8, but its input has 4 channels"),
        (nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(8)), "'1' has num_features=8, but its input has 4 channels"),
        (nn.Linear(192, 10), "Linear has in_features=192, but its input has 32 features"),
    ],
)
def test_a_layer_that_does_not_fit_its_input(network, sentence):
    with pytest.raises(cnncalc.UsageError) as refusal:
        from_module(network, (3, 32, 32), "net")
    size = sentence.split()[-2]
    field = sentence.partition("has ")[2].partition("=")[0]
    name = type(network).__name__
    assert str(refusal.value) == f"{name} on batch×3×32×32: {sentence}: {field}={size} fits this input size"


def test_another_fault_in_a_layer_is_in_the_words_of_pytorch():
    with pytest.raises(cnncalc.UsageError, match=r"RuntimeError: .*Kernel size can't be greater than"):
        from_module(nn.Sequential(nn.Conv2d(3, 4, 9)), (3, 8, 8), "net")


def test_work_on_the_data_of_a_weight():
    class Masked(nn.Conv2d):
        def forward(self, x):
            self.weight.data *= self.mask
            return super().forward(x)

    network = Masked(3, 4, 3)
    network.register_buffer("mask", torch.ones(4, 3, 3, 3))
    with pytest.raises(cnncalc.UsageError, match=r"uses the data of a tensor \(x\.data\)"):
        from_module(network, (3, 8, 8), "net")


@pytest.mark.parametrize("summed", [torch.sum, torch.mean])
def test_one_number_for_all_images_is_unknown(summed):
    node = from_module(Function(summed), (3, 8, 8), "net").nodes[-1]
    assert (node.kind, node.arguments["op"]) == ("unknown", summed.__name__)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("last", [lambda x: x.view(-1).sigmoid(), torch.squeeze, lambda x: x.sum((1, 2, 3))])
def test_one_number_per_image(last, flat):
    network = nn.Sequential(nn.Conv2d(3, 1, 8), nn.ReLU(), Function(last))
    assert from_torch(network, (3, 8, 8), flat=flat).analyze().outputs == {"output": ()}


@pytest.mark.parametrize("flat", [True, False])
def test_a_network_of_nothing(flat):
    spec = from_torch(nn.Sequential(), (3, 8, 8), flat=flat)
    assert [node.kind for node in spec.graph().nodes] == ["identity"]


def test_types_are_of_no_interest():
    def mixed(x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return x.relu().float()

    assert [node.kind for node in from_module(Function(mixed), (3, 8, 8), "net").nodes] == ["relu"]


def test_inputs_are_given_by_name_where_one_is_skipped():
    class Optional(nn.Module):
        def forward(self, image, mask=None, *, depth=None):
            assert mask is None
            return image + depth

    traced = from_module(Optional(), {"depth": (3, 4, 4), "image": (3, 4, 4)}, None)
    assert [(node.kind, node.inputs) for node in traced.nodes] == [("add", ("image", "depth"))]


def test_weights_shared_with_a_layer_of_other_weights():
    class Mirrored(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, padding=1)

        def forward(self, x):
            return F.conv_transpose2d(self.conv(x), self.conv.weight, padding=1)

    with pytest.warns(UserWarning, match="1 conv_transpose2d"):
        report = from_torch(Mirrored(), (3, 8, 8)).analyze()
    assert ([node.kind for node in report.graph.nodes], report.params) == (["conv", "unknown"], 224)


def test_a_computed_weight_is_no_secret():
    class Equalised(nn.Conv2d):
        def forward(self, x):
            return F.conv2d(x, self.weight * 0.3, self.bias)

    with pytest.warns(UserWarning, match="net: 0: the weights are computed from parameters in every run"):
        report = from_torch(nn.Sequential(Equalised(3, 4, 3)), (3, 8, 8), "net").analyze()
    assert (report.params, [node.kind for node in report.graph.nodes]) == (112, ["conv"])


def test_a_layer_frozen_in_part_is_no_secret():
    network = nn.Sequential(nn.Conv2d(3, 4, 3))
    network[0].bias.requires_grad_(False)
    with pytest.warns(UserWarning, match="0: only some parameters of the layer are frozen"):
        from_torch(network, (3, 8, 8))


def test_a_cumulative_average_is_no_secret():
    with pytest.warns(UserWarning, match="0: momentum=None \\(cumulative average\\)"):
        from_torch(nn.Sequential(nn.BatchNorm2d(3, momentum=None)), (3, 8, 8))


@pytest.mark.parametrize("power", [2, 3])
def test_lp_pooling(power):
    network = nn.Sequential(nn.LPPool2d(power, 2))
    assert [node.kind for node in from_module(network, (3, 8, 8), "net").nodes] == ["lppool"]
