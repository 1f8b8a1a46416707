"""Every shipped network in every variant: node by node on the meta device, compiled in one piece, exported."""

import warnings

import pytest
import torch

import cnncalc
from cnncalc import shipped
from cnncalc.torch_backend import build, verify
from cnncalc.torch_backend.verify import random_inputs

VARIANTS = [
    f"{name}@{variant}" if variant else name
    for name in shipped.names()
    for variant in (None, *cnncalc.load(name).variants)
]
SMALL = {"alexnet": 67, "googlenet": 64, "mobilenet_v2": 64, "unet@padded": 32, "vgg@11": 32, "resnet@18": 64}


def graph_of(name):
    """A network at a size that computes quickly; its head's width follows."""
    spec = cnncalc.load(name)
    size = SMALL.get(name)
    shape = next(iter(spec.graph().inputs.values()))
    return spec.graph(input=(shape[0], size, size) if size else None)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_node_is_confirmed(name):
    found = verify(cnncalc.load(name).graph())
    assert found.ok, "\n".join(found.differences())
    assert len(found.rows) > 5


@pytest.mark.parametrize("name", ["lenet5", "tcn", *SMALL])
def test_runs_with_real_tensors(name):
    found = verify(graph_of(name), execute=True)
    assert found.ok, "\n".join(found.differences())
    assert found.device == "cpu"


@pytest.mark.parametrize("name", ["lenet5", "tcn", *SMALL])
def test_compiles_without_graph_breaks_and_exports(name):
    graph = graph_of(name)
    net = build(graph).eval()
    inputs = tuple(random_inputs(graph, "cpu"))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = net(*inputs)
        torch._dynamo.reset()
        compiled = torch.compile(net, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(*inputs), expected)
        exported = torch.export.export(net, inputs)
        torch.testing.assert_close(exported.module()(*inputs), expected)
    assert set(exported.state_dict) == set(net.state_dict())


@pytest.mark.parametrize("name", ["lenet5", "googlenet"])
def test_compiles_for_training(name):
    graph = graph_of(name)
    net = build(graph)
    torch._dynamo.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = torch.compile(net, backend="aot_eager", fullgraph=True)(*random_inputs(graph, "cpu", batch=2))
        outputs = result.values() if isinstance(result, dict) else [result]
        sum(out.sum() for out in outputs).backward()
    missing = [name for name, p in net.named_parameters() if p.grad is None]
    assert not missing
    torch._dynamo.reset()
