"""Names that Python has not, names that PyTorch or the file has already, and texts that would like to be code."""

import pytest

import cnncalc
from cnncalc.errors import UsageError
from cnncalc.exporters import to_source

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
