import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import cnncalc
from cnncalc.pytorch import build
from cnncalc.pytorch.bench.roofline.bounds import (
    Ceilings,
    Work,
    bound_of,
    covered,
    forward_macs,
    inference,
    network_bound,
    read_of,
    training_macs,
    work_of,
)
from cnncalc.pytorch.bench.subject import loss_of

SPECS = {
    "plain": "- conv: {out_channels: 4, kernel_size: 3}\n- relu\n- flatten\n- linear: 5\n",
    "frozen first": "- conv: {out_channels: 4, kernel_size: 3}\n  frozen: true\n- flatten\n- linear: 5\n",
    "frozen last": "- conv: {out_channels: 4, kernel_size: 3}\n- conv: {out_channels: 4, kernel_size: 3}\n"
    "  frozen: true\n",
    "residual": "- conv: {out_channels: 3, kernel_size: 3, padding: 1}\n- residual: {body: [{conv: {out_channels: 3, "
    "kernel_size: 1}}, relu]}\n- conv_transpose: {out_channels: 2, kernel_size: 2, stride: 2}\n",
}


def graph_of(layers, size="3x8x8"):
    return cnncalc.parse(f"input: {size}\nlayers:\n" + "".join(f"  {line}\n" for line in layers.splitlines())).graph()


@pytest.mark.parametrize("name", SPECS)
def test_macs_of_a_step_are_what_pytorch_counts(name):
    graph = graph_of(SPECS[name])
    network = build(graph).train()
    with FlopCounterMode(display=False) as counter:
        loss_of(network(torch.randn(2, 3, 8, 8))).backward()
    assert counter.get_total_flops() == 2 * 2 * training_macs(graph)


def test_shipped_networks_take_three_times_as_many_less_the_first_layer_s():
    graph = cnncalc.load("resnet@18").graph()
    first = forward_macs(graph.nodes[:1])
    assert training_macs(graph) == 3 * forward_macs(inference(graph)) - first


def test_work_of_a_convolution():
    node = graph_of("- conv: {out_channels: 4, kernel_size: 3, padding: 1}\n").nodes[0]
    work = work_of(node, 2, 4)
    assert work.flops == 2 * 2 * (4 * 64 * 27)
    assert work.bytes == 4 * (2 * (3 * 64 + 4 * 64) + 4 * 27 + 4)
    assert work.intensity == work.flops / work.bytes


@pytest.mark.parametrize(
    ("layer", "read"),
    [
        ("conv: {out_channels: 1, kernel_size: 1, stride: 2}", 16),  # the rest lies between the windows
        ("conv: {out_channels: 1, kernel_size: 3, stride: 4}", 36),
        ("conv: {out_channels: 1, kernel_size: 3, padding: 1}", 64),
        ("conv: {out_channels: 1, kernel_size: 2, dilation: 3}", 64),
        ("maxpool: {kernel_size: 3, stride: 3}", 36),
        ("crop: {size: 4}", 16),
        ("relu", 64),
    ],
)
def test_what_a_layer_reads(layer, read):
    (node,) = graph_of(f"- {layer}\n", "1x8x8").nodes
    assert read_of(node, node.shapes[0]) == read


def test_covered_counts_rows_that_windows_share_once():
    (node,) = graph_of("- maxpool: {kernel_size: 3, stride: 2}\n", "1x9x9").nodes
    assert [covered(window) for window in node.layer.windows(node.shapes)] == [9, 9]


@pytest.mark.parametrize("layer", ["flatten", "dropout", "identity", "reshape: [64]"])
def test_views_move_nothing(layer):
    (node,) = graph_of(f"- {layer}\n", "1x8x8").nodes
    assert work_of(node, 8, 4) == (0, 0)
    assert bound_of(work_of(node, 8, 4), Ceilings(1, 1)) == (0.0, "nothing")


def test_bound():
    ceilings = Ceilings(rate=100.0, bandwidth=10.0)
    assert bound_of(Work(1000, 50), ceilings) == (10.0, "compute")
    assert bound_of(Work(1000, 200), ceilings) == (20.0, "memory")


def test_bound_of_a_network_is_the_sum_of_its_layers_():
    graph = cnncalc.load("googlenet").graph()
    ceilings = Ceilings(1e12, 1e11)
    bounds = [bound_of(work_of(node, 4, 2), ceilings).seconds for node in inference(graph)]
    assert network_bound(graph, 4, 2, ceilings) == sum(bounds)
    assert network_bound(graph, 8, 2, ceilings) > 1.5 * sum(bounds)
