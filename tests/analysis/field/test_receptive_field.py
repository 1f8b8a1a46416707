"""Receptive fields by hand: known networks, every way layers meet, symbols, and graphs that are large."""

import random
from fractions import Fraction

import pytest

from cnncalc import load, parse
from cnncalc.analysis.field.receptive_field import ReceptiveField
from cnncalc.analysis.report import Report
from cnncalc.errors import UsageError
from cnncalc.symbolic import symbol

PAPER_RESNET = """
input: 3x224x224
blocks:
  unit(stride):                            # He et al.: the stride in the first 1x1
    - residual:
        body:
          - conv: {out_channels: 4, kernel_size: 1, stride: stride}
          - conv: {out_channels: 4, kernel_size: 3, padding: 1}
          - conv: {out_channels: 4, kernel_size: 1}
        shortcut:
          - conv: {out_channels: 4, kernel_size: 1, stride: stride}
            when: stride > 1 or in_channels != 4
layers:
  - conv: {out_channels: 4, kernel_size: 7, stride: 2, padding: 3}
  - maxpool: {kernel_size: 3, stride: 2, padding: 1}
  - sequence:
      - unit: 2 if i > 0 and j == 0 else 1
        repeat: {j: "[3, 4, 6, 3][i]"}
    repeat: {i: 4}
"""


def report_of(*layers: str, input_: str = "1x32x32") -> Report:
    return parse(f"input: {input_}\nlayers: [{', '.join(f'{{{layer}}}' for layer in layers)}]").analyze()


def field(*layers: str, input_: str = "1x32x32") -> ReceptiveField:
    """Of the last layer."""
    report = report_of(*layers, input_=input_)
    return report.layers[-1].receptive_field["input"]


def last_moving(report: Report) -> ReceptiveField:
    """The field of the last layer of the network proper that does not see the whole input."""
    fields = (layer.receptive_field["input"] for layer in reversed(report.layers) if not layer.node.training)
    return next(found for found in fields if not found.whole)


@pytest.mark.parametrize(
    ("name", "size", "stride", "padding"),
    [
        ("resnet@18", 435, 32, 217),
        ("resnet@50", 427, 32, 213),
        ("alexnet@torchvision", 195, 32, 66),
        ("vgg@11", 150, 32, 59),
        ("vgg@16", 212, 32, 90),
        ("googlenet", 379, 32, 189),
    ],
)
def test_torchvision(name: str, size: int, stride: int, padding: int) -> None:
    """TorchLens and the largest path agree on the sizes."""
    found = last_moving(load(name).analyze())
    assert (found.size, found.stride, found.aligned) == ((size,) * 2, (stride,) * 2, True)
    if name != "googlenet":  # its padding is nobody's figure but ours
        assert found.padding == (padding,) * 2


def test_resnet_of_the_paper() -> None:
    found = last_moving(parse(PAPER_RESNET).analyze())
    assert (found.size, found.stride) == ((483, 483), (32, 32))


def test_linear_sees_the_whole_input() -> None:
    found = load("alexnet").analyze()["linear1"].receptive_field["input"]
    assert (found.whole, found.only_whole, found.size, found.stride) == (True, True, (227, 227), (None, None))
    assert (found.aligned, found.share, found.exceeds) == (None, 1, True)


def test_linear_over_channels_keeps_the_field() -> None:
    assert field("conv: {out_channels: 4, kernel_size: 5}", "linear: {out_features: 3, axis: channels}").size == (5, 5)


def test_global_gate_stands_beside_the_local_field() -> None:
    gate = "branches: {merge: multiply, paths: [[], [global_avgpool, {conv: {out_channels: 4, kernel_size: 1}}]]}"
    found = field("conv: {out_channels: 4, kernel_size: 3, padding: 1}", gate, "avgpool: 2")
    assert (found.whole, found.only_whole, found.size, found.stride, found.aligned) == (
        True,
        False,
        (4, 4),
        (2, 2),
        True,
    )


def test_mean_along_one_axis() -> None:
    found = field("conv: {out_channels: 1, kernel_size: 3}", "mean: {dim: 2, keepdim: true}")
    assert (found.size, found.stride, found.whole) == ((32, 3), (None, 1), False)
    assert [axis.whole for axis in found.axes] == [True, False]


