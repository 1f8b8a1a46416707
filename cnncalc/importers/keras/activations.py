"""Activations: as a layer, as a field of another layer, and functions that are called like one."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from cnncalc.importers.keras.config import fraction
from cnncalc.importers.keras.tracing import Handler, Tracing, pointwise
from cnncalc.importers.keras.values import Step, UnsupportedError, Value, product

PLAIN: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "sigmoid": ("sigmoid", {}),
    "tanh": ("tanh", {}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "celu": ("celu", {}),
    "softplus": ("softplus", {}),
    "swish": ("silu", {}),
    "silu": ("silu", {}),
    "gelu": ("gelu", {}),
    "mish": ("mish", {}),
    "leaky_relu": ("leaky_relu", {"negative_slope": Fraction(1, 5)}),
    "hard_sigmoid": ("hardsigmoid", {}),
    "hard_silu": ("hardswish", {}),
    "hard_swish": ("hardswish", {}),
    "hard_tanh": ("hardtanh", {}),
    "abs": ("abs", {}),
    "absolute": ("abs", {}),
    "softmax": ("softmax", {}),
    "log_softmax": ("log_softmax", {}),
    "glu": ("glu", {}),
}
"""Keras's name of a function → our kind and the arguments that differ from ours."""
LINEAR = frozenset({"linear", ""})
ALONG_AXIS = frozenset({"softmax", "log_softmax", "glu"})
CLASSES = {
    "ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax", "PReLU": "prelu",
    "ThresholdedReLU": "thresholded_relu",
}  # fmt: skip


def activate(step: Step, trace: Tracing, value: Value) -> Value:
    """Return the tensor behind the activation that is a field of a layer."""
    name, given = step.config.find("activation")
    if isinstance(given, dict):
        kind, inner = given.get("class_name"), given.get("config")
        if isinstance(inner, str):  # a function: {"class_name": "function", "config": "relu6"}
            given = inner
        elif isinstance(kind, str):
            given, fields = CLASSES.get(kind, kind.lower()), inner if isinstance(inner, dict) else {}
            return apply(step, trace, value, given, fields)
    if given is None:
        return value
    if not isinstance(given, str):
        step.config.expect("the name of a function", name)
    return apply(step, trace, value, given, {})


def apply(step: Step, trace: Tracing, value: Value, name: str, fields: Mapping[str, Any]) -> Value:
    """Return the tensor behind a function of this name, with the fields of the class that has it."""
    name = name.rpartition(">")[2].rpartition(".")[2]  # keras.activations.relu, Custom>name
    name = _snake(name) if name not in PLAIN else name
    if name in LINEAR:
        return value
    if name == "hard_sigmoid" and "module" not in step.layer.outer.values:
        return _older_hard_sigmoid(step, trace, value)
    if name not in PLAIN:
        return _unknown(step, trace, value, name)
    kind, arguments = PLAIN[name]
    kind, arguments = _adjusted(kind, dict(arguments), fields)
    if kind in ALONG_AXIS:
        axis = fields.get("axis", -1)
        axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
        if not isinstance(axis, int) or axis % (value.rank + 1) == 0:
            return _unknown(step, trace, value, name)
        arguments["dim"] = value.dim(axis)
    return pointwise(trace.add(step, kind, arguments, value), value)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and n else c.lower() for n, c in enumerate(name))


def _adjusted(kind: str, arguments: dict[str, object], fields: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    """Apply the fields of a class to the function that it has."""
    read = {name: fraction(value) for name, value in fields.items()}
    slope = read.get("negative_slope", read.get("alpha"))
    most = read.get("max_value")
    if kind == "relu" and most is not None:
        return ("relu6", {}) if most == 6 and not slope else ("hardtanh", {"min_val": 0, "max_val": most})
    if kind in ("relu", "leaky_relu") and slope is not None and (slope or kind == "leaky_relu"):
        return "leaky_relu", {"negative_slope": slope}
    if kind in ("elu", "celu") and slope is not None:
        arguments["alpha"] = slope
    if kind == "gelu" and fields.get("approximate") is True:
        arguments["approximate"] = "tanh"
    return kind, arguments


def _older_hard_sigmoid(step: Step, trace: Tracing, value: Value) -> Value:
    """min(max(0, 0.2·x + 0.5), 1), which Keras 1 and 2 have under this name."""
    scaled = trace.add(step, "rescale", {"factor": Fraction(1, 5), "offset": Fraction(1, 2)}, value)
    return pointwise(trace.add(step, "hardtanh", {"min_val": 0, "max_val": 1}, scaled), value)


def _unknown(step: Step, trace: Tracing, value: Value, name: str) -> Value:
    """A function that no layer is: its cost is not known, its shape is that of its input."""
    trace.unknown.setdefault(f"the activation {name[:60]}", "no equivalent layer")
    arguments = {"op": name[:60], "shape": list(value.ours), "params": 0}
    return pointwise(trace.add(step, "unknown", arguments, value, part=name[:60]), value)


def activation(step: Step, trace: Tracing) -> Value:
    """Activation."""
    return activate(step, trace, step.first)


def of_class(step: Step, trace: Tracing) -> Value:
    """ReLU, LeakyReLU, ELU, Softmax: functions with fields."""
    config, fields = step.config, dict(step.config.values)
    for name in ("alpha", "negative_slope", "max_value"):
        if fields.get(name) is not None:
            fields[name] = float(config.number(name))
    if step.kind == "LeakyReLU" and fields.get("alpha") is None and fields.get("negative_slope") is None:
        fields["alpha"] = 0.3
    limited = fields.get("threshold") not in (None, 0, 0.0)
    sloped = fields.get("max_value") is not None and fields.get("negative_slope") not in (None, 0, 0.0)
    if step.kind == "ReLU" and (limited or sloped):
        return _unknown(step, trace, step.first, "relu")
    return apply(step, trace, step.first, CLASSES[step.kind], fields)


def prelu(step: Step, trace: Tracing) -> Value:
    """PReLU: a slope per channel where the spatial axes share theirs; else a slope per element."""
    value, shared = step.first, step.config.get("shared_axes") or []
    sizes = [1 if axis in shared else size for axis, size in enumerate(value.shape, 1)]
    alone = [axis for axis, size in enumerate(sizes, 1) if size != 1]
    if value.rank > 1 and (len(alone) > 1 or (alone and alone[0] not in (1, value.rank))):
        raise UnsupportedError("it has a slope per element", value.shape, product(sizes), None)
    if value.rank > 1 and alone:
        value = trace.in_form(step, value, alone[0] == value.rank)
    return pointwise(trace.add(step, "prelu", {"num_parameters": product(sizes)}, value), value)


ACTIVATIONS: Mapping[str, Handler] = {
    "Activation": activation,
    **dict.fromkeys(("ReLU", "LeakyReLU", "ELU", "Softmax"), of_class),
    "PReLU": prelu,
}
"""Class → how it is traced."""
