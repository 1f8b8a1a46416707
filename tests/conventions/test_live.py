"""The tools themselves, run on networks that we build; skipped where they are not installed (extra `peers`)."""

import sys
import warnings
from unittest.mock import patch

import pytest

import cnncalc
from cnncalc.conventions import convention
from cnncalc.records import replace

from ..shipped_networks import FULL
from ..torchvision_table import SHIPPED

torch = pytest.importorskip("torch")
from cnncalc.pytorch.builder import build  # noqa: E402 - needs torch

from ..pytorch.torchvision_models import models  # noqa: E402 - needs torch

SPEC = """
input: 3x32x24
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  - batchnorm
  - relu
  - conv: {out_channels: 8, kernel_size: 3, padding: 1, groups: 2}
  - relu6
  - maxpool: {kernel_size: 3, stride: 2, padding: 1}
  - conv_transpose: {out_channels: 6, kernel_size: 4, stride: 2, padding: 1}
  - prelu
  - adaptive_avgpool: [4, 3]
  - flatten
  - linear: 20
  - dropout: 0.5
  - softmax
"""
NETWORKS = ("inline", "alexnet@torchvision", "resnet@18", "mobilenet_v2")
TORCHVISIONS = [
    "shufflenet_v2_x0_5",
    "mnasnet0_5",
    "mobilenet_v3_small",
    "regnet_y_400mf",
]  # CNNCALC_ZOO=1: all of them
pytestmark = pytest.mark.filterwarnings("ignore")


def fvcore(model, inputs):
    return pytest.importorskip("fvcore.nn").FlopCountAnalysis(model, inputs).unsupported_ops_warnings(False).total()


def torchinfo(model, inputs):
    return pytest.importorskip("torchinfo").summary(model, input_data=inputs, verbose=0).total_mult_adds


def thop(model, inputs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("thop").profile(model, inputs=(inputs,), verbose=False)[0]


def ptflops(model, inputs, **options):
    counter = _ptflops()
    found = counter.get_model_complexity_info(
        model, tuple(inputs.shape[1:]), as_strings=False, print_per_layer_stat=False, verbose=False, **options
    )
    return found[0]


def _ptflops():
    with patch.dict(sys.modules, {"torchvision": None}):  # which it wants for a layer that we have not
        return pytest.importorskip("ptflops")


def nofunc(model, inputs):
    return ptflops(model, inputs, backend="pytorch", backend_specific_config={"count_functional": False})


def counter(model, inputs):
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as mode, torch.no_grad():
        model(inputs)
    return mode.get_total_flops()


TOOLS = {
    "fvcore": fvcore,
    "torchinfo": torchinfo,
    "thop": thop,
    "ptflops": lambda model, inputs: ptflops(model, inputs, backend="pytorch"),
    "ptflops-nofunc": nofunc,
    "ptflops-aten": lambda model, inputs: ptflops(model, inputs, backend="aten"),
    "torch": counter,
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_tool_says_so_of_our_network(name, tool):
    spec = cnncalc.parse(SPEC) if name == "inline" else cnncalc.load(name)
    graph = replace(spec.graph(), written={})  # what we build has a module for every layer
    model = build(graph).eval()
    (shape,) = graph.inputs.values()
    assert TOOLS[tool](model, torch.zeros(1, *shape)) == convention(tool).tally(graph).total


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("model", TORCHVISIONS if FULL else TORCHVISIONS[:1])
def test_the_tool_says_so_of_torchvisions_network(model, tool):
    """As torchvision writes it: what is a module there, a function, a method of the tensor."""
    graph = cnncalc.load(SHIPPED[model]).graph(input=(3, 64, 64))
    theirs = models().get_model(model, weights=None).eval()
    assert TOOLS[tool](theirs, torch.zeros(1, 3, 64, 64)) == convention(tool).tally(graph).total