def test_transposed_convolution_has_phases() -> None:
    found = field("conv_transpose: {out_channels: 1, kernel_size: 3, stride: 2, padding: 1}", input_="1x16")
    assert (found.size, found.stride, found.axes[0].phases) == ((2,), (Fraction(1, 2),), ((0, 0), (0, 1)))


def test_transposed_convolution_may_read_nothing() -> None:
    found = field("conv_transpose: {out_channels: 1, kernel_size: 1, stride: 2}", input_="1x16")
    assert found.axes[0].phases == ((0, 0), None)


def test_down_and_up_again_is_one_phase() -> None:
    found = field("upsample: 2", "maxpool: 2", input_="1x16")
    assert (found.axes[0].phases, found.stride) == (((0, 0),), (1,))


@pytest.mark.parametrize(
    ("mode", "phases"),
    [
        ("nearest", ((0, 0), (0, 0))),
        ("linear", ((-1, 0), (0, 1))),
    ],
)
def test_upsampling(mode: str, phases: tuple[tuple[int, int], ...]) -> None:
    found = field(f"upsample: {{scale_factor: 2, mode: {mode}}}", input_="1x16")
    assert found.axes[0].phases == phases


def test_permuted_axes_keep_their_fields() -> None:
    layers = ("conv: {out_channels: 1, kernel_size: [3, 5], stride: [1, 2]}", "permute: [1, 3, 2]", "maxpool: [1, 2]")
    found = field(*layers)
    assert (found.size, found.stride) == ((4, 5), (2, 2))


def test_pixels_that_become_channels_are_seen_together() -> None:
    assert field("permute: [2, 3, 1]").axes[0].only_whole
    assert field("permute: [2, 3, 1]", "permute: [3, 1, 2]").size == (1, 1)


def test_unequal_strides_meet_at_the_centre() -> None:
    """The misaligned example of the Distill article: 5x5, padding 2 and 1, stride 2 beside two 3x3."""
    left = "{pad: [[2, 1], [2, 1]]}, {conv: {out_channels: 1, kernel_size: 5, stride: 2}}"
    right = "{conv: {out_channels: 1, kernel_size: 3}}, {conv: {out_channels: 1, kernel_size: 3}}"
    found = field(f"branches: {{merge: add, paths: [[{left}], [{right}]]}}", input_="1x8x8")
    # output 1 of 4: rows 0 … 4 on the left, 1 … 5 on the right
    assert (found.size, found.stride, found.padding, found.aligned) == ((6, 6), (None, None), (None, None), False)


def test_shifted_paths_are_misaligned_and_united() -> None:
    paths = "[[{pad: [[2, 0]]}, {conv: {out_channels: 1, kernel_size: 3}}], []]"
    found = field(f"branches: {{merge: add, paths: {paths}}}", input_="1x16")
    assert (found.size, found.aligned, found.padding) == ((3,), False, (2,))
    assert field(f"branches: {{merge: add, paths: {paths}}}", "relu", input_="1x16").aligned is False


def test_several_inputs_and_what_is_not_seen() -> None:
    text = """
input: {left: 1x32x32, right: 1x32x32}
layers:
  - conv: {out_channels: 1, kernel_size: 3, padding: 1}
    from: left
    name: a
  - conv: {out_channels: 1, kernel_size: 5, padding: 2}
    from: right
    name: b
  - add:
    from: [a, b]
    name: both
"""
    report = parse(text).analyze()
    assert set(report["a"].receptive_field) == {"left"}
    both = report["both"].receptive_field
    assert {name: found.size for name, found in both.items()} == {"left": (3, 3), "right": (5, 5)}


def test_one_layer_of_another() -> None:
    report = load("vgg@16").analyze()
    fields = report.receptive_fields_of(["conv3_1"])
    assert fields["conv3_3"]["conv3_1"].size == (5, 5)
    assert fields["conv3_1"] == {}
    with pytest.raises(UsageError, match="no layer named 'conv3_l': did you mean 'conv3_"):
        report.receptive_fields_of(["conv3_l"])


SAME = "conv: {out_channels: 1, kernel_size: 3, stride: 2, padding: same}"


