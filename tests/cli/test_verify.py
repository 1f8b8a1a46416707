import csv
import io
import json
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

from cnncalc import shipped
from cnncalc.cli import verifying
from cnncalc.pytorch import verify as really_verify
from cnncalc.pytorch.verification.verification import Check, Row, Verification

from ..shipped_networks import FULL

SPEC = """
name: Tiny
input: 3x8x8
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - batchnorm
  - relu
  - flatten
  - linear: 5
"""
MODEL = """
from torch import nn

def right():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))

def wrong():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))

def broken():
    raise KeyError("oops")

number = lambda: 3
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    (tmp_path / "tiny.yaml").write_text(SPEC)
    (tmp_path / "tiny_models.py").write_text(MODEL)
    monkeypatch.delitem(sys.modules, "tiny_models", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return "tiny.yaml"


@pytest.fixture
def differing(monkeypatch):
    """PyTorch says something else of every convolution's shape and weights."""

    def lie(check):
        if check.what == "shape":
            return Check("shape", check.ours, (2, 4, 9, 9))
        return Check("parameters", check.ours, (("weight", (4, 3, 5, 5)),)) if check.what == "parameters" else check

    def verify(graph, **options):
        found = really_verify(graph, **options)
        rows = [
            Row(row.name, row.kind, tuple(map(lie, row.checks)), row.macs) if row.kind == "conv" else row
            for row in found.rows
        ]
        return Verification(found.name, None, found.device, found.executed, tuple(rows), found.totals)

    monkeypatch.setattr("cnncalc.cli.verifying.verify_graph", verify)


def test_one(cnncalc, tiny):
    done = cnncalc("verify", tiny)
    assert done.code == 0
    assert done.err == ""
    lines = done.out.splitlines()
    conv = next(line for line in lines if line.startswith("conv1"))
    assert "4×6×6 ✓" in conv
    assert "112 ✓" in conv
    assert f"{4 * 36 * 27:,} ✓" in conv
    assert lines[-1].startswith("5 layers built in PyTorch, on the meta device, in ")
    assert lines[-1].endswith(": no difference")


def test_executed_on_a_device(cnncalc, tiny, monkeypatch):
    done = cnncalc("verify", tiny, "--execute", "--device", "cpu", "-f", "json")
    assert done.code == 0
    assert json.loads(done.out)["verification"]["device"] == "cpu"
    opened = []
    place = SimpleNamespace(place="cpu")
    monkeypatch.setattr(verifying, "open_device", lambda text: opened.append(text) or place)
    assert cnncalc("verify", tiny, "--execute", "--device", "cuda:1").code == 0
    assert opened == ["cuda:1"]
    monkeypatch.undo()
    done = cnncalc("verify", tiny, "--execute", "--device", "tpu")
    assert (done.code, done.err) == (2, "cnncalc: --device: expected cpu, cuda, cuda:1 or mps, got 'tpu'\n")
    done = cnncalc("verify", tiny, "--device", "cuda")
    assert done.code == 2
    assert "--device goes with --execute" in done.err


def test_a_device_that_is_not_there(cnncalc, tiny, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = cnncalc("verify", tiny, "--execute", "--device", "cuda")
    assert done.code == 2
    assert done.err.startswith("cnncalc: cuda:0 is not available: ")


def test_executed(cnncalc, tiny):
    done = cnncalc("verify", tiny, "--execute")
    assert done.code == 0
    assert "run with random tensors" in done.out


def test_a_difference_shows_both_values(cnncalc, tiny, differing):
    done = cnncalc("verify", tiny)
    assert done.code == 1
    assert "4×6×6 ≠ 4×9×9" in done.out
    assert "weight 4×3×3×3, bias 4 ≠ weight 4×3×5×5" in done.out
    assert "conv1: shape: ours (2, 4, 6, 6), PyTorch's (2, 4, 9, 9)" in done.out
    assert "no difference" not in done.out


def test_several(cnncalc, tiny, differing):
    done = cnncalc("verify", tiny, "relu", "--input", "3x8x8")
    assert done.code == 1
    assert any(line.startswith("Tiny") and line.endswith("≠ 1 layer") for line in done.out.splitlines())
    assert "6 layers of 2 networks built in PyTorch" in done.out


def test_a_spec_at_fault_among_several(cnncalc, tiny):
    done = cnncalc("verify", tiny, "nothing_here.yaml")
    assert done.code == 2
    assert "no such file" in done.err
    assert "Tiny" in done.out


def test_json(cnncalc, tiny, differing):
    done = cnncalc("verify", tiny, "-f", "json")
    assert done.code == 1
    found = json.loads(done.out)
    assert found["schema"] == "cnncalc/1"
    assert found["verification"]["ok"] is False
    assert found["verification"]["device"] == "meta"
    conv, *others = found["verification"]["layers"]
    assert conv["differences"][0] == {"what": "shape", "ours": [2, 4, 6, 6], "theirs": [2, 4, 9, 9]}
    assert all(layer["ok"] and not layer["differences"] for layer in others)
    assert isinstance(json.loads(cnncalc("verify", tiny, "relu", "-i", "3x8x8", "-f", "json").out), list)


def test_csv(cnncalc, tiny):
    rows = list(csv.DictReader(io.StringIO(cnncalc("verify", tiny, "-f", "csv").out)))
    assert [row["layer"] for row in rows] == ["conv1", "batchnorm1", "relu1", "flatten1", "linear1"]
    assert all(row["ok"] == "true" for row in rows)


def test_all_that_ships(cnncalc, monkeypatch):
    if not FULL:
        monkeypatch.setattr(shipped, "names", lambda: ["alexnet", "resnet", "unet", "vgg"])
    done = cnncalc("verify", "--all")
    assert done.code == 0
    assert done.err == ""  # no terminal, no progress
    for name in ("AlexNet", "ResNet@152", "U-Net", "VGG@16"):
        assert name in done.out
    assert "no difference" in done.out


@pytest.mark.parametrize("place", ["tiny_models.py:right", "torch:tiny_models.py:right"])
def test_own_network(cnncalc, tiny, place):
    done = cnncalc("verify", tiny, "--module", place)
    assert done.code == 0
    assert "3 layers with weights, parameters and outputs: no difference" in done.out


def test_own_network_differs(cnncalc, tiny):
    done = cnncalc("verify", tiny, "--module", "tiny_models.py:wrong")
    assert done.code == 1
    assert "first difference: the spec has batchnorm1" in done.out
    found = json.loads(cnncalc("verify", tiny, "--module", "tiny_models.py:wrong", "-f", "json").out)
    assert [pair["ok"] for pair in found["verification"]["layers"]] == [True, False, False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tiny.yaml", "--module", "tiny_models"], "tiny_models: expected package.module:factory or model.py:Net"),
        (["tiny.yaml", "--module", "tiny_models.py:gone"], "--module: tiny_models.py has no 'gone'"),
        (["tiny.yaml", "--module", "gone:gone"], "--module: package 'gone' is not installed"),
        (["tiny.yaml", "--module", "tiny_models.py:broken"], "KeyError: 'oops'"),
        (["tiny.yaml", "--module", "tiny_models.py:number"], "expected a network (nn.Module), got int"),
        (["lenet5", "--module", "tiny_models.py:right"], "does not run on [batch, 1, 32, 32]"),
        (["--module", "tiny_models.py:right"], "--module compares one SPEC"),
        (["tiny.yaml", "--all"], "omit SPEC"),
        (["tiny.yaml", "--input", "3xHxW"], "H, W are still symbols: give them values first"),
    ],
)
def test_what_cannot_be(cnncalc, tiny, arguments, message):
    done = cnncalc("verify", *arguments)
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


