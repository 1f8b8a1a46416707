import pytest
import torch

import cnncalc
from cnncalc.pytorch import build
from cnncalc.pytorch.bench.devices.cpu import Cpu
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.timing.layers import layer_times, layers_of

SPEC = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - relu
  - flatten
  - linear: 5
heads:
  aux: {from: relu1, training: true, layers: [flatten, {linear: 2}]}
"""
SECONDS = {"conv1": 3e-4, "relu1": 1e-6, "flatten1": 2e-6, "linear1": 5e-5}


@pytest.fixture
def graph():
    return cnncalc.parse(SPEC).graph()


def test_layers_on_a_device_that_runs_behind(api, cuda, graph):
    """Launches of 5 µs hide the time of short layers, but for the head start that queues a whole pass first."""
    network = build(graph).eval()
    for name, seconds in SECONDS.items():
        network.module(name).register_forward_hook(lambda *_, seconds=seconds: api.launch(seconds))
    times = layer_times(cuda, network, graph, lambda: network(torch.randn(1, 3, 8, 8)), 0.01)
    assert {name: found.device for name, found in times.items()} == pytest.approx(SECONDS, rel=0.01)
    assert api.slept > 0
    found = layers_of(graph, times, 1, 4, Ceilings(1e12, 1e10))
    assert [layer.name for layer in found] == list(SECONDS)
    conv = found[0]
    assert conv.share == conv.bound.seconds / conv.seconds
    assert found[2].share is None  # flatten: nothing bounds it


def test_hooks_are_gone_afterwards(graph):
    network = build(graph).eval()
    call = lambda: network(torch.randn(1, 3, 8, 8))  # noqa: E731
    times = layer_times(Cpu(), network, graph, call, 0.01)
    assert times.keys() == SECONDS.keys()
    assert all(found.device > 0 for found in times.values())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_hooks_are_gone_after_a_fault(graph):
    network = build(graph).eval()
    with pytest.raises(RuntimeError):
        layer_times(Cpu(), network, graph, lambda: network(torch.randn(1, 4, 8, 8)), 0.01)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
