"""Peaks against storages that PyTorch really holds: shipped networks in full size on the meta device.

A layer that PyTorch computes by several operations holds more for a moment than its output: the peak of a network that
has one may be more than ours, never less.
"""

from math import prod

import pytest

torch = pytest.importorskip("torch")

import cnncalc  # noqa: E402
from cnncalc.analysis.memory import backward  # noqa: E402
from cnncalc.analysis.memory.autograd import training_run  # noqa: E402
from cnncalc.analysis.memory.backward import training_outputs  # noqa: E402
from cnncalc.analysis.memory.liveness import loads_per_step, peak_of  # noqa: E402
from cnncalc.pytorch import build  # noqa: E402

from ...shipped_networks import TAKEN  # noqa: E402
from .allocator import Allocator  # noqa: E402

BATCH = 2
WIDTH = 4  # bytes per number
NETWORKS = sorted({*TAKEN, "densenet@201", "efficientnet@b3", "preact_resnet@18", "resnet@18", "vgg@11"})
KINDS = """
conv conv_transpose linear relu relu6 sigmoid tanh softmax silu gelu leaky_relu elu hardswish batchnorm
maxpool avgpool global_avgpool adaptive_avgpool add multiply concat mean
flatten reshape permute slice crop upsample identity dropout
"""
WHOLE = set(KINDS.split())
"""Kinds that PyTorch computes by one operation on the way forward (with padding that it knows)."""
SLACK = 64 * 1024  # bytes: in evaluation the meta device makes statistics that the CPU does not


def single_operations(graph):
    """Whether every layer of inference is one operation without a copy for padding."""
    return all(node.kind in WHOLE and not _padded(node) and not _folds(node) for node in graph.nodes)


def single_operations_back(graph):
    """Whether the way back is one operation a layer too.

    It is not for a small map that multiplies a large one (a sum over their product), for a crop of several axes (one
    after the other), for dropout of maps (its mask is of bytes on CUDA, of floats elsewhere), and for shared weights
    (their gradients are added in place, but not where a dispatch mode looks on).
    """
    return not any(
        (node.kind == "multiply" and len(set(node.shapes)) > 1)
        or node.kind == "crop"
        or (node.kind == "dropout" and len(node.output) > 1)
        or node.shares
        for node in graph.nodes
    )


def with_indices(memory):
    """The most bytes beside a max pooling, which makes the places of its maxima too (int64) and drops them."""
    _, alive = memory._inference_spans
    pools = [step for step, node in enumerate(memory.graph.nodes) if node.kind == "maxpool" and not node.training]
    places = {step: 8 * BATCH * prod(memory.graph.nodes[step].output) for step in pools}
    return max((alive[step].at(BATCH) + size for step, size in places.items()), default=0)


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
    """The peak of a step of training; the gradients of the outputs are held all the time."""
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
    return allocator.most


@pytest.mark.parametrize("name", NETWORKS)
def test_inference_peak_is_what_pytorch_holds(name):
    graph = cnncalc.load(name).graph()
    memory = cnncalc.Report(graph, BATCH).memory()
    ours, theirs = memory.peak.bytes, inference_peak(graph, "meta")
    if single_operations(graph):
        assert max(ours, with_indices(memory)) <= theirs <= max(ours, with_indices(memory)) + SLACK
    else:
        assert theirs >= ours


def test_networks_of_single_operations():
    exact = {name for name in NETWORKS if single_operations(cnncalc.load(name).graph())}
    assert exact >= {"vgg", "resnet", "resnet@18", "googlenet", "unet", "mobilenet_v2", "densenet@201"}
    assert len([name for name in exact if single_operations_back(cnncalc.load(name).graph())]) >= 13


@pytest.mark.parametrize("name", ["resnet@18", "googlenet", "vgg@11"])
def test_inference_peak_on_the_cpu_to_the_byte(name):
    graph = cnncalc.load(name).graph((3, 64, 64))
    assert cnncalc.Report(graph, BATCH).memory().peak.bytes == inference_peak(graph, "cpu")


def our_training_peak(graph):
    """Our peak of a step of training, for a caller who holds the gradients of the outputs to the end, as ours here."""
    run = training_run(graph, WIDTH)
    given = {f"gradient of {name}": None for name in training_outputs(graph)}
    spans = [
        span._replace(last=run.steps) if given.pop(span.name, 0) is None else span  # the first of its name
        for span in run.spans
    ]
    return peak_of(loads_per_step(spans, run.steps), BATCH).bytes


@pytest.mark.parametrize("name", ["resnet@18", "mobilenet_v2"])
@pytest.mark.filterwarnings("ignore")
def test_training_peak_on_the_cpu_to_the_byte(name, monkeypatch):
    monkeypatch.setattr(backward, "SUMS_IN_PLACE", False)
    graph = cnncalc.load(name).graph((3, 64, 64))
    assert our_training_peak(graph) == training_peak(graph, "cpu")


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("ignore")
def test_training_peak_is_what_pytorch_holds(name, monkeypatch):
    monkeypatch.setattr(backward, "SUMS_IN_PLACE", False)  # the allocator looks on
    graph = cnncalc.load(name).graph()
    ours, theirs = our_training_peak(graph), training_peak(graph, "meta")
    if single_operations(graph) and single_operations_back(graph):
        assert ours == theirs
    else:
        assert ours <= theirs
