"""ConvNetJS's layers, with its defaults and with what it adds to a definition by itself."""

from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import Source, SpecError
from cnncalc.importers.layer_lists.convnetjs import HANDLERS, read_js, trace

INPUT = "{type:'input', out_sx:32, out_sy:24, out_depth:3}"
CIFAR = """// Karpathy's network for CIFAR-10
layer_defs = [];
layer_defs.push({type:'input', out_sx:32, out_sy:32, out_depth:3});
layer_defs.push({type:'conv', sx:5, filters:16, stride:1, pad:2, activation:'relu'});
layer_defs.push({type:'pool', sx:2, stride:2});
layer_defs.push({type:'conv', sx:5, filters:20, stride:1, pad:2, activation:'relu'});
layer_defs.push({type:'pool', sx:2, stride:2});
layer_defs.push({type:'conv', sx:5, filters:20, stride:1, pad:2, activation:'relu'});
layer_defs.push({type:'pool', sx:2, stride:2});
layer_defs.push({type:'softmax', num_classes:10});
net = new convnetjs.Net();
net.makeLayers(layer_defs);
trainer = new convnetjs.SGDTrainer(net, {method:'adadelta', batch_size:4, l2_decay:0.0001});
"""


def kinds(*layers: str):
    """The layers that follow the input, as (kind, fields, output)."""
    found = trace(Source("net.js", ",".join([INPUT, *layers])))
    return [(node.kind, dict(node.arguments), node.output) for node in found.nodes]


def test_the_network_of_the_lecture(tmp_path):
    path = tmp_path / "cifar.js"
    path.write_text(CIFAR)
    ours, shipped = cnncalc.load(path).analyze(), cnncalc.load("convnetjs_cifar10").analyze()
    assert [(layer.kind, layer.output, layer.params) for layer in ours.layers] == [
        (layer.kind, layer.output, layer.params) for layer in shipped.layers
    ]
    assert read_js(path, (3, 64, 64)).nodes[0].output == (16, 64, 64)


@pytest.mark.parametrize(
    ("layer", "kind", "output"),
    [
        ("{type:'conv', sx:5, filters:4}", "conv", (4, 20, 28)),
        ("{type:'conv', sx:5, sy:3, filters:4, stride:2, pad:1}", "conv", (4, 12, 15)),  # ⌊(32 + 2 − 5)/2⌋ + 1 wide
        ("{type:'pool', sx:3}", "maxpool", (3, 11, 15)),  # stride 2 by default
        ("{type:'pool', sx:2, sy:4, stride:4, pad:1}", "maxpool", (3, 6, 9)),
        ("{type:'dropout'}", "dropout", (3, 24, 32)),
        ("{type:'lrn', k:2, n:5, alpha:0.0001, beta:0.75}", "lrn", (3, 24, 32)),
        ("{type:'relu'}", "relu", (3, 24, 32)),
        ("{type:'sigmoid'}", "sigmoid", (3, 24, 32)),
        ("{type:'tanh'}", "tanh", (3, 24, 32)),
    ],
)
def test_one_layer(layer, kind, output):
    ((found, _, shape),) = kinds(layer)
    assert (found, shape) == (kind, output)


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        ("{type:'fc', num_neurons:8}", ["flatten", "linear"]),
        ("{type:'fc', filters:8, activation:'tanh', drop_prob:0.2}", ["flatten", "linear", "tanh", "dropout"]),
        ("{type:'softmax', num_classes:8}", ["flatten", "linear", "softmax"]),
        ("{type:'svm', num_classes:8}", ["flatten", "linear"]),
        ("{type:'regression', num_neurons:8}", ["flatten", "linear"]),
        ("{type:'fc', num_neurons:16, activation:'maxout'}", ["flatten", "linear", "reshape", "max"]),
    ],
)
def test_what_a_definition_adds(layer, wanted):
    found = kinds(layer)
    assert [kind for kind, _, _ in found] == wanted
    assert found[-1][2] == (8,)


def test_maxout_of_a_map():
    assert kinds("{type:'conv', sx:1, filters:8, activation:'maxout', group_size:4}")[-1][2] == (2, 24, 32)


def test_every_type_is_tried():
    text = Path(__file__).read_text("utf-8")
    assert all(f"type:'{name}'" in text for name in (*HANDLERS, "input") if name != "maxout")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("var x = 1;", "no layers"),
        ("{type:'conv', sx:5, filters:4}", "the first layer is of type 'conv', not input"),
        (INPUT, "no layers behind the input"),
        (f"{INPUT}, {INPUT}", "a second layer of type input"),
        (f"{INPUT}, {{type:'covn', sx:5}}", "unknown type 'covn'"),
        (f"{INPUT}, {{type:'conv', sx:5}}", "conv has no filters"),
        (f"{INPUT}, {{type:'conv', sx:n, filters:4}}", "sx: expected a whole number from 1, got 'n'"),
        (f"{INPUT}, {{type:'conv', sx:5, filters:0}}", "filters: expected a whole number from 1, got '0'"),
        (f"{INPUT}, {{type:'conv', sx:55, filters:4}}", "conv"),
        (f"{INPUT}, {{type:'relu', activation:'rleu'}}", "unknown activation 'rleu'"),
        (f"{INPUT}, {{type:'relu', activation:1}}", "activation: expected a word in quotes"),
        (f"{INPUT}, {{type:'dropout', drop_prob:'x'}}", "drop_prob: expected a number"),
        (f"{INPUT}, {{type:'maxout', group_size:2}}", "3 channels are no groups of 2"),
        ("{type:'input', out_sx:32, out_sy:24}, {type:'relu'}", "input has no out_depth"),
    ],
)
def test_faults_have_a_place(text, message):
    with pytest.raises(SpecError, match=message) as raised:
        trace(Source("net.js", text))
    assert str(raised.value).startswith("net.js:")


def test_a_misspelt_option_is_noted():
    """ConvNetJS passes over it, and slides by its default."""
    layers = [
        "{type:'conv', sx:5, filters:16,\n strid:3, bias:0.1, name:'c'}",
        "{type:'pool', sx:2, stride:2, strides:3}",
    ]
    found = trace(Source("net.js", ",\n".join([INPUT, *layers])))
    assert found.warnings == ("line 3: unknown option 'strid': did you mean 'stride'?",)
    assert not trace(Source("net.js", CIFAR)).warnings
