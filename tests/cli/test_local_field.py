"""The local field and what is seen beside it: one rule in `rf`, `summary`, `check`, `explain`, `diff` and `verify`."""

import json
from pathlib import Path

import pytest

from cnncalc import load, parse
from cnncalc.explanations.field_words import beside_text, brief_text

GATED = """
input: 3x64x64
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - branches: {merge: MERGE, paths: [[], [global_avgpool, {conv: {out_channels: 16, kernel_size: 1}}, sigmoid]]}
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
  - global_avgpool
  - flatten
expect: {receptive_field: 7}
check: {warning: [field-smaller-than-input]}
"""
CONV = "{conv: {out_channels: 4, kernel_size: 3}}"
ROWS = "{branches: {merge: multiply, paths: [[], [mean: {dim: 2, keepdim: true}]]}}"
GATE = GATED.replace("MERGE", "multiply")


@pytest.fixture
def gated(tmp_path):
    path = tmp_path / "gated.yaml"
    path.write_text(GATE)
    return str(path)


def field(text, layer="conv2"):
    return parse(text).analyze()[layer].receptive_field["input"]


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        (GATE, "all of the image through a gate"),
        (GATED.replace("MERGE", "add"), "all of the image through another path"),
        (
            f"input: 4x9x9\nlayers: [{CONV}, groupnorm: 2, {CONV}]",
            "all of the image through a normalization",
        ),
        (
            f"input: 4x9x9\nlayers: [{ROWS}, {CONV}, {CONV}]",
            "all rows of the image through a gate",
        ),
        (f"input: 4x9x9\nlayers: [{CONV}, {CONV}]", ""),
    ],
)
def test_what_is_seen_beside_the_field(text, beside):
    found = field(text)
    assert beside_text(found, "the image") == beside
    assert found.size == (5, 5)
    assert brief_text(found) == ("5×5 + whole" if beside else "5×5")


def test_rf(cnncalc, gated):
    out = cnncalc("rf", gated).out
    (row,) = [line for line in out.splitlines() if line.startswith("conv2 ")]
    assert row.split()[5:7] == ["1", "5×5"]
    assert row.endswith("0.6%  plus all of the image through a gate")
    assert "from multiply1 on, every position also sees all of the image (64×64) through a gate" in out
    assert "from global_avgpool1 on, everything sees all of the image (64×64)" in out
    assert "branch2.global_avgpool1 on" not in out
    assert "5×5 + whole" in cnncalc("rf", gated, "lenet5").out.replace("5 + whole", "5×5 + whole")
    document = json.loads(cnncalc("rf", gated, "--of", "conv2", "--format", "json").out)
    found = document["layers"][0]["receptive_field"]["input"]
    assert (found["size"], found["whole"]) == ([5, 5], True)


def test_rf_of_a_position(cnncalc, gated):
    out = cnncalc("rf", gated, "--position", "0,0").out
    assert "the receptive field of conv2 is 5×5, plus all of the image through a gate" in out
    assert "the receptive field" not in cnncalc("rf", "lenet5", "--position", "0,0").out


def test_summary(cnncalc, gated):
    out = cnncalc("summary", gated).out
    (row,) = [line for line in out.splitlines() if line.startswith("conv2 ")]
    assert "5×5 + whole" in row
    assert "+ whole: beside it, all of the image through a gate" in out
    assert "+ whole" not in cnncalc("summary", "lenet5").out


def test_check(cnncalc, gated):
    out = cnncalc("check", gated).out
    assert (
        "conv2: the largest receptive field of the network is 5×5, but its input is 64×64; "
        "it sees all of the input through a gate [field-smaller-than-input]" in out
    )
    assert "conv2 sees 5×5 of input, and all of input through a gate [expectation]" in out


def test_explain(cnncalc, gated):
    out = " ".join(cnncalc("explain", gated, "multiply1").out.split())
    assert "3×3 in steps of 1 plus all of the input through a gate: the union of 2 paths (3×3, whole)" in out


def test_diff(cnncalc, gated):
    local = gated.replace("gated", "local")
    Path(local).write_text(GATE.replace("[global_avgpool, ", "["))
    assert "5×5 + whole" in cnncalc("diff", local, gated).out
    document = json.loads(cnncalc("diff", local, gated, "--format", "json").out)
    assert document["last_field"] == {"before": [[5, 5]], "after": [[5, 5, "whole"]]}


def test_verify():
    pytest.importorskip("torch")
    from cnncalc.pytorch.verification.fields import Seen, verify_gradients

    found = verify_gradients(parse(GATE, "gated").graph())
    assert found.ok, list(found.differences())
    row = found.rows[-1]
    assert row["middle"].ours == Seen(((0, 63), (0, 63)), 4096)
    assert row["local field"].ours == Seen(((30, 34), (30, 34)), 25)
    assert "local field plus all of input through a gate: conv2" in found.notes
    statistics = "input: 4x9\nlayers: [{batchnorm: {track_running_stats: false}}, {maxpool: 3}]"
    (_, row) = verify_gradients(parse(statistics).graph()).rows
    assert (row["middle"].ours, row["local field"].ours) == (Seen(((0, 8),), 9), Seen(((3, 5),), 3))


@pytest.mark.parametrize(("name", "last"), [("mobilenet_v3@small", 639), ("senet", 483), ("deeplab_v3", 1027)])
def test_shipped_networks(name, last):
    """Every field beside a gate stays local: it has a stride, and grows as without the gate."""
    fields = [layer.receptive_field["input"] for layer in load(name).analyze().layers if not layer.node.training]
    joined = [found for found in fields if found.through]
    assert joined[-1].size == (last, last)
    assert all(found.whole and not found.only_whole and None not in found.stride for found in joined)