def test_symbols_where_nothing_depends_on_them() -> None:
    found = last_moving(load("resnet@50").analyze((3, "H", "W")))
    assert (found.size, found.stride, found.padding, found.aligned) == ((427, 427), (32, 32), (213, 213), True)
    assert found.share is None


def test_same_on_a_symbol_knows_all_but_the_padding() -> None:
    found = field(SAME, SAME, input_="1xH")
    assert (found.size, found.stride, found.centre) == ((7,), (4,), (None,))
    assert {size: found.padding[0].substitute({"H": size}) for size in (8, 9, 10)} == {
        size: field(SAME, SAME, input_=f"1x{size}").padding[0] for size in (8, 9, 10)
    }


def test_symbolic_fields_and_kernels() -> None:
    layer = "{conv: {out_channels: 1, kernel_size: k}}"
    report = parse(f"input: 1xH\nparams: {{k: 3}}\nlayers: [{layer}, {layer}]").analyze(params={"k": symbol("K")})
    assert str(report.layers[-1].receptive_field["input"].size[0]) == "2*K - 1"


@pytest.mark.parametrize(
    "layer",
    [
        "upsample: {size: 7, mode: linear}",
        "upsample: {scale_factor: 2, mode: linear, align_corners: true}",
        "adaptive_avgpool: 7",
    ],
)
def test_what_depends_on_the_input_is_null(layer: str) -> None:
    found = field(layer, input_="1xH")
    assert (found.size, found.stride, found.padding, found.aligned, found.axes[0].known) == (
        (None,), (None,), (None,), None, False,
    )  # fmt: skip
    assert field(layer, input_="1x12").size[0] is not None


def test_adaptive_pooling_to_one_is_global_for_symbols_too() -> None:
    assert field("adaptive_avgpool: 1", input_="1xH").only_whole


def test_too_many_phases_are_not_said() -> None:
    found = field("upsample: {size: 1999, mode: linear}", input_="1x2000")
    assert not found.axes[0].known


def test_json() -> None:
    document = load("alexnet").analyze().to_dict(["receptive_field"])
    assert document["layers"][0]["receptive_field"] == {
        "input": {
            "size": [11, 11],
            "stride": [4, 4],
            "padding": [0, 0],
            "center": [5, 5],
            "whole": False,
            "aligned": True,
        }
    }
    assert "receptive_field" not in load("alexnet").analyze().to_dict()["layers"][0]


def test_json_numbers_are_exact() -> None:
    for scale, stride in (("2", 0.5), ("3", "1/3"), ("1", 1)):
        report = report_of(f"upsample: {scale}", input_="1x16")
        assert report.to_dict(["receptive_field"])["layers"][0]["receptive_field"]["input"]["stride"] == [stride]