def test_symbols_with_values(cnncalc, tiny):
    assert cnncalc("verify", tiny, "--input", "3xHxH", "--at", "H=8").code == 0


# --- gradients and memory ---------------------------------------------------------------------------------------------


def test_gradients(cnncalc, tiny):
    done = cnncalc("verify", tiny, "--gradients")
    assert done.code == 0
    relu = next(line for line in done.out.splitlines() if line.startswith("relu1"))
    assert "3…5 × 3…5, 9 px ✓" in relu
    assert "0…2 × 0…2, 9 px ✓" in relu
    assert "--every-layer compares all" in done.out
    assert "no difference" in done.out
    assert "conv1" in cnncalc("verify", tiny, "--gradients", "--every-layer").out


def test_false_gradients(cnncalc, tiny, monkeypatch):
    from cnncalc.pytorch.verification import fields

    real = fields.footprints
    monkeypatch.setattr(fields, "footprints", lambda graph, name, at: real(graph, name, tuple(n + 1 for n in at)))
    done = cnncalc("verify", tiny, "--gradients")
    assert done.code == 1
    assert "1…3 × 1…3, 9 px ≠ 0…2 × 0…2, 9 px" in done.out
    found = json.loads(cnncalc("verify", tiny, "--gradients", "-f", "json").out)["verification"]
    assert found["compares"] == "gradients"
    (corner,) = (check for check in found["layers"][0]["checks"] if check["what"] == "corner")
    assert corner == {"what": "corner", "ours": [[[1, 3], [1, 3]], 9], "theirs": [[[0, 2], [0, 2]], 9], "why": ""}


def test_memory(cnncalc, tiny):
    done = cnncalc("verify", tiny, "--memory")
    assert done.code == 0
    assert "1,536 ✓" in done.out
    assert "memory of 5 layers" in done.out


def test_memory_says_why_it_differs(cnncalc, tiny, tmp_path):
    (tmp_path / "drops.yaml").write_text("input: 3x8x8\nlayers: [{conv: {out_channels: 4, kernel_size: 3}}, dropout]\n")
    done = cnncalc("verify", "drops.yaml", "--memory")
    assert done.code == 0
    assert "288 ≠ 1,152 (known)" in done.out
    assert "known difference at dropout1: The CPU keeps the mask" in done.out
    found = json.loads(cnncalc("verify", "drops.yaml", "--memory", "-f", "json").out)["verification"]
    assert found["ok"]
    assert "CUDA a byte" in found["layers"][1]["checks"][0]["why"]


def test_false_memory(cnncalc, tiny, monkeypatch):
    from cnncalc.pytorch.verification import saved

    monkeypatch.setattr(saved, "_claim", lambda training, batch: lambda node: 7)
    done = cnncalc("verify", tiny, "--memory")
    assert done.code == 1
    assert "7 ≠ 1,536" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gradients", "--memory"], "mutually exclusive"),
        (["--every-layer"], "--every-layer requires --gradients"),
        (["--memory", "--module", "tiny_models.py:right"], "--module compares one SPEC"),
    ],
)
def test_one_thing_at_a_time(cnncalc, tiny, arguments, message):
    done = cnncalc("verify", tiny, *arguments)
    assert done.code == 2
    assert message in done.err
