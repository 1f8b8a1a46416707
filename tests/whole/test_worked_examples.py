"""The examples that students know from lectures and papers, each as a small spec or a shipped one."""

from __future__ import annotations

import csv
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest

import cnncalc

Row = dict[str, str]
ROWS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "papers.csv").read_text().splitlines()))


def rows(network: str, quantity: str) -> list[Row]:
    found = [row for row in ROWS if (row["network"], row["quantity"]) == (network, quantity)]
    assert found
    return found


def label(row: Row) -> str:
    return f"{row['variant']} {row['scope']} {row['value']}"


def report(sizes: str, *items: str) -> cnncalc.Report:
    return cnncalc.parse(f"input: {sizes}\nlayers:\n" + "".join(f"  - {item}\n" for item in items)).analyze()


def number(text: str) -> int:
    """`6@28x28`, `55x55x96` and the like have their own readers: this is a count, perhaps in units of 1024."""
    return int(text.removesuffix("K")) * (1024 if text.endswith("K") else 1)


def channels_first(text: str) -> tuple[int, ...]:
    """`55x55x96` → (96, 55, 55)."""
    *sizes, channels = map(int, text.split("x"))
    return (channels, *sizes)


# --- lectures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stride", "output", "exact"),
    [(1, 5, Fraction(5)), (2, 3, Fraction(3)), (3, 2, Fraction(7, 3))],
)
def test_a_3x3_filter_on_7x7(stride, output, exact):
    layer = report("1x7x7", f"conv: {{out_channels: 1, kernel_size: 3, stride: {stride}}}").layers[0]
    assert layer.output == (1, output, output)
    assert layer.fit.exact() == (exact, exact)
    assert layer.fit.fits is (exact.denominator == 1)


def test_stride_3_does_not_fit_by_2_33():
    fit = report("1x7x7", "conv: {out_channels: 1, kernel_size: 3, stride: 3}").layers[0].fit
    assert f"{float(fit.exact()[0]):.2f}" == "2.33"
    assert (fit.leftover, fit.unread) == ((1, 1), "pixels")


def test_padding_keeps_the_size():
    layer = report("1x7x7", "conv: {out_channels: 1, kernel_size: 3, padding: 1}").layers[0]
    assert layer.output == (1, 7, 7)
    assert layer.fit.fits


def test_ten_filters_on_an_image():
    layer = report("3x32x32", "conv: {out_channels: 10, kernel_size: 5, padding: 2}").layers[0]
    assert (layer.output, layer.params) == ((10, 32, 32), 760)


def test_one_by_one_convolution():
    layer = report("64x56x56", "conv: {out_channels: 32, kernel_size: 1}").layers[0]
    assert (layer.output, layer.params) == ((32, 56, 56), 32 * 64 + 32)


def test_pooling_halves():
    layer = report("64x224x224", "maxpool: 2").layers[0]
    assert (layer.output, layer.params) == ((64, 112, 112), 0)


def test_fully_connected_on_an_image():
    found = report("3x32x32", "flatten", "linear: {out_features: 10, bias: false}")
    assert [layer.output for layer in found.layers] == [(3072,), (10,)]
    assert found.params == 30_720


def test_multilayer_perceptron_for_letters():
    assert report("1x16x16", "flatten", "linear: 100", "sigmoid", "linear: 26").params == 28_326


def test_dilated_causal_stack_keeps_the_length():
    text = "{conv: {out_channels: 8, kernel_size: 2, dilation: 2**i, padding: [[2**i, 0]]}, repeat: 4}"
    found = report("1x100", text)
    assert [layer.output for layer in found.layers] == [(8, 100)] * 4
    assert [window.extent for layer in found.layers for window in layer.fit.windows] == [2, 3, 5, 9]


def test_filter_as_high_as_the_variables_of_a_time_series():
    found = report("1x6x128", "conv: {out_channels: 16, kernel_size: [6, 5], padding: [0, 2]}", "maxpool: [1, 2]")
    assert [layer.output for layer in found.layers] == [(16, 1, 128), (16, 1, 64)]
    assert found.params == 16 * (6 * 5 + 1)


# --- the CS231n notes ------------------------------------------------------------------------------------------------

CONV = "conv: {{out_channels: {k}, kernel_size: {f}, stride: {s}, padding: {p}}}"


def conv(k: int, f: int, s: int = 1, p: int = 0) -> str:
    return CONV.format(k=k, f=f, s=s, p=p)


