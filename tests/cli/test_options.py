import json
from inspect import signature
from types import GenericAlias

import pytest

SPEC = "input: 3x8x8\nlayers: [relu]\n"
CAFFE = """
input: "data"
input_shape { dim: 1 dim: 3 dim: 9 dim: 9 }
layer { name: "r" type: "ReLU" bottom: "data" top: "r" }
"""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--depth", "0"], "--depth: expected a whole number from 1"),
        (["--depth", "two"], "got 'two'"),
        (["--batch", "-1"], "--batch: expected a whole number"),
        (["--batch", "9" * 30], "--batch: expected a whole number"),
        (["--format", "xml"], "--format: expected one of table, json, csv, markdown, got 'xml'"),
        (["--layout", "nchw"], "--layout: expected one of chw, hwc"),
        (["--input", "3x0x3"], "--input 3x0x3: '0' is not a valid size: write a whole number of at least 1"),
        (["--input", "a=3", "--input", "4"], "several inputs need names"),
        (["--set", "width"], "--set width: expected name=value"),
        (["--set", "nothing=3"], "no parameter 'nothing'"),
        (["--no-such-option"], "--no-such-option"),
        (["--inptu", "3x8x8"], "--inptu"),
        (["--input"], "requires an argument"),
    ],
)
def test_faults_are_sentences(cnncalc, options, message):
    done = cnncalc("shapes", "alexnet", *options)
    assert done.code == 2
    assert message in done.err
    assert "╭" not in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_inputs_by_name(cnncalc, tmp_path):
    (tmp_path / "two.yaml").write_text(
        "input: {a: 3x8x8, b: 4x8x8}\nlayers:\n  - relu:\n    from: a\n  - concat: b\n"
        "outputs: {joined: concat1, first: relu1}\n"
    )
    done = cnncalc("shapes", "two.yaml", "--input", "a=3x9x9", "--input", "b=4x9x9")
    assert "input   a 3×9×9, b 4×9×9" in done.out
    assert "output  joined 7×9×9, first 3×9×9" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("shapes", "net.yaml"),
        ("params", "net.yaml"),
        ("flops", "net.yaml"),
        ("memory", "net.yaml"),
        ("rf", "net.yaml"),
        ("summary", "net.yaml"),
        ("diff", "net.yaml", "net.yaml"),
        ("shapes", "net.prototxt"),
        ("import", "net.prototxt"),
    ],
)
def test_commands_read_the_same_sizes(cnncalc, tmp_path, arguments):
    (tmp_path / "net.yaml").write_text(SPEC)
    (tmp_path / "net.prototxt").write_text(CAFFE)
    for text in ("3xH1234xW", "3×H1234×W", "[3, H1234, W]", "3,H1234,W"):
        done = cnncalc(*arguments, "--input", text)
        assert done.code == 0, done.err
        assert "H1234" in done.out or arguments[0] == "diff"
    wrong = cnncalc(*arguments, "--input", "3xhxw")
    assert wrong.code == 2
    assert "a symbol is a capital letter: H" in wrong.err


def test_a_sweep_reads_the_same_sizes(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(SPEC)
    outputs = {cnncalc("sweep", "net.yaml", "--input", text, "-f", "csv").out for text in ("3x9x9", "3×9×9", "[3,9,9]")}
    assert len(outputs) == 1
    assert "a sweep needs numbers for H1234" in cnncalc("sweep", "net.yaml", "--input", "3xH1234xW").err


def test_memory_takes_the_names_of_bench(cnncalc, tmp_path):
    (tmp_path / "net.yaml").write_text(SPEC)
    documents = [
        json.loads(cnncalc("memory", "net.yaml", "--dtype", text, "-f", "json").out) for text in ("fp16", "float16")
    ]
    assert documents[0] == documents[1]
    assert documents[0]["dtype"] == "float16"
    assert cnncalc("summary", "net.yaml", "--dtype", "half").code == 0


def test_callbacks_are_read_on_python_3_10():
    """There `isinstance(list[str], type)` is true, and typer asks whether it is a subclass."""
    from cnncalc.cli import main, options

    told = [each for module in (main, options) for each in vars(module).values()]
    callbacks = [
        more.callback
        for each in told
        for more in getattr(each, "__metadata__", ())
        if getattr(more, "callback", None) is not None
    ]
    assert len(callbacks) >= 3
    for callback in (*callbacks, main._version):
        for parameter in signature(callback).parameters.values():
            assert not isinstance(parameter.annotation, GenericAlias), callback
