"""Attention layers, and EinsumDense, of which they are made in Keras.

Source: Keras 3.15.1, layers/attention/ (multi_head_attention.py, grouped_query_attention.py, attention.py,
additive_attention.py) and layers/core/einsum_dense.py: the weights and the shapes of what they compute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnncalc.importers.keras.activations import activate
from cnncalc.importers.keras.config import whole
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Step, UnsupportedError, Value, product
from cnncalc.limits import LARGEST_NUMBER
from cnncalc.symbolic import Size

MASKS = ("attention_mask", "mask", "query_mask", "value_mask", "key_mask")


def heads(step: Step, trace: Tracing) -> Value:
    """MultiHeadAttention and GroupQueryAttention: projections of queries, keys and values, attention, and one more."""
    query, value, key = _tensors(step)
    grouped = step.kind != "MultiHeadAttention"
    count = step.config.count("num_query_heads" if grouped else "num_heads")
    size = step.config.count("head_dim" if grouped else "key_dim")
    fewer = step.config.count("num_key_value_heads") if grouped else count
    values = step.config.count("value_dim", default=size)
    out = _width(step, query.shape[-1])
    bias = step.config.flag("use_bias", default=True)
    widths = {"query": (query, count * size), "key": (key, fewer * size), "value": (value, fewer * values)}
    if (why := _unlike(step, (query, value, key))) is not None:
        pairs = [*((each.shape[-1], width) for each, width in widths.values()), (count * values, out)]
        params = sum(((read + bias) * width for read, width in pairs), start=0)
        raise UnsupportedError(why, (*query.shape[:-1], out), params)
    read = [_projected(step, trace, *widths[part], bias, part) for part in widths]
    arguments: dict[str, object] = {"num_heads": count}
    if fewer != count:
        arguments["num_kv_heads"] = fewer
    if step.options.get("use_causal_mask") is True:
        arguments["is_causal"] = True
    made = trace.add(step, "attention", arguments, *read, moved=True)
    return _projected(step, trace, made, out, bias, "attention_output")


def _projected(step: Step, trace: Tracing, value: Value, width: Size, bias: bool, part: str) -> Value:
    arguments = {"out_features": width, "bias": bias, "axis": "channels"}
    return trace.add(step, "linear", arguments, trace.in_form(step, value, True), part=part)


def _tensors(step: Step) -> tuple[Value, Value, Value]:
    """The queries, values and keys of a call; the keys are the values where there are none."""
    given: list[Any] = step.args[0] if step.args and isinstance(step.args[0], list) else step.args
    named = [step.options.get(name) for name in ("query", "value", "key")]
    read = [each for each in (*given[:3], *named) if isinstance(each, Value)][:3]
    if len(read) < 2:
        step.refuse(f"it needs a query and a value, got {len(read)} tensor{'s' if len(read) != 1 else ''}")
    return read[0], read[1], read[-1]


def _unlike(step: Step, tensors: tuple[Value, ...]) -> str | None:
    """Why an attention of Keras is none of ours; None if it is one."""
    axes = step.config.get("attention_axes", "_attention_axes")
    every = list(range(1, tensors[0].rank))
    listed = axes if isinstance(axes, list) else every if axes is None else [axes]
    positions = sorted(axis % (tensors[0].rank + 1) for axis in listed if isinstance(axis, int))
    if any(step.options.get(name) is not None for name in MASKS) or len(step.inputs) > 3:
        return "with a mask"
    if min(value.rank for value in tensors) < 2 or positions != every:
        return "over some of the axes"
    if step.options.get("return_attention_scores") is True:
        return "it returns its scores too"
    return "it is gated" if step.config.flag("use_gate", default=False) else None


def _width(step: Step, default: Size) -> Size:
    """The last size of an attention's output."""
    if step.config.get("output_shape") is None:
        return default
    return step.config.sizes("output_shape", rank=1)[0]