FC_AS_CONV = (conv(4096, 7), conv(4096, 1), conv(1000, 1))
POOLED = ("conv: {out_channels: 512, kernel_size: 1}", "{maxpool: 2, repeat: 5}")
CS231N: dict[str, tuple[str, ...]] = {
    "32x32x3 image fully connected neuron": ("3x32x32", "flatten", "linear: 1"),
    "200x200x3 fully connected neuron": ("3x200x200", "flatten", "linear: 1"),
    "5x5 filter on 32x32x3": ("3x32x32", conv(1, 5)),
    "3x3 filter on 16x16x20": ("20x16x16", conv(1, 3)),
    "7x7 input, 3x3, stride 1, pad 0": ("1x7x7", conv(1, 3)),
    "7x7 input, 3x3, stride 2, pad 0": ("1x7x7", conv(1, 3, s=2)),
    "W=5 F=3 P=1 S=1 (1-D)": ("1x5", conv(1, 3, p=1)),
    "W=5 F=3 P=1 S=2 (1-D)": ("1x5", conv(1, 3, s=2, p=1)),
    "W=5 F=3 P=1 S=3 (1-D)": ("1x5", conv(1, 3, s=3, p=1)),
    "W=10 F=3 P=0 S=2": ("1x10x10", conv(1, 3, s=2)),
    "AlexNet conv1 227x227x3, F=11 S=4 P=0 K=96": ("3x227x227", conv(96, 11, s=4)),
    "AlexNet conv1": ("3x227x227", conv(96, 11, s=4)),
    "AlexNet conv1 without sharing": ("3x227x227", conv(96, 11, s=4).replace("conv", "locally_connected")),
    "AlexNet conv1 with sharing": ("3x227x227", conv(96, 11, s=4)),
    "11x11x4 input, F=5 S=2 P=0": ("4x11x11", conv(2, 5, s=2)),
    "conv demo W1=5 H1=5 D1=3 K=2 F=3 S=2 P=1": ("3x5x5", conv(2, 3, s=2, p=1)),
    "pool 2x2 s2 on 224x224x64": ("64x224x224", "maxpool: {kernel_size: 2, stride: 2}"),
    "CONV 12 filters on 32x32x3 (same)": ("3x32x32", "conv: {out_channels: 12, kernel_size: 3, padding: same}"),
    "POOL on 32x32x12": ("12x32x32", "maxpool: 2"),
    "FC K=4096 over 7x7x512 as conv": ("512x7x7", conv(4096, 7)),
    "384x384 through stride-32 net": ("3x384x384", *POOLED),
    "384x384 through converted FC layers": ("3x384x384", *POOLED, *FC_AS_CONV),
}


@pytest.mark.parametrize("row", [row for row in ROWS if row["network"].startswith("CS231n")], ids=label)
def test_cs231n(row):
    found = report(*CS231N[row["variant"]])
    layer, value = found.layers[-1], row["value"]
    weights = sum(each.parameters.weights for each in found.layers)
    if row["quantity"] == "output_hw":
        assert set(layer.output[1:]) == {int(value)}
    elif row["quantity"] == "output_shape":
        assert layer.output == channels_first(value)
    elif row["quantity"] == "conv":
        assert layer.output == channels_first(value.split("-> ")[1])
    elif row["quantity"] == "fits":
        assert layer.fit.fits is False
        assert "4.5" not in value or layer.fit.exact()[0] == Fraction("4.5")
    elif row["quantity"] == "activations":
        assert prod(layer.output) == int(value)
    else:
        figures = {"weights": weights, "weights_per_filter": weights, "params": found.params}
        assert figures[row["quantity"]] == int(value)


# --- papers, with the shipped specs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("LeNet-5", "output_shape"), ids=label)
def test_lenet_shapes(row):
    maps, _, sizes = row["value"].rpartition("@")
    expected = (int(maps), *map(int, sizes.split("x"))) if maps else (int(sizes),)
    assert cnncalc.load("lenet5").analyze()[row["scope"]].output == expected


@pytest.mark.parametrize("row", rows("LeNet-5", "params"), ids=label)
def test_lenet_parameters(row):
    found = cnncalc.load("lenet5").analyze()
    assert (found.totals.trainable if row["scope"] == "total" else found[row["scope"]].params) == int(row["value"])


ALEXNET = {"fc6": "linear1", "fc7": "linear2", "fc8": "linear3"}


@pytest.mark.parametrize("row", rows("AlexNet", "activations"), ids=label)
def test_alexnet_neurons(row):
    found = cnncalc.load("alexnet").analyze()
    name = ALEXNET.get(row["scope"], row["scope"])
    if name == "input":
        shape = cnncalc.load("alexnet").analyze(input=(3, 224, 224)).inputs["input"]
    else:
        shape = found[name].output
    assert prod(shape) == int(row["value"])


@pytest.mark.parametrize("row", rows("AlexNet", "kernels"), ids=label)
def test_alexnet_kernels(row):
    filters, _, rest = row["value"].partition(" @ ")
    height, width, depth = map(int, rest.split(",")[0].split(" ")[0].split("x"))
    weight = cnncalc.load("alexnet").analyze()[row["scope"]].node.weights["weight"]
    assert weight == (int(filters), depth, height, width)


