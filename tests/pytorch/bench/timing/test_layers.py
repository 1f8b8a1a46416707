import pytest
import torch

import cnncalc
from cnncalc.pytorch import build
from cnncalc.pytorch.bench.devices.cpu import Cpu
from cnncalc.pytorch.bench.devices.cuda import Cuda
from cnncalc.pytorch.bench.roofline.bounds import Ceilings
from cnncalc.pytorch.bench.timing.layers import layer_times, layers_of, typical_time
from cnncalc.pytorch.bench.timing.passes import Passes

from ..fake_cuda import LAUNCH, FakeCuda

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


def chain(api, count, launches=1, seconds=2e-6, **touched):
    """A network of so many layers, each of which launches as often, for so many seconds in all."""
    graph = cnncalc.parse("input: 1x2x2\nlayers:\n" + "  - relu\n" * count).graph()
    network = build(graph).eval()

    def launch(*_):
        for _ in range(launches):
            api.launch(seconds / launches, **touched)

    for node in graph.nodes:
        network.module(node.name).register_forward_hook(launch)
    image = torch.zeros(1, 1, 2, 2)
    return graph, network, lambda: network(image)


@pytest.mark.parametrize(("count", "launches"), [(700, 1), (700, 2), (320, 6)])
def test_layers_are_right_though_the_queue_is_shorter_than_the_network(api, cuda, count, launches):
    """A full queue makes the host wait, and the head start is over; 320 layers of 6 launches need shorter stretches."""
    graph, network, call = chain(api, count, launches)
    found = layer_times(cuda, network, graph, call, 1e-3)
    assert sum(layer.device for layer in found.values()) == pytest.approx(count * 2e-6, rel=0.01)
    assert max(layer.device for layer in found.values()) < 3e-6


def test_what_a_mark_costs_is_taken_off():
    api = FakeCuda(mark=1.5e-6)
    cuda = Cuda(0, api, place="cpu", clock=api.clock)
    graph, network, call = chain(api, 50)
    found = layer_times(cuda, network, graph, call, 1e-3)
    assert [layer.device for layer in found.values()] == pytest.approx([2e-6] * 50, rel=0.01)


def test_one_mark_between_neighbours(api, cuda):
    graph, network, call = chain(api, 10)
    marks = []
    real = cuda.mark
    cuda.mark = lambda: marks.append(real()) or marks[-1]
    with Passes(cuda, network, graph) as passes:
        passes.run(call, 1e-3)
    assert len(marks) == 11


def test_short_times_are_means_without_their_ends():
    assert typical_time([4e-6, 5e-6, 5e-6, 5e-6, 90e-6]) == pytest.approx(5e-6)
    assert typical_time([4.5e-6, 5e-6, 5e-6, 5e-6, 5.5e-6, 5.5e-6, 5.5e-6, 5.5e-6, 5e-6, 6e-6]) == pytest.approx(
        5.25e-6
    )
    assert typical_time([1e-3, 2e-3, 9e-3]) == 2e-3


def test_launch_bound_layers_are_said(api, cuda):
    graph, network, call = chain(api, 10)
    times = layer_times(cuda, network, graph, call, 1e-3)
    layers = layers_of(graph, times, 1, 4, Ceilings(1e12, 1e10))
    assert layers[0].host == pytest.approx(LAUNCH)
    assert all(layer.launch_bound for layer in layers)
    graph, network, call = chain(api, 10, seconds=1e-3)
    layers = layers_of(graph, layer_times(cuda, network, graph, call, 1e-3), 1, 4, Ceilings(1e12, 1e10))
    assert not any(layer.launch_bound for layer in layers)


def test_cold_layers_come_from_memory(api, cuda, monkeypatch):
    monkeypatch.setattr(cuda, "clear_cache", api.clear_l2)
    graph, network, call = chain(api, 400, seconds=1e-4, data="maps", size=20 << 20)
    warm = layer_times(cuda, network, graph, call, 1e-3)
    cold = layer_times(cuda, network, graph, call, 1e-3, cold=True)
    assert list(warm.values())[5].device == pytest.approx(0.5e-4, rel=0.01)
    assert [layer.device for layer in cold.values()] == pytest.approx([1e-4] * 400, rel=0.01)
