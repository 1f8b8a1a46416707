"""Receptive fields against the published tables: every row of two files, each expressed as a spec."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from cnncalc import load, parse
from cnncalc.analysis.field.receptive_field import ReceptiveField
from cnncalc.analysis.report import Report
from cnncalc.spec import Spec

DATA = Path(__file__).parents[2] / "data"
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def slim(name: str, variant: str | None = None) -> Spec:
    return load(DATA / "specs" / f"slim_{name}.yaml").at(variant)


def chain(input_: str, *layers: str, names: str = "l") -> Spec:
    items = "".join(f"  - {layer}\n    name: {names}{number}\n" for number, layer in enumerate(layers, 1))
    return parse(f"input: {input_}\nlayers:\n{items}")


def conv(kernel: int, stride: int = 1, padding: object = 0, dilation: int = 1) -> str:
    rest = f"stride: {stride}, padding: {padding}, dilation: {dilation}"
    return f"conv: {{out_channels: 1, kernel_size: {kernel}, {rest}}}"


def causal(kernel: int, dilations: list[int]) -> Spec:
    return chain("1x4096", *(conv(kernel, 1, [[(kernel - 1) * d, 0]], d) for d in dilations))


def context_module() -> Spec:
    layers = [conv(3, 1, d, d) for d in (1, 1, 2, 4, 8, 16, 1)]
    return chain("1x128x128", *layers, conv(1), names="layer")


VGG_WITH_FC = """
input: 3x512x512
layers:
  - sequence:
      - conv: {out_channels: 1, kernel_size: 3, padding: 1}
        name: conv{i + 1}_{j + 1}
        repeat: {j: "2 if i < 2 else 3"}
      - maxpool: {kernel_size: 2, stride: 2}
        name: pool{i + 1}
    repeat: {i: 5}
  - conv: {out_channels: 1, kernel_size: 7}
    name: fc6(7x7)
  - conv: {out_channels: 1, kernel_size: 1}
    name: fc7
