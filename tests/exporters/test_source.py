"""What the exporter writes, read as a person would: classes, parameters, sharing, heads."""

import cnncalc

from .agreement import check_numbers, check_shapes, formatted, to_source


def exported(text):
    """The classes of a spec, which agree with the network built from it."""
    graph = cnncalc.parse(text).graph()
    source = to_source(graph)
    check_shapes(graph, source)
    check_numbers(graph, source)
    return source[source.index("\n\n\n") : source.index("\n\n\nif __name__")]


def test_what_differs_becomes_a_parameter():
    out = exported("""
input: 8x8x8
blocks:
  unit(channels, kernel, stride=1):
    - conv: {out_channels: 2*channels, kernel_size: kernel, stride: stride, padding: kernel // 2, bias: false}
    - batchnorm: {eps: 0.001}
    - relu
layers:
  - unit: {channels: 4, kernel: 1}
  - unit: {channels: 6, kernel: 3}
  - unit: {channels: 6, kernel: 5, stride: 2}
""")
    assert "def __init__(\n        self, in_channels: int, channels: int, kernel: int, stride: int = 1\n    )" in out
    assert "2 * channels,\n            kernel,\n            stride=stride,\n            padding=kernel // 2," in out
    assert "self.batchnorm1 = nn.BatchNorm2d(2 * channels, eps=0.001)" in out
    assert "return F.relu(self.batchnorm1(self.conv1(x)))" in out
    assert "self.unit1 = Unit(8, 4, 1)\n" in out
    assert "self.unit3 = Unit(12, 6, 5, stride=2)\n" in out


def test_a_shortcut_that_some_have():
    out = exported("""
input: 8x8x8
blocks:
  unit(width):
    - residual:
        body: [{conv: {out_channels: width, kernel_size: 3, padding: 1}}]
        shortcut: [{conv: {out_channels: width, kernel_size: 1}, when: in_channels != width}]
    - relu
layers: [{unit: 8}, {unit: 16}, {unit: 16}]
""")
    assert "if in_channels != width:\n            self.shortcut = nn.Sequential(" in out
    assert "        else:\n            self.shortcut = nn.Identity()\n" in out
    assert "return F.relu(self.conv1(x) + self.shortcut(x))" in out
    assert out.count("class ") == 2


def test_a_sum_that_some_make():
    out = exported("""
input: 8x8x8
blocks:
  unit(width, stride):
    - residual:
        body: [{conv: {out_channels: width, kernel_size: 3, padding: 1, stride: stride}}]
        skip: stride == 1 and in_channels == width
layers: [{unit: {width: 8, stride: 1}}, {unit: {width: 16, stride: 1}}, {unit: {width: 16, stride: 2}}]
""")
    assert "self.skip = stride == 1 and in_channels == width" in out
    assert "return out + x if self.skip else out" in out


def test_equal_modules_are_a_loop():
    out = exported("""
input: 4x8x8
layers:
  - sequence: [{conv: {out_channels: 4, kernel_size: 3, padding: 1}}, relu]
    name: stage
    repeat: 5
""")
    assert "self.stage = nn.Sequential(" in out
    assert "for _ in range(5)" in out
    assert "return self.stage(x)" in out


def test_a_list_whose_members_are_read_elsewhere():
    out = exported("""
input: 4x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
    name: stage
    repeat: 2
  - concat: stage.0
""")
    assert "nn.ModuleList(" in out
    assert "x = self.stage[0](x)" in out
    assert "return torch.cat([self.stage[1](x), x], dim=1)" in out


def test_shared_and_frozen():
    out = exported("""
input: 4x8x8
blocks:
  unit:
    - conv: {out_channels: 4, kernel_size: 3, padding: 1}
    - batchnorm
layers:
  - {unit: , name: one}
  - {unit: , name: two, share: one}
  - {conv: {out_channels: 4, kernel_size: 3, padding: 1}, name: a, frozen: true}
  - {conv: {out_channels: 4, kernel_size: 3, padding: 2, dilation: 2}, name: b, share: a}
""")
    assert "self.two = self.one\n" in out
    assert "self.a.requires_grad_(False)\n" in out
    assert "self.b = nn.Conv2d(4, 4, 3, padding=2, dilation=2)\n" in out
    assert "self.b.weight = self.a.weight\n        self.b.bias = self.a.bias\n" in out


def test_what_a_block_freezes_is_frozen_in_every_instance():
    """Also behind an instance that is frozen as a whole, whose class needs no freezing of its own."""
    out = exported("""
input: 4x8x8
blocks:
  unit(out):
    - conv: {out_channels: out, kernel_size: 1}
    - batchnorm:
      frozen: true
layers: [{unit: 4, frozen: true}, {unit: 5}, {unit: 6}]
""")
    assert out.count("self.batchnorm1.requires_grad_(False)\n") == 1
    assert "self.unit1.requires_grad_(False)\n" in out


def test_heads_inputs_and_outputs():
    out = exported("""
input: {image: [3, 8, 8], depth: [1, 8, 8]}
layers:
  - {conv: {out_channels: 4, kernel_size: 3}, from: image, name: a}
  - {conv: {out_channels: 4, kernel_size: 3}, from: depth, name: b}
  - add: a
heads:
  edges: {from: a, layers: [{conv: {out_channels: 1, kernel_size: 1}}]}
  aux: {from: b, training: true, layers: [global_avgpool, flatten, linear: 10]}
""")
    assert "def forward(self, image: Tensor, depth: Tensor) -> dict[str, Tensor]:" in out
    assert "if self.training:\n            return {" in out
    assert 'return {"output": output, "edges": edges}' in out


def test_a_block_within_itself():
    out = exported("""
input: 4x8x8
blocks:
  nest(n):
    - conv: {out_channels: 4, kernel_size: 3, padding: 1}
    - nest: n - 1
      when: n > 0
    - relu
layers: [{nest: 2}, {nest: 1}]
""")
    assert [line for line in out.splitlines() if line.startswith("class ")] == [
        "class Nest(nn.Module):",
        "class Nest2(nn.Module):",
        "class Nest3(nn.Module):",
        "class Spec(nn.Module):",
    ]


def test_what_is_written_out_is_what_is_needed():
    out = exported("input: 1x12x12\nlayers: [{subsample: 2}, {crop: {size: 4}}]\n")
    assert "class Subsample(nn.Module):" in out
    assert "def center_crop(" in out
    assert "class Capsule" not in out
    assert "def pad_to" not in out


def test_a_network_of_an_input_alone():
    """No layer is left: `when` is false everywhere."""
    text = "input: {x: [3, 8, 8]}\nlayers: [{relu: , when: 1 == 2}]\n"
    assert "return x" in exported(text)


def test_of_many_layers(tmp_path):
    """Long networks take no longer than their length, and are as a formatter leaves them."""
    conv = "conv: {out_channels: 8 + i % 3, kernel_size: 3, padding: 1}"
    graph = cnncalc.parse(
        f"input: 3x8x8\nlayers:\n  - sequence: [{{{conv}}}, batchnorm, relu]\n    repeat: 500\n"
    ).graph()
    file = tmp_path / "long.py"
    file.write_text(to_source(graph), encoding="utf-8")
    assert formatted([file]) == ""
