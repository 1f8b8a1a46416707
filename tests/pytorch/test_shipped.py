"""Every shipped network in every variant: node by node on the meta device, compiled in one piece, exported."""

import warnings

import pytest
import torch

import cnncalc
from cnncalc.pytorch import build, verify
from cnncalc.pytorch.verification.verify import random_inputs

from ..shipped_networks import TAKEN, small

SOME = [
    "lenet5",
    "tcn",
    "alexnet",
    "googlenet",
    "mobilenet_v2",
    "unet@padded",
    "vgg@11",
    "resnet@18",
]


@pytest.mark.parametrize("name", TAKEN)
def test_every_node_is_confirmed(name):
    graph = cnncalc.load(name).graph()
    found = verify(graph)
    assert found.ok, "\n".join(found.differences())
    assert len(found.rows) >= len(graph.nodes)


@pytest.mark.parametrize("name", SOME)
def test_runs_with_real_tensors(name):
    found = verify(cnncalc.load(name).graph(**small(name)), execute=True)
    assert found.ok, "\n".join(found.differences())
    assert found.device == "cpu"


@pytest.mark.parametrize("name", SOME)
def test_compiles_without_graph_breaks_and_exports(name):
    graph = cnncalc.load(name).graph(**small(name))
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
    graph = cnncalc.load(name).graph(**small(name))
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
