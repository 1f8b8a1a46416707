"""The tools themselves, run in the same test; skipped where they are not installed (extra `peers`).

They count networks that we build, networks written by hand in every way, and torchvision's, each imported: what a tool
prints must be what its convention says, to the unit. A cell that differs has its reason in the table.
"""

from contextlib import suppress
from functools import cache

import pytest

import cnncalc
from cnncalc.conventions import CONVENTIONS, convention
from cnncalc.conventions.reconcile import reconcile
from cnncalc.errors import UsageError
from cnncalc.records import replace

from ..shipped_networks import FULL
from ..torchvision_table import SHIPPED

torch = pytest.importorskip("torch")
from cnncalc.pytorch.builder import build  # noqa: E402 - needs torch

from ..pytorch.torchvision_models import models  # noqa: E402 - needs torch
from .hand_written import Attending, Convolutional  # noqa: E402 - needs torch
from .live import TOOLS, run_tool  # noqa: E402 - needs torch

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
NAMES = """
alexnet convnext_tiny densenet121 efficientnet_b0 googlenet inception_v3 mnasnet0_5 mobilenet_v2 mobilenet_v3_small
regnet_x_400mf regnet_y_400mf resnet18 resnet50 resnext50_32x4d shufflenet_v2_x0_5 squeezenet1_0 swin_t vgg11 vgg11_bn
vit_b_16 wide_resnet50_2
"""
CLASSIFIERS = NAMES.split()
FIFTH = 5
LARGE = {"inception_v3": 299, "vit_b_16": 64}  # other inputs than 64 × 64
ALONE = ("ultralytics-thop",)  # installs the same package as thop
COPIES = ("timm",)  # counts as another does
KNOWN = [name for name in TOOLS if name in CONVENTIONS and name not in (*ALONE, *COPIES)]
FAILS = "the tool itself fails: it knows maps only"
STRIDED = "PyTorch adds the bias of a linear layer apart where its input is not contiguous, which ptflops-aten misses"
DROPPED = "the dropout of weights within an attention is no layer of ours"
TRACED = "a multiplication of two sizes in Python is traced as one of tensors"
LATER = "the convention is of edaa72212: releases since then count the bias of a transposed convolution anew"
DIFFERENT = {
    ("inline", "deepspeed"): LATER,
    ("Attending", "ptflops-aten"): STRIDED,
    ("Attending", "torchscan"): DROPPED,
    ("vit_b_16", "torchprofile"): TRACED,
    ("swin_t", "torchprofile"): TRACED,
    **{(name, "torchstat"): FAILS for name in ("Attending", "convnext_tiny", "swin_t", "vit_b_16")},
    **{(name, "torchstat-madd"): FAILS for name in ("Attending", "convnext_tiny", "swin_t", "vit_b_16")},
}
pytestmark = pytest.mark.filterwarnings("ignore")


def counted(tool, model, shape):
    with suppress(pytest.skip.Exception):
        models()  # which some tools import, and would find broken
    try:
        return run_tool(tool, model, [torch.zeros(1, *shape)])
    except UsageError as error:
        if "cannot be imported" in str(error):
            pytest.skip(str(error))
        return None


@cache
def imported(name):
    """A network, and the graph of what the importer makes of it."""
    size = LARGE.get(name, 64 if name.islower() else 32)
    if name in ("Convolutional", "Attending"):
        model = {"Convolutional": Convolutional, "Attending": Attending}[name]()
    else:
        options = {"image_size": size} if name.startswith("vit") else {}
        torch.manual_seed(0)
        model = models().get_model(name, weights=None, **options)
    spec = cnncalc.from_torch(model.eval(), (3, size, size))
    return model, spec.graph(), (3, size, size)


def compare(name, tool):
    model, graph, shape = imported(name)
    same = counted(tool, model, shape) == convention(tool).tally(graph).total
    assert same != ((name, tool) in DIFFERENT), DIFFERENT.get((name, tool), "to the unit")


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_tool_says_so_of_our_network(name, tool):
    spec = cnncalc.parse(SPEC) if name == "inline" else cnncalc.load(name)
    graph = replace(spec.graph(), written={})  # what we build has a module for every layer
    graph = replace(graph, nodes=tuple(node._replace(written=None) for node in graph.nodes))
    (shape,) = graph.inputs.values()
    same = counted(tool, build(graph).eval(), shape) == convention(tool).tally(graph).total
    assert same != ((name, tool) in DIFFERENT), DIFFERENT.get((name, tool), "to the unit")


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("model", TORCHVISIONS if FULL else TORCHVISIONS[:1])
def test_the_tool_says_so_of_torchvisions_network(model, tool):
    """As torchvision writes it, and as our spec says: what is a module there, a function, a method of the tensor."""
    graph = cnncalc.load(SHIPPED[model]).graph(input=(3, 64, 64))
    theirs = models().get_model(model, weights=None).eval()
    assert counted(tool, theirs, (3, 64, 64)) == convention(tool).tally(graph).total


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", ["Convolutional", "Attending"])
def test_networks_written_in_every_way(name, tool):
    compare(name, tool)


@pytest.mark.parametrize("tool", KNOWN)
@pytest.mark.parametrize("name", CLASSIFIERS if FULL else CLASSIFIERS[:: FIFTH * 2])
def test_imported_classifiers(name, tool):
    compare(name, tool)


@pytest.mark.parametrize("name", ["Convolutional", "Attending"])
def test_reconciliation_between_any_two_sums(name):
    _, graph, _ = imported(name)
    for first in KNOWN:
        for second in ("macs", *CONVENTIONS):
            found = reconcile(graph, first, second)
            assert sum(part.difference for part in found.parts) == found.second_total - found.first_total


def test_what_differs_is_tried():
    assert {name for name, _ in DIFFERENT} <= {*CLASSIFIERS, "Convolutional", "Attending", "inline"}


def test_a_tool_leaves_nothing_behind():
    model = build(cnncalc.parse(SPEC).graph()).eval()
    before = set(model.state_dict()), torch.Tensor.matmul, torch.nn.functional.relu
    for tool in KNOWN:
        with suppress(UsageError):
            run_tool(tool, model, [torch.zeros(1, 3, 32, 24)])
    assert (set(model.state_dict()), torch.Tensor.matmul, torch.nn.functional.relu) == before
