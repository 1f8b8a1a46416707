"""Numbers of thousands of digits, wherever one is read or made: a sentence and exit code 2, or 1 of a check."""

import json

import pytest

from cnncalc.cli.main import main

DIGITS = "9" * 5000
PLACES = {
    "an input": f"input: 3x{DIGITS}\nlayers: [relu]\n",
    "a field": f"input: 3x8x8\nlayers:\n  - conv: {{out_channels: {DIGITS}, kernel_size: 3}}\n",
    "an octal": f"input: 3x8x8\nlayers:\n  - conv: {{out_channels: 0{DIGITS}, kernel_size: 3}}\n",
    "an expression": f"input: 3x8x8\nlayers:\n  - conv: {{out_channels: '1 + {DIGITS}', kernel_size: 3}}\n",
    "a parameter": f"params: {{k: {DIGITS}}}\ninput: 3x8x8\nlayers: [relu]\n",
    "a repeat": f"input: 3x8x8\nlayers:\n  - relu\n    repeat: {DIGITS}\n",
    "an expectation": f"input: 3x8x8\nlayers: [relu]\nexpect: {{params: {DIGITS}}}\n",
    "a shape": f"input: 3x8x8\nlayers: [relu]\nexpect: {{output: 3x{DIGITS}}}\n",
    "a year": f"year: {DIGITS}\ninput: 3x8x8\nlayers: [relu]\n",
    "a fraction": f"input: 3x8x8\nlayers:\n  - dropout: 0.{DIGITS}\n",
    "an exponent": "input: 3x8x8\nlayers:\n  - dropout: 1e999999999\n",
    "superscripts": "input: 3x²x8\nlayers:\n  - conv: {out_channels: ², kernel_size: ٣}\n",
}
MADE = {
    "numbers": "params: {k: 4000000000}\ninput: 3x8\nlayers:\n  - upsample: {scale_factor: k}\n    repeat: 600\n",
    "flattened": "input: " + "x".join(["4000000000000000000"] * 4) + "\nlayers: [flatten]\n",
    "a factor": "params: {k: 4000000000}\ninput: 3xH\nlayers:\n  - upsample: {scale_factor: k}\n    repeat: 600\n",
    "channels": "params: {k: 9000000000}\ninput: H\nlayers:\n  - linear: k*in_channels\n    repeat: 300\n",
}
POWER = "input: H\nlayers:\n  - linear: in_channels**12\n  - linear: in_channels**12\n"
COMMANDS = [
    "shapes",
    "params",
    "summary",
    "flops",
    "memory",
    "rf",
    "explain",
    "check",
    "solve",
    "fmt",
    "time --device rtx4090",
]


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(text: str | None, *arguments: str) -> tuple[int, str, str]:
        if text is not None:
            (tmp_path / "net.yaml").write_text(text, "utf-8")
        capsys.readouterr()
        return main(list(arguments)), *capsys.readouterr()

    return run


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_that_are_read(run, place, command):
    code, out, err = run(PLACES[place], *command.split(), "net.yaml")
    assert code in (0, 1, 2)
    assert "Traceback" not in out + err


@pytest.mark.parametrize("case", MADE)
@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in ("fmt", "check")])
def test_sizes_beyond_every_tensor(run, case, command):
    code, _, err = run(MADE[case], *command.split(), "net.yaml")
    assert code == 2
    assert "a size would be 2^63 or more, which no tensor has" in err


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("command", ["shapes", "params", "summary"])
def test_closed_forms_at_huge_sizes(run, command, form):
    code, _, err = run(POWER, command, "net.yaml", "--at", "H=9000000000000000000", "--format", form)
    assert (code, err) == (
        2, "cnncalc: linear1 at H=9000000000000000000: a size would be 2^63 or more, which no tensor has\n",
    )  # fmt: skip
    assert run(None, command, "net.yaml", "--at", "H=1", "--format", form)[0] == 0


