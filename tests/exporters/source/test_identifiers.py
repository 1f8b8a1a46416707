"""Names that Python has not, names that PyTorch or the file has already, and texts that would like to be code."""

import ast
import builtins

import pytest

import cnncalc
import cnncalc.shipped
from cnncalc.errors import UsageError
from cnncalc.exporters import to_source
from cnncalc.exporters.source.file import _read_written_out
from cnncalc.exporters.source.identifiers import OF_THE_FILE
from cnncalc.pytorch.recipes.code import literal

from ..agreement import check_numbers, check_shapes

AWKWARD = [
    "1", "007", "a-b", "class", "None", "return", "train", "forward", "type", "_modules", "__init__", "__x", "_", "x",
    "out", "self", "torch", "nn", "F", "Tensor", "OrderedDict", "skip", "output", "keys", "x" * 120,
]  # fmt: skip


def exported(text):
    graph = cnncalc.parse(text).graph()
    source = to_source(graph)
    check_shapes(graph, source)
    check_numbers(graph, source)
    return source


def item(name, body="conv: {out_channels: 4, kernel_size: 3, padding: 1}"):
    return f"  - {body}\n    name: '{name}'\n"


@pytest.mark.parametrize("name", AWKWARD)
def test_of_a_layer(name):
    exported("input: {i: [4, 5, 5]}\nlayers:\n  - relu\n" + item(name) + item(f"{name}2") + f"  - add: '{name}'\n")


@pytest.mark.parametrize("name", AWKWARD)
def test_of_a_level(name):
    """A chain, one that is none, and a repeat, under the name."""
    chain = "sequence: [{conv: {out_channels: 4, kernel_size: 1}}, relu, batchnorm]"
    joined = "sequence: [relu, residual: {body: [{conv: {out_channels: 4, kernel_size: 1}}], shortcut: [batchnorm]}]"
    for body in (chain, joined, f"{chain}\n    repeat: 3", f"{joined}\n    repeat: 2"):
        exported("input: {i: [4, 5, 5]}\nlayers:\n" + item(name, body))


@pytest.mark.parametrize("name", AWKWARD)
def test_of_layers_within(name):
    inner = f"[{{conv: {{out_channels: 4, kernel_size: 1}}, name: '{name}'}}, {{batchnorm: , name: 'b'}}]"
    for more in ("", "\n    repeat: 2\n    name: l"):
        exported(f"input: {{i: [4, 5, 5]}}\nlayers:\n  - sequence: {inner}{more or chr(10) + '    name: s'}\n")


@pytest.mark.parametrize("name", [name for name in AWKWARD if len(name) < 100])
def test_of_a_block_its_parameter_an_input_and_an_output(name):
    block = name.replace("-", "_").lstrip("0123456789_") or "b"
    block = f"{block}_" if block in ("None",) else block
    exported(
        f"input: {{'{name}': [3, 6, 6], other: [3, 6, 6]}}\nblocks:\n  {block}(type, kernel_size):\n"
        "    - conv: {out_channels: type, kernel_size: kernel_size, padding: same}\n    - relu\n"
        f"layers:\n  - concat:\n    from: ['{name}', other]\n"
        f"  - {block}: {{type: 4, kernel_size: 1}}\n    name: one\n"
        f"  - {block}: {{type: 8, kernel_size: 3}}\n    name: two\n"
        f"outputs: {{'{name}2': one, last: two}}\n"
    )