def chained(count: int, skip: int) -> str:
    """A long chain with skips over `skip` layers."""
    lines = ["input: 4x64x64", "layers:"]
    for number in range(count // 2):
        lines += [f"  - conv: {{out_channels: 4, kernel_size: 3, padding: 1}}\n    name: c{number}"]
        earlier = f"c{number - skip}" if number >= skip else "input"
        lines += [f"  - add: {earlier}\n    name: a{number}"]
    return "\n".join(lines)


def test_fields_beyond_all_measure_are_not_said() -> None:
    """Of a padded pooling any number fits behind the other, and the stride doubles each time."""
    report = report_of(*["maxpool: {kernel_size: 3, stride: 2, padding: 1}"] * 5000, input_="1x224")
    strides = [layer.receptive_field["input"].stride[0] for layer in report.layers]
    assert strides == [2**number for number in range(1, 1024)] + [None] * (5000 - 1023)


def test_ten_thousand_layers_with_long_skips() -> None:
    graph = parse(chained(10_000, 500)).graph()
    fields = Report(graph).receptive_fields
    assert fields[graph.nodes[-1].name]["input"].size == (len(graph.nodes) + 1,) * 2


def test_footprint_at_a_corner() -> None:
    report = load("resnet@50").analyze()
    assert report.footprint("layer4.2.conv3", (0, 0))["input"].spans == ((0, 213), (0, 213))


def test_footprint_clips_on_every_map() -> None:
    """conv 3 padded by 1, then padded by 2 in front: rows of the pad read nothing, not even the image's padding."""
    three = "conv: {out_channels: 1, kernel_size: 3, padding: %d}"
    report = report_of(three % 1, "pad: [[3, 0]]", three % 0, input_="1x16")
    name = report.layers[-1].name
    assert "input" not in report.footprint(name, (0,))
    assert report.footprint(name, (1,))["input"].rows == ((0, 1),)


def test_footprint_keeps_holes() -> None:
    report = report_of("conv: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}", input_="1x16")
    assert [report.footprint("conv1", (row,))["input"].rows[0] for row in (0, 5, -1)] == [(0, 4), (1, 5, 9), (11, 15)]


def test_footprint_refusals() -> None:
    report = load("alexnet").analyze()
    for layer, position, message in (
        ("conv1", (55, 0), "conv1 has no position 55,0: its map is 55×55"),
        ("conv1", (0,), "conv1 has no position 0: its map is 55×55"),
        ("linear1", (0, 0), "linear1 has no position 0,0: it is a vector"),
        ("conv9", (0, 0), "no layer named 'conv9': did you mean 'conv5'"),
    ):
        with pytest.raises(UsageError, match=message):
            report.footprint(layer, position)
    with pytest.raises(UsageError, match="give the symbols values first"):
        load("alexnet").analyze((3, "H", "W")).footprint("conv1", (0, 0))


def test_fields_are_computed_once_and_only_when_asked() -> None:
    report = load("vgg@16").analyze()
    assert "receptive_fields" not in report.__dict__
    assert report.receptive_fields is report.receptive_fields
    assert random.choice(report.layers).receptive_field


def test_a_footprint_of_too_many_rows_is_refused_at_once() -> None:
    report = report_of("maxpool: 1000000", "maxpool: 3", "maxpool: 3", input_="1x1000000000")
    assert report.footprint("maxpool1", (7,))["input"].spans == ((7_000_000, 7_999_999),)
    with pytest.raises(UsageError, match="counted row by row"):
        report.footprint("maxpool2", (0,))


def test_a_token_sees_its_patch_and_through_attention_all() -> None:
    fields = {layer.name: layer.receptive_field["input"] for layer in load("vit").analyze().layers}
    patch = ((16, 16), (16, 16), (0, 0), (Fraction(15, 2),) * 2)
    assert (describe(fields["flatten1"]), fields["flatten1"].whole) == (patch, False)
    assert (describe(fields["parameter2"]), fields["parameter2"].whole) == (patch, False)
    last = fields["layernorm1"]
    assert (describe(last), last.whole, last.only_whole, last.through) == (patch, True, False, "attention")
    assert fields["slice1"].only_whole  # of the class token


def test_tokens_become_a_map_again() -> None:
    layers = ["conv: {out_channels: 4, kernel_size: 4, stride: 4}", "flatten: {start_dim: 2}"]
    layers += ["parameter: {shape: [4, 1], merge: concat}", "linear: {out_features: 6, axis: channels}"]
    layers += ["slice: {dim: 2, start: 1}", "reshape: [6, 8, 8]", "conv: {out_channels: 4, kernel_size: 3}"]
    assert describe(field(*layers))[:3] == ((12, 12), (4, 4), (0, 0))
    other = [*layers[:-2], "reshape: [6, 4, 16]"]
    assert not any(axis.known for axis in field(*other).axes[:1])


def test_sizes_of_tokens_may_be_symbols() -> None:
    found = field("conv: {out_channels: 4, kernel_size: 4, stride: 4}", "flatten: {start_dim: 2}", input_="3xHxW")
    assert describe(found)[:2] == ((4, 4), (4, 4))


def test_maps_one_behind_the_other_have_the_largest_field() -> None:
    wide = "conv: {out_channels: 1, kernel_size: 7}, name: b"
    found = field(
        "conv: {out_channels: 1, kernel_size: 3}, name: a", wide, "concat: {dim: 2}, from: [a, b]", input_="1x32"
    )
    assert (found.size, found.stride, found.aligned) == ((9,), (None,), True)


def describe(found: ReceptiveField) -> tuple[object, ...]:
    return found.size, found.stride, found.padding, found.centre
