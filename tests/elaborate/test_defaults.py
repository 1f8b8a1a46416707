"""`defaults:` as they take effect: in every call that leaves a field out, wherever it is written."""

import pytest

import cnncalc
from cnncalc.layers.layer import text as text_of

NET = """
input: {input}
params: {{width: 4, unit: conv, wide: false}}
variants: {{wide: {{width: 6, wide: true}}}}
defaults:
  linear: {{axis: channels, bias: wide}}
  layernorm: {{axis: channels}}
  conv: {{kernel_size: width - 1, padding: same}}
  concat: {{dim: 2}}
  groupnorm: {{num_groups: in_channels // 2}}
blocks:
  mlp(width):
    - linear: width
    - layernorm
    - linear: {{out_features: width, bias: true}}
layers:
  - conv: {{out_channels: 8}}
  - $unit: {{out_channels: 10, kernel_size: 1}}
  - mlp: 12
  - branches: {{merge: concat, paths: [[], [relu]]}}
  - residual: [groupnorm]
  - mean
  - linear: 5
heads:
  side: {{from: conv1, layers: [linear: 3]}}
"""


def layers(variant=None, text=NET):
    graph = cnncalc.parse(text.format(input="3x8x8")).at(variant).graph()
    return {node.name: node for node in graph.nodes}


def test_calls_in_layers_blocks_merges_and_heads():
    found = layers()
    assert found["conv1"].layer.kernel_size == (3, 3)
    assert found["conv2"].layer.kernel_size == (1, 1)
    assert found["conv2"].layer.padding == "same"
    assert found["mlp1.linear1"].output == (12, 8, 8)
    assert set(found["mlp1.linear1"].weights) == {"weight"}
    assert set(found["mlp1.linear2"].weights) == {"weight", "bias"}
    assert found["concat1"].output == (12, 16, 8)
    assert found["groupnorm1"].layer.num_groups == 6
    assert found["side.linear1"].output == (3, 8, 8)


def test_the_axis_of_a_vector_is_its_only_one():
    text = "input: {input}\nvariants: {{wide: {{}}}}\nlayers: [mean, {{linear: {{out_features: 5}}}}]\n"
    assert layers("wide")["linear1"].layer == layers("wide", text)["linear1"].layer


def test_they_read_the_parameters_of_the_spec_not_of_the_block():
    text = NET.replace("layernorm: {{axis: channels}}", "layernorm: {{axis: channels, bias: width == 4}}")
    assert set(layers(text=text)["mlp1.layernorm1"].weights) == {"weight", "bias"}
    assert set(layers("wide", text)["mlp1.layernorm1"].weights) == {"weight"}


def test_variants_of_one_document_do_not_mix():
    spec = cnncalc.parse(NET.format(input="3x8x8"))
    kernels = [spec.at(variant).graph().nodes[0].layer.kernel_size for variant in (None, "wide", None)]
    assert kernels == [(3, 3), (5, 5), (3, 3)]


def test_lists_and_sizes_that_flow_in():
    text = "input: [3, H, 8]\ndefaults: {conv: {padding: [[1, 0], 0], stride: [1, 2]}, pad: {padding: 'in_size[1]'}}\n"
    text += "layers: [{conv: {out_channels: 3, kernel_size: 3}, repeat: 2}, pad]\n"
    graph = cnncalc.parse(text).graph()
    assert [text_of(node.output) for node in graph.nodes[:2]] == ["[3, H - 1, 3]", "[3, H - 2, 1]"]
    assert text_of(graph.nodes[2].output) == "[3, H, 3]"
    assert graph.sized


def test_a_layer_that_shares_everything_takes_no_default():
    text = "input: 3x8x8\ndefaults: {conv: {stride: 2}}\nlayers:\n"
    text += "  - {conv: {out_channels: 3, kernel_size: 3, padding: 1, stride: 1}, name: a}\n  - {conv: , share: a}\n"
    assert [node.layer.stride for node in cnncalc.parse(text).graph().nodes] == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("defaults", "message", "line"),
    [
        ("{conv: {stride: 3 // (width - 2)}}", "defaults: conv: stride: division by zero", 3),
        ("{conv: {stride: width / 3}}", "conv1: stride: expected a whole number", 3),
        ("{conv: {stride: 9}}", "", 0),
        ("{conv: {dilation: 9}}", "conv1: the kernel of conv is 3 (reaching 19)", 4),
    ],
)
def test_faults_point_at_the_default_whose_value_is_wrong(defaults, message, line):
    text = (
        f"input: 3x8x8\nparams: {{width: 2}}\ndefaults: {defaults}\nlayers: [conv: {{out_channels: 3, kernel_size: 3}}]"
    )
    if not message:
        cnncalc.parse(text).graph()
        return
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.parse(text).graph()
    (fault,) = caught.value.faults
    assert fault.message.startswith(message)
    assert fault.span.line == line


def test_a_layer_named_by_a_parameter_may_leave_out_what_a_default_gives():
    text = "input: 3x8x8\nparams: {unit: conv}\ndefaults: {conv: {%s}}\nlayers: [$unit: {out_channels: 3}]\n"
    assert cnncalc.parse(text % "kernel_size: 3").graph().nodes[0].output == (3, 6, 6)
    with pytest.raises(cnncalc.SpecError, match="needs kernel_size"):
        cnncalc.parse(text % "padding: 1").graph()
