"""The network as a user of PyTorch meets it: names, sharing, freezing, inputs, outputs, heads, devices."""

import copy
import gc
import pickle
import weakref

import pytest
import torch
from torch import nn

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.pytorch import build
from cnncalc.pytorch.network import steps

SHARED = """
input: 4x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
    name: a
  - batchnorm:
    name: n
  - conv: {out_channels: 4, kernel_size: 3, padding: 2, dilation: 2}
    share: a
    name: b
  - batchnorm:
    share: n
    name: m
"""
HEADS = """
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 1}
    name: trunk
  - relu
heads:
  aux: {from: trunk, training: true, layers: [relu, {residual: [{conv: {out_channels: 4, kernel_size: 1}}]}]}
  side: {from: trunk, layers: [global_avgpool, flatten]}
"""


def network(text, **options):
    return build(cnncalc.parse(text).graph(), **options)


def test_state_dict_reads_like_the_spec():
    names = list(build(cnncalc.load("resnet@18").graph(), device="meta").state_dict())
    assert names[:3] == ["conv1.weight", "batchnorm1.weight", "batchnorm1.bias"]
    assert "layer1.0.conv2.weight" in names
    assert "layer2.0.shortcut.downsample.conv1.weight" in names
    assert names[-2:] == ["linear1.weight", "linear1.bias"]


def test_layers_are_those_of_pytorch():
    net = build(cnncalc.load("resnet@18").graph(), device="meta")
    layer = net.get_submodule("layer1.0.conv2")
    assert type(layer) is nn.Conv2d
    assert layer.padding == (1, 1)
    kinds = {type(module).__module__.partition(".")[0] for module in net.modules() if not list(module.children())}
    assert kinds == {"torch", "cnncalc"}  # the joins are ours


def test_a_join_holds_the_level_of_its_name():
    net = network("input: 2x4x4\nlayers:\n  - residual: {body: [relu], shortcut: [{scale: }]}\n    name: r\n")
    assert list(net.state_dict()) == ["r.shortcut.scale1.weight"]
    x = torch.randn(1, 2, 4, 4)
    torch.testing.assert_close(net(x), x.relu() + x)


def test_names_may_be_those_of_module_methods():
    net = network("input: 2x4x4\nlayers:\n  - scale:\n    name: forward\n  - scale:\n    name: type\n")
    assert list(net.state_dict()) == ["forward.weight", "type.weight"]
    assert net.eval()(torch.zeros(1, 2, 4, 4)).shape == (1, 2, 4, 4)


def test_the_one_name_that_pytorch_sets_itself_is_refused():
    with pytest.raises(UsageError, match="training: PyTorch reserves the name 'training'"):
        network("input: 2x4x4\nlayers:\n  - scale:\n    name: training\n")


def test_shared_weights_are_one_object():
    net = network(SHARED)
    assert [name for name, _ in net.named_parameters()] == ["a.weight", "a.bias", "n.weight", "n.bias"]
    assert net.a.weight is net.b.weight
    assert net.n.running_mean is net.m.running_mean


@pytest.mark.parametrize(
    "moved",
    [
        lambda net: net.to(torch.float64),
        lambda net: net.to("meta").to_empty(device="cpu"),
        copy.deepcopy,
        lambda net: pickle.loads(pickle.dumps(net)),
        lambda net: net.half().float(),
    ],
)
def test_shared_weights_stay_one_object(moved):
    net = moved(network(SHARED))
    assert net.a.weight is net.b.weight
    assert net.a.bias is net.b.bias
    assert net.n.running_var is net.m.running_var
    assert len(list(net.parameters())) == 4


def test_shared_weights_stay_one_object_when_tensors_are_assigned():
    net = network(SHARED, device="meta")
    net.load_state_dict(network(SHARED).state_dict(), assign=True)
    assert net.a.weight is net.b.weight
    assert net.n.running_mean is net.m.running_mean
    assert net(torch.randn(2, 4, 8, 8)).shape == (2, 4, 8, 8)


def test_frozen_weights_do_not_learn():
    text = "input: 2x4x4\nlayers:\n  - conv: {out_channels: 2, kernel_size: 1}\n    frozen: true\n  - scale\n"
    grads = {name: p.requires_grad for name, p in network(text).named_parameters()}
    assert grads == {"conv1.weight": False, "conv1.bias": False, "scale1.weight": True}


def test_inputs_come_in_the_order_of_the_spec():
    net = network("input: {x: 2x4x4, y: 2x4x4}\nlayers:\n  - subtract:\n    from: [y, x]\n")
    x, y = torch.randn(2, 1, 2, 4, 4)
    torch.testing.assert_close(net(x, y), y - x)
    with pytest.raises(TypeError, match=r"expected 2 inputs \(x, y\), got 1"):
        net(x)


