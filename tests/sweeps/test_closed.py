"""A sweep says what an analysis of every point says."""

import os
import random

import pytest

import cnncalc
from cnncalc import CnncalcError, shipped
from cnncalc.analysis.figures import FIGURES
from cnncalc.sweeps import closed
from cnncalc.sweeps.grid import Architecture, NetworkText, read_grid
from cnncalc.sweeps.inputs import read_inputs
from cnncalc.sweeps.run import blocks

EVERY = tuple(FIGURES)
SMALL = ("alexnet", "googlenet", "lenet5", "mobilenet_v2", "resnet@18", "tcn", "unet", "vgg@11")
NETWORKS = shipped.names() if os.environ.get("CNNCALC_ZOO") else SMALL


def rows(spec, settings=(), inputs=(), figures=EVERY):
    grid = read_grid([NetworkText.of(spec, spec.name)], settings, inputs, figures)
    return [dict(zip(grid.names, row, strict=True)) for block in blocks(grid) for row in block.rows()]


def analysed(spec, shape, params=None):
    report = spec.analyze(shape, params)
    memory = report.memory()
    return {
        "params": report.params,
        "trainable": report.totals.trainable,
        "buffers": report.totals.buffers,
        "macs": report.macs,
        "flops": report.flops,
        "peak_memory": memory.peak.bytes,
        "activation_memory": memory.activation_bytes,
        "layers": sum(not layer.node.training for layer in report.layers),
        "fits": all(layer.fit.fits for layer in report.layers if layer.fit),
        "output": next(iter(report.outputs.values())) if len(report.outputs) == 1 else report.outputs,
    }


def agrees(row, spec, shape, params=None):
    try:
        expected = analysed(spec, shape, params)
    except CnncalcError:
        assert row["error"]
        assert all(row[name] is None for name in (*EVERY, "output"))
    else:
        assert {name: row[name] for name in expected} == expected
        assert row["error"] is None


@pytest.mark.parametrize("name", NETWORKS)
def test_shipped_networks_at_sizes_good_and_bad(name):
    spec = cnncalc.load(name)
    (own,) = spec.inputs().values()
    chance = random.Random(name)
    sizes = sorted({own[-1], own[-1] + 1, max(1, own[-1] // 2), *chance.sample(range(1, 2 * own[-1] + 4), 3)})
    found = rows(spec, inputs=[f"{own[0]}x{{{','.join(map(str, sizes))}}}"])
    for size, row in zip(sizes, found, strict=True):
        shape = (own[0], *(size for _ in own[1:]))
        assert row["input"] == shape
        agrees(row, spec, shape)
    assert any(row["error"] is None for row in found)


def test_two_axes_and_a_parameter():
    spec = cnncalc.load("mobilenet_v2")
    found = rows(spec, ["width=0.5:1:0.25"], ["3x{60,224}x{33,96}"])
    assert [(str(row["width"]), row["input"]) for row in found] == [
        (width, (3, height, across)) for width in ("1/2", "3/4", "1") for height in (60, 224) for across in (33, 96)
    ]
    for row in found:
        agrees(row, spec, row["input"], {"width": row["width"]})


def test_channels_may_vary():
    spec = cnncalc.load("alexnet")
    for row in rows(spec, inputs=["{1,3}x227"]):
        agrees(row, spec, row["input"])


def test_a_network_that_asks_for_the_size_is_analysed_at_each():
    spec = cnncalc.parse(
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 3}\n"
        "  - maxpool: 2\n    when: in_size[0] > 8\n  - flatten\n  - linear: 2"
    )
    found = rows(spec, inputs=["3x{2,8,10,11,12}"])
    assert [row["layers"] for row in found] == [None, 3, 3, 4, 4]
    for row in found:
        agrees(row, spec, row["input"])


def test_a_condition_that_fails_says_where():
    found = rows(cnncalc.load("alexnet"), inputs=["3x{10,60,227}"])
    assert found[0]["error"] == "conv1: the kernel of conv is 11, larger than its input of 10 (H = 10)"
    assert found[1]["error"] == "maxpool3: the kernel of maxpool is 3, larger than its input of 2 (H = 60)"
    assert found[2]["error"] is None


def test_a_fault_that_no_size_has_a_part_in_is_found_once(monkeypatch):
    spec = cnncalc.load("resnet")
    calls = []
    report_of = closed._report
    monkeypatch.setattr(closed, "_report", lambda *given: calls.append(given) or report_of(*given))
    found = rows(spec, ["unit=nothing"], ["3x{32:1031}"])
    assert len(found) == 1000
    assert len({row["error"] for row in found}) == 1
    assert len(calls) == 2


def test_unknown_figures_are_null_and_never_zero():
    spec = cnncalc.parse(
        "input: 3x8x8\nlayers:\n  - conv: {out_channels: 4, kernel_size: 3}\n  - unknown: {op: roi, shape: [4, 6, 6]}"
    )
    for inputs in ((), ("{3,4}x8",)):
        for row in rows(spec, inputs=inputs):
            assert row["error"] is None
            assert row["layers"] == 2
            assert [row[name] for name in ("params", "trainable", "macs", "flops")] == [None] * 4


def test_a_symbol_without_a_value_is_said():
    spec = cnncalc.parse("input: [3, H, W]\nlayers: [{conv: {out_channels: 4, kernel_size: 3}}]")
    (row,) = rows(spec)
    assert row["error"] == "H, W has no value: a sweep needs numbers, such as --input '3x{160,192,224}'"
    found = rows(spec, inputs=["3x{8,9}"])
    assert [row["output"] for row in found] == [(4, 6, 6), (4, 7, 7)]


def test_several_inputs_and_outputs():
    spec = cnncalc.parse(
        "input: {a: 3x8x8, b: 4x8x8}\nlayers:\n  - relu:\n    from: a\n  - concat: b\n"
        "outputs: {joined: concat1, first: relu1}"
    )
    found = rows(spec, inputs=["a=3x{8,9}", "b=4x{8,9}"])
    assert [row["error"] is None for row in found] == [True, False, False, True]
    assert found[0]["input"] == {"a": (3, 8, 8), "b": (4, 8, 8)}
    assert found[3]["output"] == {"joined": (7, 9, 9), "first": (3, 9, 9)}


def test_parts_of_an_architecture_are_what_the_whole_is():
    spec = cnncalc.load("alexnet")
    (inputs,) = read_inputs(["3x{40:80:3}x{60,227}"], {"input": 3})
    answer = closed.point_answers(Architecture(NetworkText.of(spec, "AlexNet"), {}, inputs, EVERY))
    whole = list(answer(0, inputs.points).rows())
    assert [
        row for start in range(0, inputs.points, 5) for row in answer(start, min(start + 5, inputs.points)).rows()
    ] == whole
