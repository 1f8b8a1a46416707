"""Layers with weights that do not slide: Dense, Embedding, and the normalizations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.importers.keras.activations import activate
from cnncalc.importers.keras.config import fraction, whole
from cnncalc.importers.keras.sliding import is_last
from cnncalc.importers.keras.tracing import Handler, Tracing, pointwise
from cnncalc.importers.keras.values import Step, UnsupportedError, Value, product
from cnncalc.symbolic import Size


def dense(step: Step, trace: Tracing) -> Value:
    """Dense, over the last axis."""
    value = step.first
    if value.rank == 0:
        step.refuse("it needs at least one axis besides the batch")
    arguments: dict[str, Any] = {
        "out_features": step.config.count("units", "output_dim"),
        "bias": step.config.flag("use_bias", "bias", default=True),
    }
    if value.rank > 1:
        arguments["axis"] = "channels" if value.moved else "last"
    made = trace.add(step, "linear", arguments, value)
    return activate(step, trace, made._replace(free=value.rank == 1))


def embedding(step: Step, trace: Tracing) -> Value:
    """Embedding: a row of a table per number."""
    rows, width = step.config.count("input_dim"), step.config.count("output_dim")
    arguments = {"num_embeddings": rows, "embedding_dim": width}
    return trace.add(step, "embedding", arguments, trace.in_form(step, step.first, False), moved=True)


def batchnorm(step: Step, trace: Tracing) -> Value:
    """BatchNormalization: with γ and β, or with one of them, as a layer of its own."""
    config, value = step.config, step.first
    if config.values.get("mode") not in (None, 0):  # of Keras 1: statistics of the batch, or per sample
        raise UnsupportedError("a mode other than 0", value.shape)
    axis = _one_axis(step, value)
    channels = value.shape[axis - 1]
    scale, centre = config.flag("scale", default=True), config.flag("center", default=True)
    if value.rank > 1:
        if axis not in (1, value.rank):
            raise UnsupportedError(
                f"over axis {axis}", value.shape, channels * (scale + centre), None, kept=channels * 2
            )
        value = trace.in_form(step, value, value.moved if value.dim(axis) == 1 else axis == value.rank)
    if value.rank > 4:
        raise UnsupportedError(
            "over more than three spatial axes", value.shape, channels * (scale + centre), None, 2 * channels
        )
    eps, momentum = config.number("epsilon", default=fraction(1e-3)), config.number("momentum", default=fraction(0.99))
    arguments: dict[str, Any] = {"eps": eps, "momentum": 1 - momentum}
    if scale and centre:
        return pointwise(trace.add(step, "batchnorm", arguments, value), value)
    made = trace.add(step, "batchnorm", {**arguments, "affine": False}, value)
    if scale or centre:
        made = trace.add(step, "scale", {"factor": scale, "bias": centre}, made, part="gamma" if scale else "beta")
    return pointwise(made, value)


def _one_axis(step: Step, value: Value) -> int:
    """The axis of a normalization, counted with the batch; [3] in some files of TensorFlow."""
    given = step.config.get("axis")
    given = given[0] if isinstance(given, list) and len(given) == 1 else given
    axis = -1 if given is None else whole(given)
    if axis is None or not 1 <= (axis + value.rank + 1 if axis < 0 else axis) <= value.rank:
        step.config.expect(f"an axis from 1 to {value.rank}, or from the end", "axis")
    return axis % (value.rank + 1)


def layernorm(step: Step, trace: Tracing) -> Value:
    """LayerNormalization and RMSNormalization, over the last axis."""
    config, value = step.config, step.first
    scale = config.flag("scale", "gamma", default=True)
    centre = config.flag("center", default=True) and step.kind == "LayerNormalization"
    given = config.get("axis")
    axes = [whole(axis) for axis in (given if isinstance(given, list) else [-1 if given is None else given])]
    over = sorted(axis % (value.rank + 1) for axis in axes if axis is not None)
    if 0 in over or None in axes or not over:
        step.config.expect("axes other than the batch", "axis")
    weights = product([value.shape[axis - 1] for axis in over])
    rms = step.kind != "LayerNormalization" or config.flag("rms_scaling", default=False)
    if over != [value.rank] or (centre and not scale) or (rms and step.kind == "LayerNormalization"):
        raise UnsupportedError("no equivalent layer", value.shape, weights * (scale + centre), None)
    arguments: dict[str, Any] = {"eps": config.number("epsilon", default=fraction(1e-3))}
    if value.rank > 1:
        arguments["axis"] = "channels" if value.moved else "last"
    if not scale:
        arguments["elementwise_affine"] = False
    elif not centre and not rms:
        arguments["bias"] = False
    return pointwise(trace.add(step, "rmsnorm" if rms else "layernorm", arguments, value), value)


def groupnorm(step: Step, trace: Tracing) -> Value:
    """GroupNormalization; -1 groups stand for one per channel."""
    config, value = step.config, step.first
    axis = _one_axis(step, value)
    scale, centre = config.flag("scale", default=True), config.flag("center", default=True)
    channels = value.shape[axis - 1]
    groups = whole(config.get("groups")) if config.get("groups") is not None else 32
    if axis not in (1, value.rank) or value.rank < 2 or scale != centre:
        raise UnsupportedError("no equivalent layer", value.shape, channels * (scale + centre), None)
    value = trace.in_form(step, value, value.moved if value.dim(axis) == 1 else axis == value.rank)
    number: Size = channels if groups == -1 else config.count("groups", default=32)
    arguments = {"num_groups": number, "eps": config.number("epsilon", default=fraction(1e-3)), "affine": scale}
    return pointwise(trace.add(step, "groupnorm", arguments, value), value)


def unit(step: Step, trace: Tracing) -> Value:
    """UnitNormalization: our `l2norm`, by default over the last axis."""
    value, given = step.first, step.config.get("axis")
    axes = [whole(axis) for axis in (given if isinstance(given, list) else [-1 if given is None else given])]
    over = {axis % (value.rank + 1) for axis in axes if axis is not None}
    if 0 in over or None in axes or not over:
        step.config.expect("axes other than the batch", "axis")
    dims = sorted(value.dim(axis) for axis in over)
    arguments: dict[str, object] = {} if dims == [1] else {"dim": dims if len(dims) > 1 else dims[0]}
    return pointwise(trace.add(step, "l2norm", arguments, value), value)


def normalization(step: Step, trace: Tracing) -> Value:
    """Normalization by a mean and a variance: of the file, or adapted to data and stored, as a batchnorm stores them.

    Its momentum of 0 says that it never learns them; Keras stores a count besides, as a batchnorm does here.
    """
    value, config = step.first, step.config
    if config.get("mean") is not None:
        return fixed(step, trace)
    given = config.get("axis")
    given = given[0] if isinstance(given, list) and len(given) == 1 else given
    axis = -1 if "axis" not in config.values else whole(given) if given is not None else None
    if axis is None or axis % (value.rank + 1) != value.rank or value.rank > 4:
        raise UnsupportedError("no equivalent layer", value.shape, 0, None, kept=3)
    value = trace.in_form(step, value, True)
    arguments = {"eps": 0, "momentum": 0, "affine": False}
    return pointwise(trace.add(step, "batchnorm", arguments, value), value)


def fixed(step: Step, trace: Tracing) -> Value:
    """Normalization by numbers that the file states, which are no weights: one `rescale` where they are equal."""
    value, config = step.first, step.config
    means, variances = (_numbers(config.get(name)) for name in ("mean", "variance"))
    if not means or not variances or len({*means}) != 1 or len({*variances}) != 1 or variances[0] <= 0:
        raise UnsupportedError("a mean and a variance per channel", value.shape, 0, None)
    factor = fraction(float(variances[0]) ** -0.5)
    offset = fraction(-float(means[0]) * float(variances[0]) ** -0.5)
    return pointwise(trace.add(step, "rescale", {"factor": factor, "offset": offset}, value), value)


def _numbers(value: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner.get("value") if isinstance(inner, dict) else value.get("value")
    entries = value if isinstance(value, list) else [value]
    flat = [each for entry in entries for each in (_numbers(entry) if isinstance(entry, list) else [fraction(entry)])]
    return [] if None in flat else flat


def rescaling(step: Step, trace: Tracing) -> Value:
    """Rescaling by one number; by one per channel it has no equivalent."""
    value, config = step.first, step.config
    read = [_numbers(config.values.get(name, default)) for name, default in (("scale", 1), ("offset", 0))]
    if any(len({*numbers}) != 1 for numbers in read):
        raise UnsupportedError("a factor per channel", value.shape, 0, None)
    (factor, *_), (offset, *_) = read
    return pointwise(trace.add(step, "rescale", {"factor": factor, "offset": offset}, value), value)


def dropout(step: Step, trace: Tracing) -> Value:
    """Dropout and its spatial variants."""
    arguments: dict[str, Any] = {"p": step.config.number("rate", "p", default=fraction(0.5))}
    value = step.first
    if step.kind.startswith("Spatial") and value.rank > 1:
        value = trace.in_form(step, value, is_last(step, trace))
        arguments["mode"] = "channel"
    return pointwise(trace.add(step, "dropout", arguments, value), value)


def layer_scale(step: Step, trace: Tracing) -> Value:
    """LayerScale of ConvNeXt: a factor per channel."""
    value = step.first
    if value.rank > 1:
        value = trace.in_form(step, value, True)
    return pointwise(trace.add(step, "scale", {"init": step.config.number("init_values", default=1)}, value), value)


WEIGHTED: Mapping[str, Handler] = {
    **dict.fromkeys(("Dense", "TimeDistributedDense"), dense),
    "Embedding": embedding,
    **dict.fromkeys(("BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization"), batchnorm),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), layernorm),
    "GroupNormalization": groupnorm,
    "UnitNormalization": unit,
    "Normalization": normalization,
    "Rescaling": rescaling,
    **dict.fromkeys(("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), dropout),
    "LayerScale": layer_scale,
}
"""Class → how it is traced."""
