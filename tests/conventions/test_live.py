"""The tools themselves, run in the same test; skipped where they are not installed (extra `peers`).

They count networks that we build, networks written by hand in every way, and torchvision's, each imported: what a tool
prints must be what its convention says, to the unit. A cell that differs has its reason in the table.
Every fifth network in the ordinary run; `CNNCALC_IMPORT=1` takes 95 of torchvision's and 31 of timm's.
"""

import os
from contextlib import suppress
from functools import lru_cache

import pytest

import cnncalc
from cnncalc.conventions import convention
from cnncalc.errors import UsageError
from cnncalc.records import replace

from ..shipped_networks import FULL
from ..torchvision_table import SHIPPED

torch = pytest.importorskip("torch")
from cnncalc.pytorch.builder import build  # noqa: E402 - needs torch
from cnncalc.pytorch.live.running import NotInstalledError, run_tool  # noqa: E402 - needs torch
from cnncalc.pytorch.live.tools import TOOLS  # noqa: E402

from ..importers.pytorch.test_torchvision import DETECTORS, OPTICAL_FLOW  # noqa: E402 - needs torch
from ..pytorch.torchvision_models import models  # noqa: E402 - needs torch
from .hand_written import Attending, Convolutional  # noqa: E402 - needs torch
from .networks import TIMM, TORCHVISION, of_timm, of_torchvision  # noqa: E402 - needs torch

HAND_WRITTEN = {"Convolutional": Convolutional, "Attending": Attending}

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
TORCHVISIONS = ["shufflenet_v2_x0_5", "mnasnet0_5", "mobilenet_v3_small", "regnet_y_400mf"]
EVERY = bool(os.environ.get("CNNCALC_IMPORT"))
FIFTH = 5
ALONE = ("ultralytics-thop",)  # installs the same package as thop
COPIES = ("timm",)  # counts as another does
KNOWN = [name for name in TOOLS if name not in (*ALONE, *COPIES)]
# torchstat 0.0.7, flopth 0.1.6, ptflops 0.7.5, torch-scan 0.2.0, torchprofile 0.1.0; PyTorch 2.13, torchvision 0.28
FAILS = "the tool itself fails: it knows maps only"
RECURSES = "the tool itself fails: it does not end on a class derived from a convolution's"
STRIDED = "PyTorch adds the bias of a linear layer apart where its input is not contiguous, which ptflops-aten misses"
DROPPED = "the dropout of weights within an attention is no layer of ours"
TRACED = "a multiplication of two sizes in Python is traced as one of tensors"
DIFFERENT = {  # networks, by the beginnings of their names, and tools
    ("Attending", "ptflops-aten"): STRIDED,
    ("Attending", "torchscan"): DROPPED,
    ("vit_ swin_ deit", "torchprofile"): TRACED,
    ("mc3 r3d", "flopth"): RECURSES,
    ("Attending convnext swin vit_ maxvit r3d mc3 r2plus1d s3d mvit deit mixer", "torchstat torchstat-madd"): FAILS,
}
pytestmark = pytest.mark.filterwarnings("ignore")


def counted(tool, model, shape):
    with suppress(pytest.skip.Exception):
        models()  # which some tools import, and would find broken
    try:
        return run_tool(tool, model, [torch.zeros(1, *shape)])
    except NotInstalledError as error:
        pytest.skip(str(error))
    except UsageError:
        return None


@lru_cache(maxsize=1)
def imported(name):
    """A network, and the graph of what the importer makes of it."""
    torch.manual_seed(0)
    if name in HAND_WRITTEN:
        model, shape = HAND_WRITTEN[name]().eval(), (3, 32, 32)
    else:
        model, shape = (of_torchvision if name in TORCHVISION else of_timm)(name)
    return model, cnncalc.from_torch(model, shape).graph(), shape


def reason(name, tool):
    """Why a cell differs; empty where it must not."""
    for (names, tools), why in DIFFERENT.items():
        if name.startswith(tuple(names.split())) and tool in tools.split():
            return why
    return ""


def compare(name, tool):
    model, graph, shape = imported(name)
    same = counted(tool, model, shape) == convention(tool).tally(graph).total
    why = reason(name, tool)
    assert same != bool(why), why or "to the unit"


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_tool_says_so_of_our_network(name, tool):
    spec = cnncalc.parse(SPEC) if name == "inline" else cnncalc.load(name)
    graph = replace(spec.graph(), written={})  # what we build has a module for every layer
    graph = replace(graph, nodes=tuple(node._replace(written=None) for node in graph.nodes))
    (shape,) = graph.inputs.values()
    assert counted(tool, build(graph).eval(), shape) == convention(tool).tally(graph).total


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("model", TORCHVISIONS if FULL else TORCHVISIONS[:1])
def test_the_tool_says_so_of_torchvisions_network(model, tool):
    """As torchvision writes it, and as our spec says: what is a module there, a function, a method of the tensor."""
    graph = cnncalc.load(SHIPPED[model]).graph(input=(3, 64, 64))
    theirs = models().get_model(model, weights=None).eval()
    assert counted(tool, theirs, (3, 64, 64)) == convention(tool).tally(graph).total


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_networks_written_in_every_way(name, tool):
    compare(name, tool)


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", TORCHVISION if EVERY else TORCHVISION[::FIFTH])
def test_networks_of_torchvision(name, tool):
    compare(name, tool)


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", TIMM if EVERY else TIMM[::FIFTH])
def test_networks_of_timm(name, tool):
    compare(name, tool)


def test_the_list_is_torchvisions():
    listed = [name for name in models().list_models() if not name.startswith((*DETECTORS, *OPTICAL_FLOW, "quantized"))]
    assert listed == TORCHVISION


def test_what_differs_is_tried():
    every = (*TORCHVISION, *TIMM, *HAND_WRITTEN)
    for names, tools in DIFFERENT:
        assert all(any(name.startswith(start) for name in every) for start in names.split())
        assert {*tools.split()} <= TOOLS.keys()


def test_a_tool_leaves_nothing_behind():
    model = build(cnncalc.parse(SPEC).graph()).eval()
    before = set(model.state_dict()), torch.Tensor.matmul, torch.nn.functional.relu
    for tool in KNOWN:
        with suppress(UsageError):
            run_tool(tool, model, [torch.zeros(1, 3, 32, 24)])
    assert (set(model.state_dict()), torch.Tensor.matmul, torch.nn.functional.relu) == before
