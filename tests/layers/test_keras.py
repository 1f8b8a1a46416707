"""Keras's own layer tests, written as specs: `same`, `causal`, and its transposed convolutions in our words.

Keras keeps the channels last, so that sizes are turned round. Its transposed layers: `valid` gives
size·stride + max(kernel − stride, 0), so that the high side gets stride − kernel rows where the stride is larger;
`same` takes ⌊kernel/2⌋ rows off each side (keras/src/backend/common/backend_utils.py).
"""

import csv
import json
from pathlib import Path

import pytest

import cnncalc

TABLE = Path(__file__).parents[1] / "data" / "keras_layer_tests.csv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))


def axes(value, rank):
    return list(value) * (rank if len(value) == 1 else 1) if isinstance(value, list) else [value] * rank


def turned(sizes, told):
    """Without the batch, channels first."""
    sizes = [int(size) for size in sizes.split("x")][1:]
    return sizes if told.get("data_format") == "channels_first" or len(sizes) == 1 else [sizes[-1], *sizes[:-1]]


def sliding(told, rank):
    kernel, stride = axes(told["kernel_size"], rank), axes(told.get("strides", 1), rank)
    dilation = axes(told.get("dilation_rate", 1), rank)
    padding = told.get("padding", "valid")
    if padding == "causal":
        padding = [[step * (size - 1), 0] for size, step in zip(kernel, dilation, strict=True)]
    return {"kernel_size": kernel, "stride": stride, "dilation": dilation, "padding": padding}


def transposed(told, rank):
    found = sliding(told, rank)
    if told["padding"] == "same":
        padding, extra = [size // 2 for size in found["kernel_size"]], axes(told["output_padding"], rank)
    else:
        pairs = zip(found["stride"], found["kernel_size"], strict=True)
        padding, extra = 0, [max(stride - kernel, 0) for stride, kernel in pairs]
    return {**found, "padding": padding, "output_padding": extra}


def pooled(told, rank):
    return {"kernel_size": told["pool_size"], "stride": told["strides"], "padding": told["padding"]}


def layers(name, told, rank):
    """The items of a spec for one layer of Keras's."""
    if name.startswith("SeparableConv"):
        wide = {**sliding(told, rank), "out_channels": f"in_channels * {told['depth_multiplier']}"}
        pointwise = {"out_channels": told["filters"], "kernel_size": 1}
        return [{"conv": {**wide, "groups": "in_channels", "bias": "false"}}, {"conv": pointwise}]
    if name.startswith("DepthwiseConv"):
        wide = {**sliding(told, rank), "out_channels": f"in_channels * {told['depth_multiplier']}"}
        return [{"conv": {**wide, "groups": "in_channels"}}]
    if name.endswith("Transpose"):
        return [{"conv_transpose": {"out_channels": told["filters"], **transposed(told, rank)}}]
    if name.startswith("Conv"):
        return [{"conv": {"out_channels": told["filters"], "groups": told.get("groups", 1), **sliding(told, rank)}}]
    if name.startswith("Global"):
        kind = "global_avgpool" if "Average" in name else "global_maxpool"
        return [kind] if told["keepdims"] else [kind, "flatten"]
    if name.startswith(("AveragePooling", "MaxPooling")):
        return [{"avgpool" if name.startswith("A") else "maxpool": pooled(told, rank)}]
    if name.startswith("UpSampling"):
        return [{"upsample": told["size"]}]
    return [{"reshape": told["target_shape"]}]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['layer']} {row['init_kwargs']}")
def test_the_same_size_leaves(row):
    told = json.loads(row["init_kwargs"])
    if row["layer"] == "Reshape":
        told["data_format"] = "channels_first"  # it turns nothing round
    entering, leaving = turned(row["input_shape"], told), turned(row["output_shape"], told)
    items = layers(row["layer"], told, len(entering) - 1)
    report = cnncalc.parse(json.dumps({"input": entering, "layers": items})).analyze()
    assert list(report.outputs["output"]) == leaving
    if row["trainable_weights"] and "lora_rank" not in told:  # which adds weights of its own
        assert sum(len(layer.node.weights) for layer in report.layers) == int(row["trainable_weights"])
