"""Every command with every option at symbolic sizes, batches and parameters: a closed form is never a truth value.

`CNNCALC_ZOO=1` runs all of them on every shipped network (long); the ordinary run takes two small ones in full.
"""

import re
import sys

import pytest

import cnncalc
from cnncalc import shipped
from cnncalc.cli.main import main
from cnncalc.symbolic import Expr, symbol

from ..shipped_networks import FULL

GATED = """
input: 4x24x20
params: {width: 8, stride: 1}
layers:
  - conv: {out_channels: width, kernel_size: 3, stride: stride, padding: 1}
  - groupnorm: 4
  - branches: {merge: multiply, paths: [[], [global_avgpool, {conv: {out_channels: width, kernel_size: 1}}, sigmoid]]}
  - residual: {body: [{conv: {out_channels: width, kernel_size: 3, padding: 1}}, batchnorm, {dropout: 0.1}]}
  - upsample: {scale_factor: 2}
  - maxpool: {kernel_size: 3, stride: 2}
  - mean
  - linear: 5
expect: {params: at most 5k, fits: pixels, receptive_field: at least 3}
"""
TABLES = ("table", "json", "csv", "markdown")
COLUMNS = "what,from,output,fit,params,trainable,buffers,share,macs,flops,field,stride,activation"
OF_TABLES = [
    "shapes",
    "shapes --formula",
    "shapes --depth 1 --batch 8",
    "params",
    "params --depth 1 --batch 8",
    "flops",
    "flops --compare",
    "flops --compare --exact",
    "flops --reconcile torch thop",
    "flops --reconcile macs fvcore",
    "flops --reconcile calflops onnx-tool",
    "flops --reconcile macs 4.11G",
    "flops --training",
    "flops --training --exact --depth 1",
    "flops --convention thop",
    "flops --convention ptflops --depth 1",
    "rf",
    "rf --depth 1",
    "rf --position 0",
    "rf --position 0,0",
    "memory",
    "memory --training",
    "memory --training --optimizer adam --batch N --depth 1",
    "memory --training --exact --dtype int8",
    "memory --fits 8GiB",
    "memory --fits 8GiB --training",
    "memory --fold-batchnorm --batch N",
    "summary",
    f"summary --columns {COLUMNS} --exact --depth 1",
    "solve",
    "solve --near 64 --fit pixels",
    "diff {} {}",
    "diff {} lenet5 --all --fail-over params=+5%,macs=+5%,peak_memory=+1KiB,flops=1G",
    "diff lenet5 {} --exact --depth 1",
]
ONCE = [
    "explain --format text",
    "explain --format markdown",
    "explain --format latex",
    "explain --format json",
    "memory {} lenet5 --training",
    "flops {} lenet5",
    "rf {} lenet5",
    "summary {} lenet5",
    "time {} lenet5 --device rtx4090",
    "sweep {} --where macs<1G",
    "sweep {} --pareto params,macs --format json",
    "check",
    "export",
    "verify",
    "verify --gradients",
    "verify --memory",
    "bench",
]
LINES = [f"{line} --format {form}" for line in OF_TABLES for form in TABLES] + ONCE
SOME_LINES = [f"{line} --format {TABLES[place % 4]}" for place, line in enumerate(OF_TABLES)] + ONCE[:9]
NETWORKS = shipped.names() if FULL else ["lenet5", "gated.yaml"]


@pytest.fixture
def strict(monkeypatch):
    """Refuse every truth test of a closed form, also one that bounds would decide."""

    def refuse(size):
        caller = sys._getframe(1)
        raise AssertionError(f"truth test of {size} in {caller.f_code.co_filename}:{caller.f_lineno}")

    monkeypatch.setattr(Expr, "__bool__", refuse)


def requests(name):
    """What makes sizes symbolic: each spatial axis on its own, all alike, and every parameter."""
    spec = cnncalc.load(name)
    shapes = list(spec.inputs().values())
    axes = len(shapes[0]) - 1 if len(shapes) == 1 else 0
    for letters in ("HWD"[:axes], "H" * axes) if axes else ():
        yield ["--input", "x".join((str(shapes[0][0]), *letters))]
    for param in spec.document.params:
        yield ["--set", f"{param}=K"]


def arguments(line, name):
    command, *rest = line.split()
    return [command, *(part.format(name) for part in rest)] if "{}" in line else [command, name, *rest]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_command_has_an_answer_or_a_sentence(name, strict, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gated.yaml").write_text(GATED)
    faults = []
    for place, request in enumerate(requests(name)):
        for line in SOME_LINES if place and not FULL else LINES:
            given = [] if line == "check" else request
            code = main([*arguments(line, name), *given])
            out, err = capsys.readouterr()
            if code == 3 or (code == 2 and not err.strip() and "check" not in line):
                faults.append((line, request, code, err[-300:]))
            assert "Traceback" not in out + err
    assert not faults


@pytest.mark.parametrize("name", ["alexnet"])
@pytest.mark.parametrize(
    "line",
    [
        "memory {} --input 3xHxW --training",
        "flops {} --input 3xHxW --reconcile torch thop",
        "flops {} --input 3xHxW --compare --format json",
        "flops {} --input 3xHxW --training --format json",
        "solve {} --set padding=K",
    ],
)
def test_answers(name, line, strict, capsys):
    assert main(line.format(name).split()) == 0
    assert "H" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["rf tcn --position 0", "time tcn --device rtx4090", "export tcn", "bench tcn"])
def test_a_symbol_in_no_shape_is_refused_where_numbers_are_needed(line, strict, capsys):
    """A kernel size with padding that keeps the length: only the weights depend on it."""
    assert main([*line.split(), "--set", "kernel=K"]) == 2
    assert re.search(r"needs numbers|a symbol: give|symbols values", capsys.readouterr().err)


def test_a_truth_test_is_refused(strict):
    with pytest.raises(AssertionError, match="truth test of H"):
        bool(symbol("H"))