@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_a_sweep_refuses_what_a_single_analysis_refuses(run, form):
    code, out, _ = run(POWER, "sweep", "net.yaml", "--input", "{9000000000000000000,10,2,1}", "--format", form)
    assert code in (0, 1)
    assert out.count("expected a whole number below 2^63") >= 3


def test_numbers_on_the_command_line(run):
    for arguments in (
        ["--input", f"3x{DIGITS}x8"], ["--input", "3x²x8"], ["--batch", DIGITS], ["--batch", "²"], ["--depth", DIGITS],
        ["--set", f"k={DIGITS}"], ["--at", f"H={DIGITS}"], ["--at", "H=٣"], ["--budget", DIGITS],
    ):  # fmt: skip
        code, _, err = run(None, "shapes", "alexnet", *arguments)
        assert code == 2
        assert err.startswith("cnncalc: ")


@pytest.mark.parametrize("columns", ["²", "٣", DIGITS, "-1", "0", "1e3"])
def test_a_width_that_is_none(run, monkeypatch, columns):
    plain = run(None, "shapes", "lenet5")
    monkeypatch.setenv("COLUMNS", columns)
    assert run(None, "shapes", "lenet5") == plain


@pytest.mark.parametrize("value", [DIGITS, f"[{DIGITS}]", f"{{a = {DIGITS}}}"])
def test_numbers_of_the_project(run, tmp_path, value):
    (tmp_path / "pyproject.toml").write_text(f"[tool.cnncalc]\nspecs = {value}\n", "utf-8")
    code, _, err = run(None, "check")
    assert code == 2
    assert err.startswith("cnncalc: pyproject.toml")


CAFFE = 'input: "data"\ninput_dim: [1, 3, 8, 8]\nlayer {{ name: "l" type: "{}" bottom: "data" top: "t" {} }}\n'
FIELDS = {
    "Concat": "concat_param {{ axis: {} }}",
    "Slice": "slice_param {{ axis: {} }}",
    "Flatten": "flatten_param {{ axis: {} }}",
    "Reshape": "reshape_param {{ shape {{ dim: 0 dim: {} }} }}",
    "Permute": "permute_param {{ order: {} }}",
    "Softmax": "softmax_param {{ axis: {} }}",
    "Eltwise": "eltwise_param {{ coeff: {} }}",
    "Reorg": "reorg_param {{ stride: {} }}",
    "PriorBox": "prior_box_param {{ min_size: 1 aspect_ratio: {} }}",
    "Interp": "interp_param {{ pad_beg: {} }}",
    "InnerProduct": "blobs_lr: {} inner_product_param {{ num_output: 3 }}",
    "Convolution": "convolution_param {{ num_output: {} kernel_size: 3 }}",
    "ReLU": "include {{ min_level: {} }}",
}


@pytest.mark.parametrize("number", [DIGITS, "²", "1e999999999", "x", '"1_0"', '"٣"'], ids=range(6))
@pytest.mark.parametrize("kind", FIELDS)
def test_numbers_of_a_prototxt(run, tmp_path, kind, number):
    (tmp_path / "net.prototxt").write_text(CAFFE.format(kind, FIELDS[kind].format(number)), "utf-8")
    code, out, err = run(None, "shapes", "net.prototxt")
    assert code == 2
    assert "net.prototxt:3:" in err, (out, err)


@pytest.mark.parametrize(("kind", "code"), [("Reorg", 2), ("PriorBox", 0)])
def test_zeros_of_a_prototxt(run, tmp_path, kind, code):
    """What is unknown and read by nothing has any shape."""
    (tmp_path / "net.prototxt").write_text(CAFFE.format(kind, FIELDS[kind].format("0")), "utf-8")
    assert run(None, "shapes", "net.prototxt")[0] == code


def test_json_of_large_counts_is_valid(run):
    text = "input: 1000000000x1000000000x1000000000\nlayers: [relu]\n"
    code, out, _ = run(text, "flops", "net.yaml", "--format", "json")
    assert code == 0
    assert json.loads(out)["totals"]["flops"] == 10**27