"""
SPECS: dict[str, Callable[[], Spec]] = {
    "alexnet_v2": lambda: slim("alexnet_v2"),
    "vgg_a": lambda: load("vgg@11"),
    "vgg_16": lambda: load("vgg@16"),
    "mobilenet_v1": lambda: slim("mobilenet_v1"),
    "resnet_v1_50": lambda: slim("resnet", "resnet_v1_50"),
    "resnet_v2_101": lambda: slim("resnet", "resnet_v2_101"),
    "inception_v2": lambda: slim("inception_v2"),
    "VGG16 (student worksheet)": lambda: parse(VGG_WITH_FC.replace("fc6(7x7)", "fc6")),
    "FCN-VGG16": lambda: parse(VGG_WITH_FC.replace("fc6(7x7)", "fc6")),
    "Yu & Koltun context module (basic)": context_module,
    "WaveNet": lambda: causal(2, [2**i for i in range(10)]),
    "two stacked 3x3": lambda: chain("1x32x32", conv(3), conv(3)),
    "three stacked 3x3": lambda: chain("1x32x32", conv(3), conv(3), conv(3)),
}
BY_LAYER: dict[str, Callable[[], Spec]] = {  # where the row's `layer` names the network
    "kernel 2, dilations [1,2,4,8], 1 stack": lambda: causal(2, [1, 2, 4, 8]),
    "kernel 2, dilations [1,2,4,8], 2 stacks": lambda: causal(2, [1, 2, 4, 8] * 2),
    "C64-C128, all 1x1 convs + final 1-channel conv": lambda: load("pix2pix@pixel"),
    "C64-C128 + final 1-channel conv": lambda: load("pix2pix@patch16"),
    "C64-C128-C256-C512 + final 1-channel conv": lambda: load("pix2pix@patch70"),
    "C64-C128-C256-C512-C512-C512 + final 1-channel conv": lambda: load("pix2pix@patch286"),
}


@cache
def report_of(network: str, layer: str, size: str) -> Report:
    spec = (BY_LAYER.get(layer) or SPECS[network])()
    if layer in BY_LAYER or (network not in ("alexnet_v2", "mobilenet_v1", "inception_v2") and "_" not in network):
        return spec.analyze()
    return spec.analyze((3, int(size), int(size)) if size else (3, "H", "W"))


def layer_of(report: Report, name: str, network: str) -> str:
    """The layer that a row means: an end point by the last part of its name, else the last one of the map."""
    names = [layer.name for layer in report.layers if len(layer.output) > 1]
    last = name.rpartition("/")[2]
    numbered = "".join(last.split(" ")[:2]) if last.startswith("layer ") else last
    for candidate in (last, last.removesuffix("(7x7)"), numbered):
        found = [each for each in names if each == candidate or each.startswith(f"{candidate}.")]
        if found:
            return found[-1]
    return names[-1]


@pytest.mark.parametrize("row", rows("receptive_fields.csv"), ids=lambda row: "-".join(list(row.values())[:3]))
def test_published_tables(row: Row) -> None:
    network = row["network"]
    summary = row["layer"].startswith("(last")
    size = row["input_size"] or ("224" if summary else "")  # the README's paddings are those at 224
    report = report_of(network, row["layer"] if row["layer"] in BY_LAYER else "", size)
    found = report[layer_of(report, row["layer"], network)].receptive_field["input"]
    assert set(found.size) == {int(row["rf"])}
    if row["effective_stride"]:
        assert set(found.stride) == {int(row["effective_stride"])}
    if row["effective_padding"]:
        assert set(found.padding) == {int(row["effective_padding"])}


TWO_PATHS = "  - branches:\n      merge: add\n      paths:\n        - {left}\n        - {right}\n"
ONE = "conv: {out_channels: 1, kernel_size: 1, stride: %d}"
WIDE = "conv: {out_channels: 1, kernel_size: %s, stride: 2}"
POOL = "maxpool: {kernel_size: %d, stride: %d}"
ALIGNED = [[ONE % 4], ["pad: [[1, 0], [1, 0]]", conv(3, 2), ONE % 2]]
SAME = [[ONE % 4], [conv(3, 2, "same"), ONE % 2]]


def two_paths(*paths: list[str]) -> str:
    left, right = ("[" + ", ".join(f"{{{layer}}}" for layer in path) + "]" for path in paths)
    return TWO_PATHS.format(left=left, right=right)


GRAPHS = {
    "Aligned": ("1x32x32", two_paths(*ALIGNED)),
    "Aligned2": ("1x32x32", two_paths([ONE % 4], ["pad: [[1, 0], [1, 0]]", POOL % (3, 2), POOL % (1, 2)])),
    "Unaligned": ("1x8x8", two_paths(["pad: [[2, 1], [2, 1]]", conv(5, 2)], [conv(3), conv(3)])),  # both leave 4x4
    "UndefinedPadding": ("1xHxW", two_paths(*SAME)),
    "FixedInputDim": ("1x9x9", two_paths(*SAME)),
    "UnalignedFixedInputDim": ("1x8x8", two_paths(*SAME)),
    "NonSquareRF": ("1x32x32", f"  - {WIDE % '[3, 5]'}\n  - {WIDE % '[3, 1]'}\n"),
    "StopPropagation": ("1x32x32", two_paths(ALIGNED[0], [*ALIGNED[1], "dropout: 0.5"])),
    "ControlDependencies": ("1x8x8", two_paths(*ALIGNED)),
    "IntermediateAddNode": (
        "1x32x32",
        two_paths(*ALIGNED) + "  - relu\n" + two_paths([ONE % 2], ["pad: [[1, 0], [1, 0]]", conv(3, 2)]),
    ),
    "IntermediateAddNodeSamePaddingFixedInputDim": (
        "1x17x17",
        two_paths(*SAME) + "  - relu\n" + two_paths([ONE % 2], [conv(3, 2, "same")]),
    ),
}


@pytest.mark.parametrize("row", rows("rf_graph_tests.csv"), ids=lambda row: row["test"])
def test_branching_graphs(row: Row) -> None:
    input_, layers = GRAPHS[row["test"]]
    report = parse(f"input: {input_}\nlayers:\n{layers}").analyze()
    found = report[report.layers[-1].name].receptive_field["input"]
    assert (found.aligned is False) is (row["expect"] == "ValueError")
    if row["expect"] == "ok":
        assert found.size == pair(row, "rf")
        assert found.stride == pair(row, "stride")
        if row["pad_x"]:
            assert found.padding == pair(row, "pad")
        else:
            assert found.padding == two_symbols(found), "it depends on the input"


def pair(row: Row, what: str) -> tuple[int, int]:
    """y is vertical: our first axis."""
    return int(row[f"{what}_y"]), int(row[f"{what}_x"])


def two_symbols(found: ReceptiveField) -> tuple[object, ...]:
    """The padding, if it is no number."""
    return tuple(None if isinstance(each, int) else each for each in found.padding)
