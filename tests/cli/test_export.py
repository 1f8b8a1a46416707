import importlib.util
import sys

import pytest

NEEDED = ("onnx", "onnxscript")


def test_to_the_standard_output(cnncalc):
    done = cnncalc("export", "lenet5")
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith('"""LeNet-5.\n')
    assert "class LeNet5(nn.Module):" in done.out
    assert cnncalc("export", "lenet5", "--to", "torch", "-o", "-").out == done.out


def test_to_a_file(cnncalc, tmp_path):
    done = cnncalc("export", "resnet@50", "-o", "net.py")
    assert (done.code, done.out, done.err) == (0, "", "")
    text = (tmp_path / "net.py").read_bytes().decode()
    assert "class ResNet50(nn.Module):" in text
    assert "\r" not in text
    assert text == cnncalc("export", "resnet@50").out


def test_with_settings(cnncalc):
    out = cnncalc("export", "unet", "--set", "width=8", "--input", "1xHxH", "--at", "H=188").out
    assert "[batch, 1, 188, 188] to [batch, 2, 4, 4]" in out
    assert "self.down1 = Double(1, 8)" in out


def test_a_lone_layer(cnncalc):
    out = cnncalc("export", "conv: {out_channels: 10, kernel_size: 5, padding: same, stride: 2}", "-i", "3x32x32").out
    assert "self.conv1 = nn.Conv2d(3, 10, 5, stride=2)" in out
    assert "return self.conv1(F.pad(x, (1, 2, 1, 2)))" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alexnet", "--input", "3xHxW"], "give the symbols values (H, W): --input 3x224x224 or --at H=224,W=224"),
        (["mobilenet_v2", "--set", "width=w"], "w"),
        (["alexnet", "--to", "keras"], "--to: expected one of torch, onnx, got 'keras'"),
        (["alexnt"], "did you mean 'alexnet'?"),
        (["alexnet", "--to", "onnx"], "specify a file: -o alexnet.onnx"),
        (["alexnet", "--opset", "20"], "--opset requires --to onnx"),
        (["alexnet", "--to", "onnx", "-o", "x.onnx", "--opset", "new"], "--opset: expected a whole number"),
        (["alexnet", "-o", "no/such/folder/net.py"], "no such file or directory"),
        (["conv: {out_channels: 3, kernel_size: 3}"], "--input"),
    ],
)
def test_faults(cnncalc, arguments, message):
    done = cnncalc("export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("absent", NEEDED)
def test_onnx_says_what_is_missing(cnncalc, monkeypatch, absent):
    real = importlib.util.find_spec
    monkeypatch.setattr("cnncalc.exporters.onnx.find_spec", lambda name: None if name == absent else real("sys"))
    done = cnncalc("export", "lenet5", "--to", "onnx", "-o", "net.onnx")
    assert done.code == 2
    assert done.err == f"cnncalc: --to onnx needs {absent}: pip install 'cnncalc[onnx]'\n"


def test_source_needs_no_torch(cnncalc, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert cnncalc("export", "alexnet").code == 0


@pytest.mark.skipif(not all(map(importlib.util.find_spec, NEEDED)), reason="needs cnncalc[onnx]")
@pytest.mark.parametrize(("name", "size"), [("lenet5", "1x32x32"), ("tcn", "1x60"), ("googlenet", "3x64x64")])
def test_onnx(cnncalc, tmp_path, name, size):
    import onnx

    done = cnncalc("export", name, "--input", size, "--to", "onnx", "-o", "net.onnx")
    assert (done.code, done.out, done.err) == (0, "", "")
    model = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(model)
    (entering,) = model.graph.input
    sizes = [dim.dim_param or dim.dim_value for dim in entering.type.tensor_type.shape.dim]
    assert sizes == ["batch", *map(int, size.split("x"))]
    assert [output.name for output in model.graph.output] == ["output"]


def test_an_unknown_operation_is_a_placeholder(cnncalc, tmp_path):
    (tmp_path / "gap.yaml").write_text("input: 4\nlayers: [relu, {unknown: {op: sort, shape: 4}}, {linear: 2}]")
    done = cnncalc("export", "gap.yaml")
    assert done.code == 0
    assert done.err == "replace before it runs, as the operation is unknown: unknown1 (sort)\n"
    assert 'self.unknown1 = Placeholder("sort", [4])' in done.out
    done = cnncalc("verify", "gap.yaml")
    assert done.code == 0
    assert "not confirmed, as the operation is unknown: unknown1 (sort)" in done.out
    assert "2 of 3 layers built in PyTorch" in done.out
    assert cnncalc("bench", "gap.yaml").err == "cnncalc: gap cannot be timed: unknown operations: unknown1 (sort)\n"