def scores(step: Step, trace: Tracing) -> Value:
    """Attention and AdditiveAttention, which have no projections: without a learned factor, products and a softmax."""
    query, value, key = _tensors(step)
    if min(query.rank, value.rank, key.rank) < 2:
        step.refuse("it needs steps and features")
    shape = (*query.shape[:-1], value.shape[-1])
    number, width = product(query.shape[:-1]) * key.shape[-2], query.shape[-1]
    macs = number * (width + value.shape[-1])
    additive = step.kind == "AdditiveAttention"
    concat, scaled = step.config.get("score_mode") == "concat", step.config.flag("use_scale", default=additive)
    if additive or concat or scaled:
        learned = (width if additive else 1) * scaled + concat
        raise UnsupportedError("no equivalent layer", shape, learned, macs)
    special = step.options.get("use_causal_mask") is True or any(step.options.get(name) is not None for name in MASKS)
    if special or query.rank != 2 or step.options.get("return_attention_scores") is True:
        raise UnsupportedError("with a mask, of maps, or with its scores", shape, 0, macs)
    asked, keys, values = (trace.in_form(step, trace.ordered(each), False) for each in (query, key, value))
    turned = trace.add(step, "permute", {"dims": [2, 1]}, keys, moved=False)
    weights = trace.add(step, "matmul", {}, asked, turned, moved=False)
    weights = trace.add(step, "softmax", {"dim": 2}, weights, moved=False)
    return trace.add(step, "matmul", {}, weights, values, moved=False)


def einsum(step: Step, trace: Tracing) -> Value:
    """EinsumDense: a linear layer where it acts on the last axis alone; else its weights and MACs are known."""
    written, value = step.config.word("equation").replace(" ", ""), step.first
    elided = written.startswith("...")
    letters = re.fullmatch(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)", written.replace("...", "") if elided else written)
    if letters is None:
        step.config.expect("an equation such as 'ab,bc->ac'", "equation")
    entering, kernel, out = letters.groups()
    if not elided:  # the batch has a letter too
        entering, out = entering[1:], out[1:]
    if len(entering) > value.rank or (len(entering) < value.rank and not elided):
        step.refuse(f"its equation names {len(entering)} axes, the input has {value.rank}", "equation")
    front = value.shape[: value.rank - len(entering)]
    sizes = dict(zip(entering, value.shape[len(front) :], strict=True))
    stated = step.config.get("output_shape")
    for letter, entry in zip(reversed(out), reversed(stated if isinstance(stated, list) else [stated]), strict=False):
        if (size := whole(entry)) is not None and 0 < size < LARGEST_NUMBER:
            sizes.setdefault(letter, size)
    biased = str(step.config.get("bias_axes") or "")
    if not sizes.keys() >= {*kernel, *out, *biased}:
        raise UnsupportedError("its sizes are not stated")
    one = bool(entering) and bool(out) and kernel == entering[-1] + out[-1]
    if one and entering[:-1] == out[:-1] and biased in ("", out[-1]):
        arguments: dict[str, object] = {"out_features": sizes[out[-1]], "bias": bool(biased)}
        if value.rank > 1:
            arguments["axis"] = "channels" if value.moved else "last"
        return activate(step, trace, trace.add(step, "linear", arguments, value))
    shape = (*front, *(sizes[letter] for letter in out))
    summed = [sizes[letter] for letter in {*kernel} if letter in entering and letter not in out]
    params = product([sizes[letter] for letter in kernel]) + (
        product([sizes[each] for each in biased]) if biased else 0
    )
    raise UnsupportedError("no equivalent layer", shape, params, product(shape) * product(summed))


ATTENDING: Mapping[str, Handler] = {
    **dict.fromkeys(("MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention"), heads),
    **dict.fromkeys(("Attention", "AdditiveAttention"), scores),
    "EinsumDense": einsum,
}
"""Class → how it is traced."""
