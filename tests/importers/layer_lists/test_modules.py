"""Torch7's arguments: widths before heights, and each default as its file has it."""

from fractions import Fraction

import pytest

from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.modules import HANDLERS
from cnncalc.importers.layer_lists.torch7 import trace

TRIED = {  # on 3 channels, 9 rows, 12 columns: module → kind, output
    "nn.SpatialConvolution(3, 8, 5, 3)": ("conv", (8, 7, 8)),
    "nn.SpatialConvolution(3, 8, 5, 3, 2)": ("conv", (8, 7, 4)),
    "nn.SpatialConvolution(3, 8, 5, 3, 2, 3)": ("conv", (8, 3, 4)),
    "nn.SpatialConvolution(3, 8, 5, 3, 1, 1, 2)": ("conv", (8, 11, 12)),  # padH is padW
    "cudnn.SpatialConvolution(3, 8, 5, 3, 1, 1, 2)": ("conv", (8, 7, 12)),  # padH is 0
    "cudnn.SpatialConvolution(3, 9, 5, 3, 1, 1, 2, 1, 3)": ("conv", (9, 9, 12)),
    "nn.SpatialConvolutionMM(3, 8, 3, 3):noBias()": ("conv", (8, 7, 10)),
    "nn.SpatialDilatedConvolution(3, 8, 3, 3, 1, 1, 2, 2, 2, 3)": ("conv", (8, 7, 12)),
    "nn.SpatialFullConvolution(3, 8, 4, 2, 2, 3, 1, 0, 0, 1)": ("conv_transpose", (8, 27, 24)),
    "nn.SpatialMaxPooling(3, 2)": ("maxpool", (3, 4, 4)),
    "nn.SpatialMaxPooling(3, 2, 2, 2)": ("maxpool", (3, 4, 5)),
    "nn.SpatialMaxPooling(3, 2, 2, 2):ceil()": ("maxpool", (3, 5, 6)),
    "inn.SpatialMaxPooling(3, 2, 2, 2)": ("maxpool", (3, 5, 6)),
    "inn.SpatialMaxPooling(3, 2, 2, 2):floor()": ("maxpool", (3, 4, 5)),
    "nn.SpatialAveragePooling(3, 2)": ("avgpool", (3, 8, 10)),
    "nn.SpatialAveragePooling(3, 3, 1, 1, 1, 1):setCountExcludePad()": ("avgpool", (3, 9, 12)),
    "nn.SpatialAdaptiveMaxPooling(4, 2)": ("adaptive_maxpool", (3, 2, 4)),
    "nn.SpatialAdaptiveAveragePooling(4, 2)": ("adaptive_avgpool", (3, 2, 4)),
    "nn.SpatialZeroPadding(1, 2, 3, 4)": ("pad", (3, 16, 15)),
    "nn.SpatialBatchNormalization(3)": ("batchnorm", (3, 9, 12)),
    "nn.SpatialCrossMapLRN(5)": ("lrn", (3, 9, 12)),
    "inn.SpatialCrossResponseNormalization(5)": ("lrn", (3, 9, 12)),
    "nn.View(-1)": ("flatten", (324,)),
    "nn.View(-1, 324)": ("flatten", (324,)),
    "nn.Reshape(27, 12)": ("reshape", (27, 12)),
    "nn.Reshape(324, true)": ("flatten", (324,)),
    "nn.SpatialUpSamplingNearest(2)": ("upsample", (3, 18, 24)),
    "nn.SpatialUpSamplingBilinear(2)": ("upsample", (3, 18, 24)),
    "nn.SpatialDropout(0.2)": ("dropout", (3, 9, 12)),
    "nn.Dropout()": ("dropout", (3, 9, 12)),
    **{
        f"nn.{module}": (kind, (3, 9, 12))
        for module, kind in {
            "ReLU(true)": "relu",
            "ReLU6()": "relu6",
            "Threshold(0, 1e-6)": "relu",
            "LeakyReLU(0.2)": "leaky_relu",
            "PReLU()": "prelu",
            "PReLU(3)": "prelu",
            "ELU()": "elu",
            "Sigmoid()": "sigmoid",
            "Tanh()": "tanh",
            "HardTanh()": "hardtanh",
            "SoftPlus()": "softplus",
            "SoftMax()": "softmax",
            "LogSoftMax()": "log_softmax",
        }.items()
    },
}


def layer(module: str, *before: str):
    return trace(Source("net.lua", "\n".join((*before, module))), (3, 9, 12)).nodes[-1]


@pytest.mark.parametrize("module", TRIED)
def test_one_module(module):
    found = layer(module)
    assert (found.kind, found.output) == TRIED[module]


def test_every_module_is_tried():
    named = {name.partition("(")[0].partition(".")[2] for name in TRIED}
    assert HANDLERS.keys() - named == {"Linear", "BatchNormalization", "Identity", "Copy", "Contiguous"}


def test_vectors():
    assert layer("nn.Linear(324, 5)", "nn.View(324)").arguments == {"out_features": 5, "bias": True}
    assert layer("nn.Linear(324, 5, false)", "nn.View(324)").arguments["bias"] is False
    assert layer("nn.BatchNormalization(324, 1e-3, nil, false)", "nn.View(324)").arguments == {
        "eps": Fraction(1, 1000),
        "momentum": Fraction(1, 10),
        "affine": False,
    }


def test_what_changes_nothing():
    found = trace(Source("net.lua", "nn.ReLU()\nnn.Identity()\nnn.Copy()\nnn.Contiguous()"), (3, 9, 12))
    assert [node.kind for node in found.nodes] == ["relu"]


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("nn.SpatialConvolution(3, 8)", "argument 3 of SpatialConvolution: expected a number"),
        ("nn.SpatialConvolution(3, n, 3, 3)", "argument 2 of SpatialConvolution: expected a number, got 'n'"),
        ("nn.SpatialConvolution(3, 8, 0, 3)", "expected a whole number from 1, got 0"),
        ("nn.SpatialConvolution(3, 8, 3/2, 3)", "expected a whole number from 1, got 3/2"),
        ("nn.SpatialConvolution(3, 8, true, 3)", "expected a number"),
        ("nn.SpatialConvolution(3, 8, 30, 3)", "conv"),
        ("nn.Threshold(1, 0)", "Threshold is read at 0 alone"),
    ],
)
def test_faults(module, message):
    with pytest.raises(SpecError, match=message):
        layer(module)