def test_vgg_layer_by_layer():
    """CS231n numbers the layers of configuration D, activations not counted."""
    layers = [layer for layer in cnncalc.load("vgg@16").analyze().layers if layer.kind in ("conv", "maxpool", "linear")]
    for row in rows("VGG", "output_shape")[1:]:
        layer = layers[int(row["scope"][:2]) - 1]
        expected = channels_first(row["value"])
        assert layer.output == (expected if layer.kind != "linear" else expected[:1]), row["scope"]
    for row in rows("VGG", "weights")[1:]:
        assert layers[int(row["scope"][:2]) - 1].parameters.weights == int(row["value"]), row["scope"]


VGG = {"A (VGG-11)": "11", "B (VGG-13)": "13", "D (VGG-16)": "16", "E (VGG-19)": "19"}


@pytest.mark.parametrize("row", [row for row in rows("VGG", "params") if row["variant"] in VGG], ids=label)
def test_vgg_parameters_in_millions(row):
    assert round(cnncalc.load(f"vgg@{VGG[row['variant']]}").analyze().params / 10**6) == int(row["value"])


GOOGLENET = {
    "convolution 7x7/2": "conv1",
    "convolution 3x3/1 (with 1x1 reduce 64)": "conv3",
    "avg pool 7x7/1": "global_avgpool1",
}


def test_googlenet_shapes():
    found = cnncalc.load("googlenet").analyze()
    shapes = {name.partition(".")[0]: layer.output for name, layer in ((layer.name, layer) for layer in found.layers)}
    pools = iter(("maxpool1", "maxpool2", "maxpool3", "maxpool4"))
    for row in rows("GoogLeNet", "output_shape"):
        scope = row["scope"]
        name = GOOGLENET.get(scope) or (next(pools) if scope.startswith("max pool") else f"inception{scope[-3:-1]}")
        assert shapes[name] == channels_first(row["value"]), scope


INCEPTION = """
input: {channels}x28x28
blocks:
  conv_unit(n, k=1):
    - conv: {{out_channels: n, kernel_size: k, padding: k // 2, bias: false}}
layers:
  - branches:
      merge: concat
      paths:
        - - conv_unit: {c[0]}
        - - conv_unit: {c[1]}
          - conv_unit: {{n: {c[2]}, k: 3}}
        - - conv_unit: {c[3]}
          - conv_unit: {{n: {c[4]}, k: 5}}
        - - maxpool: {{kernel_size: 3, stride: 1, padding: 1}}
          - conv_unit: {c[5]}
"""
MODULES = {  # what enters, and the row of the printed table
    "3a": (192, [64, 96, 128, 16, 32, 32]),
    "3b": (256, [128, 128, 192, 32, 96, 64]),
    "4a": (480, [192, 96, 208, 16, 48, 64]),
    "4b": (512, [160, 112, 224, 24, 64, 64]),
    "4e": (528, [256, 160, 320, 32, 128, 128]),
}


@pytest.mark.parametrize("row", [r for r in rows("GoogLeNet", "params") if "inception" in r["scope"]], ids=label)
def test_googlenet_parameters_as_printed(row):
    """With the 5x5 filters of the paper (the shipped spec is torchvision's), in its K of 1024, within its rounding."""
    channels, widths = MODULES[row["scope"][-3:-1]]
    found = cnncalc.parse(INCEPTION.format(channels=channels, c=widths)).analyze()
    assert abs(found.params / number(row["value"]) - 1) < 0.01


@pytest.mark.parametrize("row", rows("MobileNetV2", "params"), ids=label)
def test_mobilenet_parameters_at_every_width(row):
    """The authors count without batch normalization, which inference folds into the convolutions."""
    width, size = row["variant"].split("_")[2:]
    found = cnncalc.load("mobilenet_v2").analyze(params={"width": width}, input=(3, int(size), int(size)))
    normalization = sum(layer.params for layer in found.layers if layer.kind == "batchnorm")
    assert f"{(found.params - normalization) / 10**6:.2f}" == row["value"]


def test_unet_layer_by_layer():
    found = cnncalc.load("unet").analyze()
    chain = [layer for layer in found.layers if layer.kind in ("conv", "maxpool", "conv_transpose")]
    numbers: dict[str, int] = {}
    entering = {}
    for layer in chain:
        kind = "upconv" if layer.kind == "conv_transpose" else layer.kind
        numbers[kind] = numbers.get(kind, 0) + 1
        entering[f"{kind}{numbers[kind]}"] = layer.node.shapes[0]
    for row in rows("U-Net", "input_shape"):
        assert entering[row["scope"]] == channels_first(row["value"]), row["scope"]
    assert found.outputs == {"output": channels_first(rows("U-Net", "output_shape")[0]["value"])}
