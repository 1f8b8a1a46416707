"""One door: whatever names a network on the command line opens in Python; what is to be known of it is a warning."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc
from cnncalc.importers import FORMATS, format_of
from cnncalc.loading.names import is_item
from cnncalc.source import reading

NET = """
input: 3x8x8
params: {width: 4}
variants:
  wide: {width: 8}
layers:
  - conv: {out_channels: width, kernel_size: 3}
"""
PROTOTXT = """
name: "Net"
input: "data"
input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 4 kernel_size: 3 } }
"""


def printed(*arguments: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "cnncalc", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "net.prototxt").write_text(PROTOTXT)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("net.yaml", 112),
        ("net.yaml@wide", 224),
        (Path("net.yaml"), 112),
        ("net.prototxt", 112),
        (Path("net.prototxt"), 112),
        ("alexnet", 60_965_224),
        ("resnet@18", 11_689_512),
        ("AlexNet", 60_965_224),
    ],
)
def test_what_has_an_input(folder, name, params):
    assert cnncalc.load(name).analyze().params == params


@pytest.mark.parametrize(
    "item",
    ["conv: {out_channels: 10, kernel_size: 5}", "[flatten, linear: 10]", "- relu\n- relu", "relu"],
)
def test_a_layer_written_out(folder, item):
    assert cnncalc.load(item).analyze(input=(3, 32, 32)).inputs == {"input": (3, 32, 32)}


def test_a_path_is_a_file_even_where_its_name_is_that_of_a_layer(folder):
    with pytest.raises(cnncalc.UsageError, match="relu: no such file"):
        cnncalc.load(Path("relu"))
    Path("relu").write_text(NET)
    assert cnncalc.load("relu").analyze().params == 112


def test_the_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
    assert cnncalc.load("-").analyze().params == 112


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_out_of_git(folder, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    monkeypatch.delenv("GIT_DIR", raising=False)
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "a"]):
        subprocess.run(["git", *arguments], check=True, capture_output=True)
    Path("net.yaml").write_text(NET.replace("kernel_size: 3", "kernel_size: 5"))
    assert cnncalc.load("HEAD:net.yaml").analyze().params == 112
    assert cnncalc.load("HEAD:net.yaml@wide").analyze().params == 224
    assert cnncalc.load("net.yaml").analyze().params == 304
    with pytest.raises(cnncalc.UsageError, match="out of git only a spec is read"):
        cnncalc.load("HEAD:net.prototxt")
    assert cnncalc.check("HEAD:net.yaml@wide").networks == 1
    assert "112 parameters" in printed("shapes", "HEAD:net.yaml")
    assert printed("check", "HEAD:net.yaml").startswith("1 spec, 2 networks")
    assert printed("show", "HEAD:net.yaml@wide") == NET


def test_warnings_point_at_the_caller(folder):
    with pytest.warns(UserWarning, match=r"no file lenet5\.yaml here: using the shipped network") as warned:
        cnncalc.load("lenet5.yaml")
    assert [Path(each.filename).name for each in warned] == ["test_loading.py"]
    said: list[str] = []
    cnncalc.load("lenet5.yaml", warn=said.append)
    assert said == ["no file lenet5.yaml here: using the shipped network"]


def test_what_an_import_cannot_say_is_a_warning(folder):
    text = PROTOTXT + 'layer { name: "odd" type: "Odd" bottom: "conv" top: "odd" }\n'
    Path("net.prototxt").write_text(text)
    with pytest.warns(UserWarning, match=r"Net: .*Odd") as warned:
        spec = cnncalc.import_network("net.prototxt", flat=True)
    assert [Path(each.filename).name for each in warned] == ["test_loading.py"]
    assert spec.text.startswith("name: Net\n")
    assert cnncalc.parse(spec.text).graph().nodes[0].kind == "conv"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "an empty SPEC"),
        ("  ", "an empty SPEC"),
        ("alexne", "did you mean 'alexnet'"),
        ("resnet50", "did you mean 'resnet@50'"),
        ("no.prototxt", "no.prototxt"),
        ("no such thing:net.yaml", "no such thing:net.yaml: "),
    ],
)
def test_faults_are_sentences(folder, name, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        cnncalc.load(name)


def test_a_layer_without_the_space_after_its_colon():
    with pytest.raises(cnncalc.SpecError, match="no space after the colon of 'linear'"):
        cnncalc.load("linear:3")


def test_an_import_that_is_only_analysed_reads_no_text(folder, monkeypatch):
    read: list[str] = []
    events = reading.events
    monkeypatch.setattr(reading, "events", lambda text: read.append(text) or events(text))
    spec = cnncalc.load("net.prototxt")
    assert spec.analyze().params == 112
    assert cnncalc.diff(spec, "net.prototxt").equal
    assert read == []


def test_import_network_takes_what_is_imported():
    with pytest.raises(
        cnncalc.UsageError,
        match=r"'alexnet': expected net\.onnx, net\.prototxt, .*, model\.h5, yolov8\.yaml or torch:",
    ):
        cnncalc.import_network("alexnet")
    with pytest.raises(cnncalc.UsageError, match="only a torch: factory takes arguments"):
        cnncalc.import_network("net.onnx", arguments={"width": "2"})


def test_the_table_of_formats():
    """Each row alone recognises its own example, unless files must hold a mark; its reader is there."""
    for each in FORMATS:
        own = [] if each.mark else [each]
        assert [row for row in FORMATS if row.recognises(each.example)] == own
        assert format_of(each.example) is (each if own else None)
        assert not is_item(each.example)
        assert bool(each.suffixes) != bool(each.prefix)
        module, function = each.reader.split(":")
        text = (Path(cnncalc.__file__).parent / "importers" / module / "__init__.py").read_text("utf-8")
        assert f"def {function}(" in text or f'"{function}"' in text
    assert format_of("torch:nets.py:make,weights=a.onnx").prefix == "torch:"
    assert format_of("alexnet") is None


@pytest.mark.parametrize("before", ["", "- "])
@pytest.mark.parametrize("length", [200, 256, 300, 1000, 5000])
def test_a_layer_written_out_may_be_of_any_length(folder, before, length):
    layers = [f"{before}relu"] * (length // 6 + 1)
    text = "\n".join(layers) if before else f"[{', '.join(layers)}]"
    assert len(text) >= length
    assert len(cnncalc.load(text).analyze(input=(3, 8, 8)).layers) == len(layers)


@pytest.mark.parametrize(
    ("item", "layer"),
    [
        ("Conv2d(3, 8, 5)", "conv: {out_channels: 8, kernel_size: 5}"),
        ("nn.Conv2d(3, 8, kernel_size=5)", "conv: {out_channels: 8, kernel_size: 5}"),
        ("conv 8 5", "conv: {out_channels: …, kernel_size: …}"),
    ],
)
def test_a_layer_as_code_or_with_words_says_how_it_is_written(folder, item, layer):
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(item)
    assert f"write '- {layer}'" in str(caught.value)
    Path(item).write_text(NET)
    assert cnncalc.load(item).analyze().params == 112


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nets/net30.yaml", "nets/net3.yaml"),
        ("nets/net3.yml", "nets/net3.yaml"),
        ("nets/inne", "nets/inner"),
        ("alexnt", "alexnet"),
        ("alexnt.yaml", "my_alexnt.yaml"),
        ("nets/alexnt", "alexnet"),
    ],
)
def test_a_missing_file_may_be_one_nearby(folder, name, meant):
    Path("nets/inner").mkdir(parents=True)
    for path in ("nets/net3.yaml", "nets/net30.txt", "my_alexnt.yaml"):
        Path(path).write_text(NET)
    with pytest.raises(cnncalc.UsageError) as caught:
        cnncalc.load(name)
    shown = str(Path(meant)) if "/" in meant else meant
    assert str(caught.value) == f"no such file or shipped network: {name} (did you mean '{shown}'?)"


@pytest.mark.parametrize("name", ["gone/net.yaml", "nets/x\0.yaml", "zzzz/qqqq"])
def test_a_missing_file_without_anything_like_it(folder, name):
    with pytest.raises(cnncalc.UsageError, match="'cnncalc list' lists the shipped networks"):
        cnncalc.load(name)


def test_a_name_of_any_length_is_not_a_file(folder):
    with pytest.raises(cnncalc.UsageError, match="no such file or shipped network"):
        cnncalc.load("x" * 5000)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("net.cfg", r"which begins with \[net\]"),
        ("net.lua", "not a layer list of Torch7"),
        ("net.js", "not a layer list of ConvNetJS"),
        ("net.weights", "Darknet"),
        ("net.json", "nor a Keras model"),
        ("net.pb", "tf2onnx"),
        ("net.tflite", r"tf2onnx\.convert --tflite net\.tflite"),
        ("net.pt", "torch:package.module:factory"),
        ("NET.PTH", "torch:package.module:factory"),
        ("net.safetensors", "torch:package.module:factory"),
        ("net.caffemodel", "prototxt"),
        ("net.mlmodel", "ONNX"),
        ("net.engine", "ONNX"),
        ("net.xml", "ONNX"),
        ("net.pdmodel", "paddle2onnx"),
        ("net.py", "torch:net.py:Net"),
        ("net.ipynb", "torch:net.py:Net"),
    ],
)
@pytest.mark.parametrize("content", [None, b"{}", b"\x89HDF\r\n\x1a\n\0"])
def test_a_file_in_another_format_says_what_can_be_done(folder, name, how, content):
    if content is not None:
        Path(name).write_bytes(content)
    with pytest.raises(cnncalc.UsageError, match=how):
        cnncalc.load(name)
    with pytest.raises(cnncalc.UsageError, match=how):
        cnncalc.import_network(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("net.json", '{"input": [3, 8, 8], "layers": ["relu"]}'),
        ("net.cfg", "input: 3x8x8\nlayers: [relu]\n"),
        ("net.txt", "input: 3x8x8\nlayers: [relu]\n"),
    ],
)
def test_a_spec_is_read_whatever_its_suffix(folder, name, text):
    Path(name).write_text(text)
    assert cnncalc.load(name).analyze().outputs == {"output": (3, 8, 8)}
