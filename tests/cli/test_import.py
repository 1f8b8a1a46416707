"""`cnncalc import`, and a network from elsewhere as the SPEC of any command."""

import pytest
import torch  # noqa: F401 - the file is left out where it is not

MODEL = """
from torch import nn

class Net(nn.Module):
    def __init__(self, width=8, bias=True):
        super().__init__()
        print("made")
        self.conv = nn.Conv2d(1, width, 3, padding=1, bias=bias)
        self.fc = nn.Linear(width * 14 * 14, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv(x).relu(), 2)
        return self.fc(x.view(x.size(0), -1))

class Broken(Net):
    def forward(self, x):
        return self.fc(x)

class Chooses(Net):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x

def leaves():
    raise SystemExit(3)

def fails():
    raise ValueError("no\\nnetwork")

numbers = [1, 2]
def gives_numbers():
    return numbers
"""

SPEC = """\
name: Net
description: "imported from PyTorch: model.py:Net"

input: 1x28x28
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1}
    name: conv
  - relu
  - maxpool: 2
  - flatten
  - linear: 10
    name: fc

written:
  relu: operator
  maxpool: functional
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_import_writes_a_spec(cnncalc, model):
    done = cnncalc("import", "torch:model.py:Net", "--input", "1x28x28", "--flat")
    assert (done.code, done.out, done.err) == (0, SPEC, "")
    done = cnncalc("import", "torch:model.py:Net", "--input", "1x28x28")
    assert (done.code, done.err) == (0, "")
    assert done.out == SPEC.replace("    name: conv\n", "").replace("    name: fc\n", "")
    cnncalc(
        "import",
        "torch:model.py:Net",
        "--arg",
        "width=4",
        "--arg",
        "bias=false",
        "--input",
        "1x28x28",
        "-o",
        "net.yaml",
    )
    assert "conv: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}" in (model / "net.yaml").read_text()


def test_a_network_stands_for_a_spec(cnncalc, model):
    assert "7,890 parameters" in cnncalc("shapes", "torch:model.py:Net,width=4", "--input", "1x28x28").out
    assert "H ≡ 0 (mod 2)" in cnncalc("solve", "torch:model.py:Net", "--input", "1x28x28").out
    compared = cnncalc("diff", "torch:model.py:Net,width=4", "torch:model.py:Net,width=4", "--input", "1x28x28")
    assert (compared.code, "no difference" in compared.out) == (0, True)
    assert "a sweep needs a spec: cnncalc import torch:model.py:Net" in cnncalc("sweep", "torch:model.py:Net").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["torch:model.py:Net"], "torch:model.py:Net needs its input sizes: --input 3x224x224"),
        (["torch:model.py:Nett", "--input", "1x28x28"], "model.py has no 'Nett': did you mean 'Net'?"),
        (["torch:nets.py:Net", "--input", "1x28x28"], "no such file: nets.py"),
        (["torch:nowhere:Net", "--input", "1x28x28"], "package 'nowhere' is not installed"),
        (["torch:model.py", "--input", "1x28x28"], "expected package.module:factory or model.py:Net"),
        (["net.prototxt", "--arg", "a=3"], "net.prototxt: --arg a: only a torch: factory takes arguments"),
        (["net.onnx", "--arg", "a=3"], "net.onnx: --arg a: only a torch: factory takes arguments"),
        (["model.py:Net", "--input", "1x28x28"], "model.h5, yolov8.yaml or torch:package.module:factory"),
        (["torch:model.py:numbers", "--input", "1x28x28"], "expected a callable that returns a network, got list"),
        (["torch:model.py:gives_numbers", "--input", "1x28x28"], "expected a network (nn.Module), got list"),
        (["torch:model.py:leaves", "--input", "1x28x28"], "model.py:leaves: SystemExit: 3 (model.py:"),
        (["torch:model.py:fails", "--input", "1x28x28"], "model.py:fails: ValueError: no (model.py:"),
        (["torch:model.py:Net,size=3", "--input", "1x28x28"], "unexpected keyword argument 'size'"),
        (["torch:model.py:Net,3", "--input", "1x28x28"], "'3': expected name=value after a comma"),
        (["torch:model.py:Net", "--input", "1x20x20"], "Net on batch×1×20×20: 'fc' has in_features=1568, but its "),
        (["torch:model.py:Broken", "--input", "1x28x28"], "(model.py:17)"),
        (["torch:model.py:Chooses", "--input", "1x28x28"], "which a spec cannot express (model.py:21)"),
    ],
)  # fmt: skip
def test_faults_are_sentences(cnncalc, model, arguments, message):
    done = cnncalc("import", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err
    assert done.err.startswith("cnncalc: ")
    assert done.err.count("\n") == 1


def test_the_help_says_that_code_is_run(cnncalc):
    assert "THIS RUNS CODE" in cnncalc("import", "--help").out
