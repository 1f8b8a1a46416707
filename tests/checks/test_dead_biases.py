"""bias-before-norm by experiment: in PyTorch, other biases change nothing where it speaks, and something where not."""

import pytest
import torch

import cnncalc
from cnncalc.checks.rule import Subject

from .marked import rule, specs

RULE = "bias-before-norm"


@pytest.fixture(autouse=True)
def one_thread():
    """Networks so small are slower on many."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def subject(path):
    spec = cnncalc.load(path)
    return spec, Subject(spec.document, None, spec.analyze())


@pytest.mark.parametrize("path", specs(RULE), ids=lambda path: path.stem)
def test_a_bias_is_dead_exactly_where_it_is_said(path):
    spec, found = subject(path)
    dead = {name for finding in rule(RULE).findings(found) for name in finding.nodes}
    torch.manual_seed(0)
    network = spec.to_torch().double().train()
    frozen = {node.name for node in found.report.graph.nodes if node.frozen}
    for name, module in network.named_modules():
        if name in frozen:  # its running statistics are what it subtracts
            module.eval()
    graph = found.report.graph
    x = torch.randn(4, *next(iter(graph.inputs.values()))).double()
    with torch.no_grad():
        before = network(x)
        for node in graph.nodes:
            if "bias" not in node.weights or node.kind not in ("conv", "conv_transpose", "linear") or node.shares:
                continue
            bias = network.get_parameter(f"{node.name}.bias")
            kept = bias.clone()
            bias += torch.randn_like(bias) * 3
            same = torch.allclose(network(x), before, atol=1e-8)
            bias.copy_(kept)
            assert same == (node.name in dead), node.name
