"""Adds memory to the JSON document `cnncalc/1`: bytes per layer, totals, the peak, and optionally training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.analysis.memory.memory import Memory
from cnncalc.analysis.memory.moment import Moment
from cnncalc.analysis.memory.training import Training
from cnncalc.symbolic import Size


def add_memory(document: dict[str, Any], memory: Memory, training: bool = False) -> dict[str, Any]:
    """Add the memory figures to a document, and return it; its other figures stay those of one sample."""
    layers: Sequence[dict[str, Any]] = document["layers"]
    for layer, activation in zip(layers, memory.activations, strict=True):
        layer["activation_bytes"] = _size(activation.bytes)
        layer["memory_of"] = activation.memory_of
        if training:
            layer["saved_bytes"] = _size(memory.training.saved_by(activation.name))
    document["batch"], document["dtype"] = _size(memory.batch), memory.dtype
    document["totals"] |= {
        "weight_bytes": _size(memory.weights),
        "buffer_bytes": _size(memory.buffers),
        "input_bytes": _size(memory.inputs),
        "activation_bytes": _size(memory.activation_bytes),
        "peak_bytes": _size(memory.peak.bytes),
        "inference_bytes": _size(memory.inference_bytes),
    }
    document["totals"]["at_least"] = document["totals"].get("at_least", False) or memory.at_least
    document["peak"] = _moment(memory.peak)
    if training:
        document["training"] = _training(memory.training, memory.optimizer)
        if memory.unfused:
            other = memory.unfused.training
            document["training"]["unfused"] = {"saved_bytes": _size(other.saved), "training_bytes": _size(other.bytes)}
    return document


def _training(training: Training, optimizer: str) -> dict[str, Any]:
    return {
        "optimizer": optimizer,
        "weight_bytes": _size(training.weights),
        "buffer_bytes": _size(training.buffers),
        "gradient_bytes": _size(training.gradients),
        "optimizer_bytes": _size(training.optimizer),
        "input_bytes": _size(training.inputs),
        "saved_bytes": _size(training.saved),
        "peak_bytes": _size(training.peak.bytes),
        "training_bytes": _size(training.bytes),
        "at_least": training.at_least,
        "peak": _moment(training.peak),
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "layer": moment.node,
        "backward": moment.backward,
        "again": list(moment.again),
        "alive": [{"name": live.name, "bytes": _size(live.bytes)} for live in moment.alive],
    }


def _size(size: Size | None) -> int | str | None:
    return size if size is None or isinstance(size, int) else str(size)
