"""Peaks against storages that PyTorch really holds: shipped networks in full size on the meta device.

A layer that PyTorch computes by several operations holds more for a moment than its output: the peak of a network that
has one may be more than ours, never less.
"""

import pytest

torch = pytest.importorskip("torch")

import cnncalc  # noqa: E402
from cnncalc.analysis import backward  # noqa: E402
from cnncalc.shipped import names  # noqa: E402
from cnncalc.torch_backend import build  # noqa: E402

from .allocator import Allocator  # noqa: E402

BATCH = 2
NETWORKS = [
    f"{name}@{variant}" if variant else name for name in names() for variant in (cnncalc.load(name).variants or (None,))
]
WHOLE = {"conv", "linear", "relu", "relu6", "sigmoid", "tanh", "softmax", "batchnorm", "maxpool", "avgpool", "add"}
WHOLE |= {
    "concat",
    "flatten",
    "identity",
    "dropout",
    "global_avgpool",
    "adaptive_avgpool",
    "conv_transpose",
    "multiply",
}
WHOLE |= {"reshape", "permute", "slice", "crop", "upsample", "mean", "silu", "gelu", "leaky_relu", "elu", "hardswish"}
"""Kinds that PyTorch computes by one operation on the way forward (with padding that it knows)."""
SLACK = 64 * 1024  # bytes: in evaluation the meta device makes statistics that the CPU does not
AXIS_BY_AXIS = {"unet"}  # a crop's gradient takes one axis after the other, and holds the map in between


def single_operations(graph):
    """Whether every layer of inference is one operation without a copy for padding."""
    return all(node.kind in WHOLE and not _padded(node) and not _folds(node) for node in graph.nodes)


def _folds(node):
    """Whether several inputs are joined one after the other."""
    return len(node.inputs) > 2 and node.kind != "concat"


def _padded(node):
    odd = any(window.low != window.high for window in node.layer.windows(node.shapes))
    return odd or getattr(node.layer, "padding_mode", "zeros") != "zeros"


def inference_peak(graph, device):
    network = build(graph, device).eval()
    inputs = [torch.randn(BATCH, *shape, device=device) for shape in graph.inputs.values()]
    allocator = Allocator([*network.parameters(), *network.buffers()])
    allocator.hold(*inputs)
    with torch.no_grad(), allocator:
        outputs = network(*inputs)
    del outputs
    return allocator.most


def training_peak(graph, device):
    """The peak of a step of training, without the gradients of the outputs, which our caller holds all the time."""
    network = build(graph, device).train()
    inputs = [torch.randn(BATCH, *shape, device=device) for shape in graph.inputs.values()]
    allocator = Allocator([*network.parameters(), *network.buffers()])
    allocator.hold(*inputs)
    with allocator:
        found = network(*inputs)
        outputs = [
            tensor for tensor in (found.values() if isinstance(found, dict) else [found]) if tensor.requires_grad
        ]
        gradients = [torch.empty_like(tensor) for tensor in outputs]
        torch.autograd.backward(outputs, gradients)
    held = sum(gradient.untyped_storage().nbytes() for gradient in gradients)
    return allocator.most, held


@pytest.mark.parametrize("name", NETWORKS)
def test_inference_peak_is_what_pytorch_holds(name):
    graph = cnncalc.load(name).graph()
    ours, theirs = cnncalc.Report(graph, BATCH).memory().peak.bytes, inference_peak(graph, "meta")
    if single_operations(graph):
        assert ours <= theirs <= ours + SLACK
    else:
        assert theirs >= ours


def test_networks_of_single_operations():
    exact = [name for name in NETWORKS if single_operations(cnncalc.load(name).graph())]
    assert {name.split("@")[0] for name in exact} >= {"vgg", "resnet", "googlenet", "unet", "mobilenet_v2"}
    assert len(exact) >= 13


@pytest.mark.parametrize("name", ["resnet@18", "googlenet", "vgg@11"])
def test_inference_peak_on_the_cpu_to_the_byte(name):
    graph = cnncalc.load(name).graph((3, 64, 64))
    assert cnncalc.Report(graph, BATCH).memory().peak.bytes == inference_peak(graph, "cpu")


@pytest.mark.parametrize("name", ["resnet@18", "mobilenet_v2"])
@pytest.mark.filterwarnings("ignore")
def test_training_peak_on_the_cpu_to_the_byte(name, monkeypatch):
    monkeypatch.setattr(backward, "SUMS_IN_PLACE", False)
    graph = cnncalc.load(name).graph((3, 64, 64))
    theirs, held = training_peak(graph, "cpu")
    assert cnncalc.Report(graph, BATCH).memory().training.peak.bytes == theirs - held


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("ignore")
def test_training_peak_is_what_pytorch_holds(name, monkeypatch):
    monkeypatch.setattr(backward, "SUMS_IN_PLACE", False)  # the allocator looks on
    graph = cnncalc.load(name).graph()
    ours = cnncalc.Report(graph, BATCH).memory().training.peak.bytes
    theirs, held = training_peak(graph, "meta")
    if single_operations(graph) and name not in AXIS_BY_AXIS:
        assert ours == theirs - held
    else:
        assert ours <= theirs
