"""ONNX files: small networks, graphs of random operators in random forms, and changed bytes of both."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from onnx import helper

from cnncalc.importers.onnx.folding import FOLDS
from cnncalc.importers.onnx.patterns import PATTERNS
from cnncalc.importers.onnx.run import HANDLERS

from ..importers.onnx.models import model, weights
from .texts import mutate_bytes

NODES = [
    ("Conv", ["x", "w"], ["c"], {"pads": [1, 1, 1, 1]}),
    ("Relu", ["c"], ["r"]),
    ("Add", ["r", "c"], ["s"]),
    ("Flatten", ["s"], ["f"]),
    ("Gemm", ["f", "v", "b"], ["y"]),
]
WEIGHTS = {
    "w": weights(4, 3, 3, 3),
    "v": weights(256, 5),
    "b": weights(5),
    "k": np.array([1, -1, 4]),
    "e": np.array([]),
}
INPUTS = (
    {"x": ["batch", 3, 8, 8]},
    {"x": ["N", 3, "H", "W"]},
    {"x": [1, 3, 0, 8]},
    {"x": []},
    {"x": ["N", "C", "H", "H"]},
)
KINDS = sorted(HANDLERS.keys() | FOLDS.keys() | PATTERNS.keys() | {"If", "Loop", "Scan", "Identity", "Size", "Made-up"})
WORDS = """
axis axes perm pads strides kernel_shape dilations group alpha beta value value_ints to shape keepdims hidden_size mode
direction output_padding output_shape auto_pad ceil_mode epsilon num_outputs then_branch starts ends blocksize
"""
ATTRIBUTES = WORDS.split()
VALUES = [
    0,
    -1,
    7,
    2**62,
    1.5,
    float("nan"),
    "text",
    [0],
    [-1, 2**40],
    [1.5, 2.5],
    ["a"],
    [1] * 70,
    [2, 2],
    [1, 1, 1, 1],
]


USUAL: tuple[tuple[str, list[str], dict[str, Any]], ...] = (  # operators that take any map, with what else they read
    ("Conv", ["w"], {"pads": [1, 1, 1, 1]}),
    ("Relu", [], {}),
    ("MaxPool", [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("AveragePool", [], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    ("GlobalAveragePool", [], {}),
    ("Mul", ["h"], {}),
    ("Flatten", [], {}),
    ("Reshape", ["k"], {}),
    ("Transpose", [], {"perm": [0, 2, 3, 1]}),
    ("Shape", [], {}),
    ("Concat", ["x"], {"axis": 1}),
    ("Softmax", [], {}),
    ("Clip", [], {}),
    ("ReduceMean", [], {"keepdims": 0}),
    ("Identity", [], {}),
)


def make_onnx(rng: random.Random) -> bytes:
    """A file; half of them have changed bytes, which may not be a model at all."""
    made = misshape(rng) if rng.random() < 0.5 else _grow(rng)
    content: bytes = made.SerializeToString()
    return mutate_bytes(rng, content) if rng.random() < 0.2 else content


def misshape(rng: random.Random) -> Any:
    """The good network with one operator of the wrong form: fewer or more inputs, empty names, other attributes."""
    made = model(NODES, INPUTS[0], WEIGHTS)
    node = rng.choice(made.graph.node)
    node.op_type = rng.choice([node.op_type, *KINDS])
    for names in (node.input, node.output):
        chosen = [rng.choice([name, name, name, ""]) for name in names] + rng.choice([[], [], ["w"], ["b", "v"]])
        del names[:]
        names.extend(chosen[: rng.randint(0, len(chosen))])
    _add_attributes(rng, node)
    return made


def _grow(rng: random.Random) -> Any:
    """Operators of any kind that read what the earlier ones produce."""
    names, nodes = ["x"], []
    for number in range(rng.randint(1, 8)):
        kind, more, attributes = rng.choice(USUAL) if rng.random() < 0.85 else (rng.choice(KINDS), [], {})
        first = names[-1] if rng.random() < 0.8 else rng.choice(names)
        odd = [rng.choice([*names, *WEIGHTS]) for _ in range(rng.choice((0, 1, 2)))] if rng.random() < 0.1 else []
        names.append(f"t{number}")
        nodes.append((kind, [first, *more, *odd], [names[-1]], attributes))
    opset = rng.choice((7, 11, 13, 18, 21))
    made = model(nodes, rng.choice(INPUTS), WEIGHTS, outputs=(names[-1],), opset=opset)
    if rng.random() < 0.3:
        _add_attributes(rng, rng.choice(made.graph.node))
    return made


def _add_attributes(rng: random.Random, node: Any) -> None:
    for name in rng.sample(ATTRIBUTES, rng.choice((0, 0, 1, 2, 4))):
        node.attribute.append(helper.make_attribute(name, rng.choice(VALUES)))