HOSTILE = [
    '"""\nimport os; os.abort()\n"""',
    "x\\",
    '\\"\\"\\"); import os #',
    "{__import__('os').abort()}",
    "\u202e\u2066 evil",
    "class A:\n  pass",
    "名",
    "",
    "4 + 4",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_text(text):
    graph = cnncalc.parse("input: 3x8x8\nlayers: [{conv: {out_channels: 2, kernel_size: 3}}]\n").graph()
    object.__setattr__(graph, "name", text)
    object.__setattr__(graph, "variant", text)
    source = to_source(graph, text)
    check_shapes(graph, source)
    assert "\u202e" not in source
    assert max(map(len, source.splitlines())) <= 88


def test_the_name_that_pytorch_writes_over():
    graph = cnncalc.parse("input: 3x8x8\nlayers:\n" + item("training")).graph()
    with pytest.raises(UsageError, match="PyTorch reserves the name 'training'"):
        to_source(graph)


TAKEN = ["F", "forward", "getattr", "half", "math", "nn", "range", "self", "super", "to", "torch", "type"]
HELPERS = ["center_crop", "pad_to", "padded_max_pool", "padded_avg_pool", "squash", "windows_that_begin_inside"]
HELPERS += ["attend", "attention", "channels_first", "gated", "merge_with", "split_heads", "take"]
MARKS = ["'", '"', "\\", "\\'", '\\"', "'\"", "\\\\'", "'\\", '"\\', "a'\"b"]


@pytest.mark.parametrize("name", [*TAKEN, "print", "x", "out", "float"])
def test_of_a_parameter(name):
    """Stored by the constructor, used by it and by the forward pass."""
    source = exported(
        f"input: 4x8x8\nblocks:\n  unit({name}=4, k=3):\n"
        f"    - conv: {{out_channels: {name}, kernel_size: k, padding: same}}\n    - channel_shuffle: {name}\n"
        f"    - leaky_relu: {name}/100\n    - residual: [conv: {{out_channels: {name}, kernel_size: 1}}]\n"
        f"layers:\n  - unit: {{{name}: 4}}\n  - unit: {{{name}: 8, k: 5}}\n"
    )
    assert "super().__init__()" in source


@pytest.mark.parametrize("name", [*TAKEN, *HELPERS, "class", "in", "print"])
def test_of_inputs_and_of_tensors(name):
    """The forward pass uses the functions that PyTorch lacks beside tensors of those names."""
    exported(
        f"input: {{{name}: 4x9x9, other: 4x7x7}}\nlayers:\n"
        f"  - conv: {{out_channels: 4, kernel_size: 3, padding: 1}}\n    from: {name}\n    name: {name}_\n"
        "  - crop: {like: other}\n    name: cropped\n  - add: other\n"
        f"  - pad: {{like: {name}}}\n  - add: {name}\n  - add: {name}_\n"
    )


def test_what_the_file_uses_is_reserved():
    """Builtins, modules and functions that the written source reads, in whichever class."""
    read = {
        node.id
        for name in ("alexnet", "inception_v3", "unet", "densenet", "googlenet", "lenet5")
        for node in ast.walk(ast.parse(to_source(cnncalc.load(name).graph())))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert set(HELPERS) == {name for name in _read_written_out() if name.islower()} <= OF_THE_FILE
    assert {name for name in read if hasattr(builtins, name)} - {"__name__"} <= OF_THE_FILE


@pytest.mark.parametrize("name", [*MARKS, "a b", "a/b-c.d:0", "a\\nb", "é…", "{0}", "%s", "#"])
def test_of_outputs(name):
    """Every character stays, in the file and in what the network returns."""
    quoted = "'" + name.replace("'", "''") + "'"
    graph = cnncalc.parse(
        "input: 3x8x8\nlayers:\n  - {relu: , name: r}\n  - {tanh: , name: t}\n"
        f"outputs: {{{quoted}: r, second: t}}\n"
    ).graph()  # fmt: skip
    returned = next(node for node in ast.walk(ast.parse(to_source(graph))) if isinstance(node, ast.Dict))
    assert [ast.literal_eval(key) for key in returned.keys] == list(graph.outputs) == [name, "second"]


@pytest.mark.parametrize("text", [*MARKS, "", "a", "\n\t\0", "\u202e"])
def test_every_text_is_written_as_itself(text):
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).startswith('"')
    assert literal(text).isprintable()
