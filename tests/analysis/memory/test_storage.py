"""Whose memory tensors use: random chains of layers that view, permute, copy or keep channels last, against PyTorch."""

import random
import warnings

import pytest
import yaml

torch = pytest.importorskip("torch")

import cnncalc  # noqa: E402
from cnncalc.errors import SpecError, UsageError  # noqa: E402
from cnncalc.pytorch.verification.saved import verify_memory  # noqa: E402

from ...examples import FACTOR  # noqa: E402

CHAINS = 40 * FACTOR
AXES = ("channels", "last")
pytestmark = pytest.mark.usefixtures("two_threads")


def output_of(shape, layers):
    """The shape that leaves a list of layers."""
    return (
        cnncalc.parse(yaml.dump({"input": list(shape), "layers": ["identity", *layers]}), "chain")
        .graph()
        .nodes[-1]
        .output
    )


def draw_layer(rng, shape):
    """A layer that may not fit."""
    channels, rank = shape[0], len(shape)
    layers = [
        "gelu",
        "relu",
        "batchnorm",
        "dropout",
        "l2norm",
        "scale",
        {"groupnorm": 1},
        {"softmax": rng.randint(1, rank)},
    ]
    if rank == 1:
        return rng.choice([*layers, "layernorm", {"linear": rng.choice([3, channels])}])
    start = rng.randint(1, rank)
    sizes = {"kernel_size": 2, "stride": 1}
    padded = {"kernel_size": 3, "padding": "same", "padding_mode": rng.choice(["zeros", "reflect", "circular"])}
    moving = [
        {"linear": {"out_features": rng.choice([1, 3, channels]), "axis": rng.choice(AXES)}},
        {"layernorm": {"axis": rng.choice(AXES)}},
        {"permute": rng.sample(range(1, rank + 1), rank)},
        {"flatten": {"start_dim": start, "end_dim": rng.randint(start, rank)}},
        {"reshape": rng.sample(shape, rank)},
        {"slice": {"dim": rng.randint(1, rank), "start": rng.randint(0, 1), "step": rng.randint(1, 2)}},
        {"mean": {"dim": [rng.randint(1, rank)], "keepdim": rng.random() < 0.5}},
        {"conv": {"out_channels": rng.choice([4, channels]), **padded}},
        {"conv": {"out_channels": channels, "kernel_size": 1}},
    ]
    resizing = [
        {"adaptive_avgpool": rng.randint(1, 2)},
        {"adaptive_maxpool": 2},
        {"maxpool": sizes},
        {"avgpool": sizes},
        {"conv_transpose": {"out_channels": 3, **sizes}},
        {"locally_connected": {"out_channels": 3, "kernel_size": 1}},
        {"channel_shuffle": 2},
        {"crop": {"margin": 1}},
        {"pad": {"padding": 1}},
        {"upsample": 2},
        {"lrn": 3},
        "instancenorm",
        "global_avgpool",
    ]
    return rng.choice(rng.choice([layers, moving, moving, resizing]))


def grow(rng, shape, count):
    """That many layers, and the shape that leaves them."""
    layers = []
    while len(layers) < count:
        item = draw_layer(rng, shape)
        try:
            output = output_of(shape, [item])
        except SpecError:
            continue
        if 0 < len(output) < 5 and output[0] <= 64:
            shape = output
            layers.append(item)
    return layers, shape


def branch(rng, shape):
    """Branches that read one tensor twice and are joined."""
    first, output = grow(rng, shape, rng.randint(1, 2))
    second = first
    for _ in range(20):
        drawn, leaving = grow(rng, shape, rng.randint(1, 2))
        if leaving == output:
            second = drawn
            break
    merge = rng.choice(["add", "multiply", "concat"])
    if len(output) > 1 and output[-1] == output[-2] and rng.random() < 0.3:
        merge = "matmul"
    item = {"branches": {"merge": merge, "paths": [first, [] if output == shape and rng.random() < 0.3 else second]}}
    return item if merge != "matmul" else [{"sequence": first, "name": "q"}, {"matmul": {}, "from": ["q", "q"]}]


def draw_chain(seed):
    """A spec of 2 to 6 layers in a row, with branches between them."""
    rng = random.Random(f"storage {seed}")
    shape = (rng.choice([1, 2, 4, 6]), *(rng.choice([1, 2, 4, 5, 6]) for _ in range(rng.choice([1, 2, 2, 2, 3]))))
    first = rng.choice([{"layernorm": {"axis": "channels"}}, {"conv": {"out_channels": 4, "kernel_size": 1}}])
    begin, here = grow(rng, output_of(shape, [first]), rng.randint(1, 3))
    joined = branch(rng, here)
    layers = [first, *begin, *(joined if isinstance(joined, list) else [joined])]
    end, _ = grow(rng, output_of(shape, layers), rng.randint(1, 2))
    return yaml.dump({"name": "chain", "input": list(shape), "layers": [*layers, *end]}, sort_keys=False)


def check(text):
    """The figures of a spec, and PyTorch's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = verify_memory(cnncalc.parse(text, "chain").graph(), batch=2, shrink=False)
    assert found.ok, f"{list(found.differences())}\n{text}"
    return [row["saved"].ours for row in found.rows]


def test_random_chains():
    checked = 0
    for seed in range(CHAINS):
        try:
            check(draw_chain(seed))
        except UsageError:
            continue  # batchnorm of one value per channel
        checked += 1
    assert checked > CHAINS // 2


LINEARS = """
input: 8x4x4
layers:
  - {first}
  - branches:
      merge: add
      paths: [[linear: {{out_features: 8, axis: channels}}], [linear: {{out_features: 8, axis: channels}}]]
"""


def test_linear_over_channels_copies_a_contiguous_input_only():
    copy = 4 * 2 * 8 * 4 * 4
    norm = 4 * 2 * 2 * 4 * 4
    assert check(LINEARS.format(first="layernorm: {axis: channels}")) == [copy + norm, copy, 0, 0]
    assert check(LINEARS.format(first="relu")) == [0, copy, copy, 0]


def test_residual_blocks_of_linears():
    block = {
        "residual": [
            {"layernorm": {"axis": "channels"}},
            {"linear": {"out_features": 32, "axis": "channels"}},
            "gelu",
            {"linear": {"out_features": 8, "axis": "channels"}},
        ]
    }
    check(yaml.dump({"input": [8, 4, 4], "layers": [{"conv": {"out_channels": 8, "kernel_size": 1}}, block, block]}))


def test_flatten_after_locally_connected_is_a_copy():
    """Its positions are the outermost axes in memory."""
    text = "input: 2x3x3\nlayers: [locally_connected: {out_channels: 2, kernel_size: 2}, flatten, linear: 3]\n"
    check(text)
    assert cnncalc.parse(text, "flat").analyze().memory().activations[1].bytes