def test_several_outputs_come_by_name():
    net = network("input: 2x4x4\nlayers:\n  - relu:\n    name: r\n  - tanh:\n    name: t\noutputs: {low: r, high: t}\n")
    x = torch.randn(1, 2, 4, 4)
    out = net(x)
    assert list(out) == ["low", "high"]
    torch.testing.assert_close(out["high"], x.relu().tanh())


def test_training_heads_run_in_training_only():
    net = network(HEADS)
    x = torch.randn(2, 3, 8, 8)
    assert {k: tuple(v.shape) for k, v in net(x).items()} == {
        "output": (2, 4, 8, 8),
        "side": (2, 4),
        "aux": (2, 4, 8, 8),
    }
    calls = []
    net.get_submodule("aux.conv1").register_forward_hook(lambda *_: calls.append(1))
    assert list(net.eval()(x)) == ["output", "side"]
    assert not calls
    net.train()(x)
    assert calls == [1]


def test_an_output_may_be_an_input():
    net = network("input: 2x4x4\nlayers:\n  - relu:\n    when: in_channels > 9\n")
    x = torch.randn(1, 2, 4, 4)
    assert net(x) is x


def test_a_layer_or_a_level_may_be_replaced():
    net = build(cnncalc.load("resnet@18").graph(), device="meta")
    net.linear1 = nn.Linear(512, 7, device="meta")
    net.layer4._modules["1"].conv1 = nn.Identity()
    assert net(torch.empty(2, 3, 64, 64, device="meta")).shape == (2, 7)


def test_takes_other_sizes_where_the_spec_would():
    net = build(cnncalc.load("unet@padded").graph(), device="meta")
    assert net(torch.empty(1, 1, 64, 96, device="meta")).shape == (1, 2, 64, 96)
    net = build(cnncalc.load("unet").graph(), device="meta")
    assert net(torch.empty(1, 1, 188, 188, device="meta")).shape == (1, 2, 4, 4)


def test_device_and_dtype():
    net = build(cnncalc.load("lenet5").graph(), device="cpu", dtype=torch.float64)
    assert {p.dtype for p in [*net.parameters(), *net.buffers()] if p.is_floating_point()} == {torch.float64}
    assert net(torch.zeros(1, 1, 32, 32, dtype=torch.float64)).dtype == torch.float64
    meta = build(cnncalc.load("lenet5").graph(), device="meta")
    assert {p.device.type for p in [*meta.parameters(), *meta.buffers()]} == {"meta"}


def test_a_table_of_connections_survives_the_meta_device():
    graph = cnncalc.load("lenet5").graph()
    real = build(graph)
    late = build(graph, device="meta").to_empty(device="cpu")
    late.load_state_dict(real.state_dict())
    x = torch.randn(2, 1, 32, 32)
    torch.testing.assert_close(late(x), real(x))


def test_tensors_are_dropped_after_their_last_use():
    graph = cnncalc.parse("input: 2x4x4\nlayers: [{tanh: }, {tanh: }, {tanh: }]\n").graph()
    net = build(graph)
    made, alive = [], []

    def note(module, args, out):
        made.append(weakref.ref(out))
        alive.append(sum(ref() is not None for ref in made))

    for name in ("tanh1", "tanh2", "tanh3"):
        net.module(name).register_forward_hook(note)
    with torch.no_grad():
        net(torch.zeros(1, 2, 4, 4))
    gc.collect()
    assert alive == [1, 2, 2]


def test_steps_drop_what_nobody_reads():
    graph = cnncalc.parse(
        "input: 2x4x4\nlayers:\n  - relu:\n    name: a\n  - tanh:\n    name: b\n  - abs:\n    name: c\n    from: a\n"
    ).graph()
    assert [step.dead for step in steps(graph.nodes, graph.outputs.values())] == [("input",), ("b",), ("a",)]


def test_symbols_are_refused():
    graph = cnncalc.load("resnet@18").graph(input=(3, "H", "W"))
    with pytest.raises(UsageError, match="ResNet: H, W are still symbols: give them values first"):
        build(graph)
    graph = cnncalc.load("unet").graph(params={"width": "w"})
    with pytest.raises(UsageError, match="w is still a symbol: give it a value first"):
        build(graph)


def test_what_pytorch_cannot_make_is_named():
    graph = cnncalc.parse("input: [4611686018427387904]\nlayers: [{linear: 4611686018427387904}]\n").graph()
    with pytest.raises(UsageError, match="linear1: PyTorch cannot create this linear"):
        build(graph, device="meta")
