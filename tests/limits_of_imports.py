"""What each limit on imports lets pass, and what not: as `tests/limits.py` has it for the others."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from cnncalc.checkpoints.header import read_header
from cnncalc.checkpoints.index import read_index
from cnncalc.errors import Source
from cnncalc.importers.caffe import text as prototxt
from cnncalc.importers.caffe.trace import read_prototxt
from cnncalc.importers.darknet import read_cfg
from cnncalc.importers.keras import read_keras
from cnncalc.importers.layer_lists import read_js, read_lua

from .checkpoints.files import save_index
from .checkpoints.files import write as save_header
from .limits import tries, write

NETWORK = """input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "a" type: "ReLU" bottom: "data" top: "a" } """


def onnx_file(nodes, functions=(), constants=None) -> Path:
    """A file with these operators, each as `model` takes it or made already."""
    pytest.importorskip("onnx")
    from .importers.onnx.models import model

    made = model([node for node in nodes if isinstance(node, tuple)], {"x": [1, 3, 8, 8]}, constants)
    made.graph.node.extend(node for node in nodes if not isinstance(node, tuple))
    made.functions.extend(functions)
    path = Path("net.onnx")
    path.write_bytes(made.SerializeToString())
    return path


def read_onnx(path: Path):
    from cnncalc.importers.onnx import read_onnx

    return read_onnx(path)


def relus(n: int) -> list[tuple[object, ...]]:
    return [("Relu", [f"t{i}" if i else "x"], [f"t{i + 1}" if i < n - 1 else "y"]) for i in range(n)]


@tries("LARGEST_ONNX", "larger than 0 MiB", lowered=("cnncalc.importers.onnx.model", 1000))
def onnx_of_bytes(n):
    path = onnx_file(relus(1))
    path.write_bytes(path.read_bytes() + padding_field(n - path.stat().st_size))
    read_onnx(path)


def padding_field(n: int) -> bytes:
    """A field of a model, its `doc_string`, that takes n bytes: its tag, two bytes of its length, its text."""
    size = n - 3
    return bytes([0x32, size & 0x7F | 0x80, size >> 7]) + b" " * size


@tries("MOST_OPERATORS", "operators, more than the limit of 50", lowered=("cnncalc.importers.onnx.model", 50))
def operators(n):
    read_onnx(onnx_file(relus(n)))


@tries("LARGEST_EXPANSION", "its functions expand to more than", lowered=("cnncalc.importers.onnx.model", 1000))
def expansion_of_functions(n):
    helper = pytest.importorskip("onnx").helper

    def function(text):
        inner = [helper.make_node("Relu", ["a"], ["b"])]
        return helper.make_function("own", "F", ["a"], ["b"], inner, [helper.make_opsetid("", 18)], doc_string=text)

    text = " " * (n - function(" " * 200).ByteSize() + 200)
    path = onnx_file([("F", ["x"], ["y"], {"domain": "own"})], functions=[function(text)])
    read_onnx(path)


@tries("DEEPEST_BRANCHES", "branches nested more than {:,} deep")
def branches(n):
    helper = pytest.importorskip("onnx").helper

    node = helper.make_node("Relu", ["x"], ["y"])
    for depth in range(n):
        graph = helper.make_graph([node], "g", [], [helper.make_tensor_value_info("y", 1, None)])
        node = helper.make_node("If", ["c"], ["y"], f"if{depth}", then_branch=graph)
    read_onnx(onnx_file([node], constants={"c": True}))


@tries("LARGEST_PROTOTXT", "larger than 16 MiB")
def prototxt_of_bytes(n):
    read_prototxt(write("net.prototxt", NETWORK + "#", n))


@tries("DEEPEST_MESSAGES", "messages nested more than {:,} deep")
def messages(n):
    prototxt.parse(Source("net", "a { " * n + "}" * n))


@tries("LONGEST_TEXT", "a quoted string of more than {:,} characters")
def quoted(n):
    prototxt.parse(Source("net", f'a: "{"x" * (n - 2)}"'))


@tries("MOST_TOKENS", "more than {:,} words and signs")
def tokens(n):
    prototxt.parse(Source("net", "a: 1 " + ";" * (n - 5)))


CFG = "[net]\nwidth=8\nheight=8\nchannels=3\n"


@tries("LARGEST_CFG", "larger than 4 MiB")
def cfg_of_bytes(n):
    read_cfg(write("net.cfg", f"{CFG}[maxpool]\nsize=2\n#", n))


@tries("MOST_SECTIONS", "more than 50 sections", lowered=("cnncalc.importers.darknet.sections", 50))
def sections(n):
    text = CFG + "[maxpool]\nsize=1\n" * n
    read_cfg(write("net.cfg", text, len(text)))


SCRIPT = "{type:'input', out_sx:8, out_sy:8, out_depth:3}, {type:'relu'} //"


@tries("LARGEST_SCRIPT", "larger than 0 MiB")
def script_of_bytes(n):
    read_js(write("net.js", SCRIPT, n))


@tries("MOST_SCRIPT_LAYERS", "more than 50 layers", lowered=("cnncalc.importers.layer_lists.tracing", 50))
def layers_of_a_script(n):
    Path("net.js").write_text(SCRIPT[:-2] + ", {type:'relu'}" * (n - 1))
    read_js("net.js")


@tries("DEEPEST_CONTAINERS", "containers nested more than {} deep")
def containers(n):
    made = [f"a{at + 1} = nn.Sequential():add(a{at})" for at in range(n - 1)]
    Path("net.lua").write_text("\n".join(["a0 = nn.ReLU()", *made, f"return a{n - 1}"]))
    read_lua("net.lua", (3, 8, 8))


def keras(layers, **options):
    return json.dumps({"class_name": "Sequential", "config": {"layers": layers}, **options})


ENTRY = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4]}}
RELU = {"class_name": "ReLU", "config": {}}


@tries("LARGEST_KERAS", "larger than 4 MiB")
def keras_of_bytes(n):
    read_keras(write("net.json", keras([ENTRY, RELU]), n))


@tries("MOST_KERAS_LAYERS", "more than 50 layers", lowered=("cnncalc.importers.keras.walk", 50))
def keras_layers(n):
    Path("net.json").write_text(keras([ENTRY, *[RELU] * n]))
    read_keras("net.json")


@tries("DEEPEST_MODELS", "nested more than {} deep")
def keras_models(n):
    model = {"class_name": "Sequential", "config": {"layers": [ENTRY, RELU]}}
    for _ in range(n):
        model = {"class_name": "Sequential", "config": {"layers": [ENTRY, model]}}
    Path("net.json").write_text(json.dumps(model))
    read_keras("net.json")


@tries("LARGEST_LIST", "its list of members is larger than 0 MiB", lowered=("cnncalc.importers.keras.archive", 1000))
def members_of_a_zip(n):
    with zipfile.ZipFile("net.keras", "w") as made:
        made.writestr("config.json", keras([ENTRY, RELU]))
        made.writestr("m" * (n - 46 - 46 - len("config.json")), "")
    read_keras("net.keras")


@tries("LARGEST_HEADER", "larger than 16 MiB")
def header_of_bytes(n):
    read_header(Path(save_header(Path("model.safetensors"), b"{}" + b" " * (n - 2))))


@tries("MOST_VALUES", "more than 1,000 values", lowered=("cnncalc.checkpoints.parsing", 1000))
def values_of_a_header(n):
    read_header(Path(save_header(Path("model.safetensors"), b'{"__metadata__":[' + b"1," * (n - 2) + b"1]}")))


@tries("MOST_SHARDS", "more than 1,000 files")
def shards(n):
    save_index(Path("x.index.json"), {f"{shard}.weight": f"{shard}.bin" for shard in range(n)})
    read_index(Path("x.index.json"))
