"""Convolutions and pooling by windows. `same` is the rule of TensorFlow; `causal` pads the low side alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.importers.keras.activations import activate
from cnncalc.importers.keras.tracing import Handler, Tracing
from cnncalc.importers.keras.values import Step, UnsupportedError, Value, product
from cnncalc.symbolic import Size

PADDING = ("valid", "same", "causal", "full")
OLD_KERNELS = (("filter_length",), ("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))
FORMATS = ("channels_last", "channels_first", "tf", "th", "default")


def is_last(step: Step, trace: Tracing) -> bool:
    """Return whether a layer has its channels last: as it states, else as the model does."""
    word = step.config.word("data_format", "dim_ordering", default="default", among=FORMATS)
    return trace.last if word == "default" else word in ("channels_last", "tf")


def entering(step: Step, trace: Tracing) -> Value:
    """Return the map that a layer reads, in the form of its data format."""
    value = step.first
    if value.rank != step.axes + 1:
        axes = f"{step.axes} spatial {'axis' if step.axes == 1 else 'axes'} and channels"
        step.refuse(f"it needs {axes}, got {value.rank} axes without the batch")
    return trace.in_form(step, trace.ordered(value), is_last(step, trace))


def conv(step: Step, trace: Tracing) -> Value:
    """Conv1D, Conv2D, Conv3D, and their names in Keras 1."""
    config, value = step.config, entering(step, trace)
    arguments = {
        "out_channels": config.count("filters", "nb_filter"),
        **_window(step),
        "groups": config.count("groups", default=1),
        "bias": config.flag("use_bias", "bias", default=True),
    }
    return activate(step, trace, trace.add(step, "conv", arguments, value))


def depthwise(step: Step, trace: Tracing) -> Value:
    """DepthwiseConv1D and DepthwiseConv2D."""
    value = entering(step, trace)
    arguments = {**_depthwise(step, value), "bias": step.config.flag("use_bias", "bias", default=True)}
    return activate(step, trace, trace.add(step, "conv", arguments, value))


def separable(step: Step, trace: Tracing) -> Value:
    """SeparableConv1D and SeparableConv2D: depthwise, then over one pixel."""
    value = entering(step, trace)
    middle = trace.add(step, "conv", {**_depthwise(step, value), "bias": False}, value, part="depthwise")
    arguments = {
        "out_channels": step.config.count("filters", "nb_filter"),
        "kernel_size": 1,
        "bias": step.config.flag("use_bias", "bias", default=True),
    }
    return activate(step, trace, trace.add(step, "conv", arguments, middle, part="pointwise"))


def _depthwise(step: Step, value: Value) -> dict[str, Any]:
    channels = value.ours[0]
    many = step.config.count("depth_multiplier", default=1)
    return {"out_channels": channels * many, **_window(step), "groups": channels}


def _window(step: Step) -> dict[str, Any]:
    """Kernel, stride, padding and dilation of a convolution."""
    config, rank = step.config, step.axes
    kernel = kernel_of(step)
    stride = config.sizes("strides", "subsample", "subsample_length", rank=rank, default=1)
    dilation = config.sizes("dilation_rate", "atrous_rate", rank=rank, default=1)
    way = config.word("padding", "border_mode", default="valid", among=PADDING)
    padding: Any = way
    if way in ("causal", "full"):
        reach = [step_ * (size - 1) for size, step_ in zip(kernel, dilation, strict=True)]
        padding = [[each, 0 if way == "causal" else each] for each in reach]
    window = {"kernel_size": kernel, "stride": stride, "dilation": dilation}
    return {**window, "padding": padding if way != "valid" else 0}


def kernel_of(step: Step) -> list[int]:
    """Return the size of the kernel per axis; Keras 1 has a field per axis."""
    config = step.config
    if config.get("kernel_size") is None:
        for names in OLD_KERNELS:
            if len(names) == step.axes and config.get(names[0]) is not None:
                return [config.count(name) for name in names]
    return config.sizes("kernel_size", rank=step.axes)


def transpose(step: Step, trace: Tracing) -> Value:
    """Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, and Deconvolution2D of Keras 1.

    Source: Keras, backend/common/backend_utils.py: compute_conv_transpose_output_length and
    _convert_conv_transpose_padding_args_from_keras_to_torch, whose sizes these are.
    """
    config, value, rank = step.config, entering(step, trace), step.axes
    way = config.word("padding", "border_mode", default="valid", among=("valid", "same"))
    kernel = kernel_of(step)
    stride = config.sizes("strides", "subsample", rank=rank, default=1)
    dilation = config.sizes("dilation_rate", rank=rank, default=1)
    own = config.get("output_padding")
    extras = [None] * rank if own is None else config.sizes("output_padding", rank=rank, least=0)
    sides, extra = [], []
    for size, pace, holes, given in zip(kernel, stride, dilation, extras, strict=True):
        low, high, more = _trim(way, holes * (size - 1) + 1, pace, given)
        sides.append([low, high])
        extra.append(more)
    arguments = {
        "out_channels": config.count("filters", "nb_filter"),
        "kernel_size": kernel,
        "stride": stride,
        "padding": sides,
        "output_padding": extra,
        "dilation": dilation,
        "groups": config.count("groups", default=1),
        "bias": config.flag("use_bias", "bias", default=True),
    }
    if any(more >= max(pace, holes) for more, pace, holes in zip(extra, stride, dilation, strict=True)):
        raise UnsupportedError("its output padding is not smaller than its stride", *_transposed(value, arguments))
    return activate(step, trace, trace.add(step, "conv_transpose", arguments, value))


def _trim(way: str, extent: int, stride: int, given: int | None) -> tuple[int, int, int]:
    """Rows removed on the low and the high side, and rows added, for one axis."""
    if way == "valid":
        return 0, 0, max(stride - extent, 0) if given is None else given
    if given is None:  # N·S rows
        total = extent - stride
        return (total // 2, total - total // 2, 0) if total >= 0 else (0, 0, -total)
    return extent // 2, extent // 2, given


def _transposed(value: Value, arguments: Mapping[str, Any]) -> tuple[tuple[Size, ...], Size, Size]:
    """Shape in Keras, parameters and MACs of a transposed convolution that no layer here is."""
    channels, *sizes = value.ours
    names = ("kernel_size", "stride", "dilation", "padding", "output_padding")
    axes = zip(sizes, *(arguments[name] for name in names), strict=True)
    outs = [s * (n - 1) + d * (f - 1) + 1 - sum(pads) + extra for n, f, s, d, pads, extra in axes]
    filters, groups = arguments["out_channels"], arguments["groups"]
    weights = channels * (filters // groups) * product(arguments["kernel_size"])
    shape = (*outs, filters) if value.moved else (filters, *outs)
    return shape, weights + (filters if arguments["bias"] else 0), weights * product(sizes)


def pooling(step: Step, trace: Tracing) -> Value:
    """MaxPooling and AveragePooling; a mean over padding counts only what is inside of the map."""
    config, value, rank = step.config, entering(step, trace), step.axes
    kernel = config.sizes("pool_size", "pool_length", rank=rank, default=2)
    stride = config.get("strides", "stride")
    way = config.word("padding", "border_mode", default="valid", among=("valid", "same"))
    arguments: dict[str, Any] = {"kernel_size": kernel, "padding": way if way == "same" else 0}
    arguments["stride"] = kernel if stride is None else config.sizes("strides", "stride", rank=rank)
    kind = "maxpool" if step.kind.startswith("Max") else "avgpool"
    if kind == "avgpool" and way == "same":
        arguments["count_include_pad"] = False
    return trace.add(step, kind, arguments, value)


def global_pooling(step: Step, trace: Tracing) -> Value:
    """GlobalAveragePooling and GlobalMaxPooling: a vector, or with `keepdims` a map of one pixel."""
    value = entering(step, trace)
    kind = "global_avgpool" if "Average" in step.kind else "global_maxpool"
    made = trace.add(step, kind, {}, trace.in_form(step, value, is_last(step, trace)))
    if step.config.flag("keepdims", default=False):
        return made
    return trace.add(step, "flatten", {}, made, moved=False)._replace(free=True)


def adaptive(step: Step, trace: Tracing) -> Value:
    """AdaptiveAveragePooling and AdaptiveMaxPooling."""
    arguments = {"output_size": step.config.sizes("output_size", rank=step.axes)}
    kind = "adaptive_avgpool" if "Average" in step.kind else "adaptive_maxpool"
    return trace.add(step, kind, arguments, entering(step, trace))


def local(step: Step, trace: Tracing) -> Value:
    """LocallyConnected1D and LocallyConnected2D, whose bias is one per filter and position too."""
    window = _window(step)
    arguments = {name: window[name] for name in ("kernel_size", "stride", "padding")}
    arguments["out_channels"] = step.config.count("filters", "nb_filter")
    arguments["bias"] = step.config.flag("use_bias", "bias", default=True)
    return activate(step, trace, trace.add(step, "locally_connected", arguments, entering(step, trace)))


_CONVS = (
    "Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D", "AtrousConvolution1D",
    "AtrousConvolution2D",
)  # fmt: skip
_TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Deconvolution2D", "Deconvolution3D")
_POOLS = tuple(f"{kind}{name}{rank}D" for kind in ("Max", "Average") for name in ("Pooling", "Pool") for rank in "123")
_ADAPTIVE = tuple(f"Adaptive{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in "123")
_GLOBAL = tuple(
    f"Global{kind}{name}{rank}D" for kind in ("Max", "Average") for name in ("Pooling", "Pool") for rank in "123"
)

SLIDING: Mapping[str, Handler] = {
    **dict.fromkeys(_CONVS, conv),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D", "SeparableConvolution2D"), separable),
    **dict.fromkeys((*_TRANSPOSED, "Convolution2DTranspose", "Convolution3DTranspose"), transpose),
    **dict.fromkeys(_POOLS, pooling),
    **dict.fromkeys(_GLOBAL, global_pooling),
    **dict.fromkeys(_ADAPTIVE, adaptive),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D"), local),
}
"""Class → how it is traced."""
