"""Torch7's modules as our layers. In their arguments widths come before heights: `SpatialConvolution(3, 96, kW, kH)`.

Sources: torch/nn, doc/convolution.md, doc/simple.md, doc/transfer.md and the modules' files; soumith/cudnn.torch
(groups); szagoruyko/imagine-nn (pooling that rounds up).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from cnncalc.errors import Span
from cnncalc.importers.layer_lists.tokens import Number, shown
from cnncalc.importers.layer_lists.tracing import Tracing, pair
from cnncalc.importers.layer_lists.values import NOT_RUN, Module, Unread, is_number
from cnncalc.symbolic import Size

Handler: TypeAlias = "Callable[[Module, Tracing, str], str]"


def span(module: Module) -> Span:
    """The place at which a module is made."""
    return module.tokens.span(module.token)


def number(module: Module, index: int, default: Number | None = None) -> Number:
    """An argument that is a number.

    Raises:
        SpecError: it is missing and has no default, or the text does not say it.
    """
    value = module.arguments[index] if index < len(module.arguments) else None
    if value is None and default is not None:
        return default
    if is_number(value):
        return value
    what = f"argument {index + 1} of {module.name}"
    if isinstance(value, Unread):
        raise module.tokens.fault(f"{what}: expected a number, got {shown(value.token)}", value.token, NOT_RUN)
    raise module.tokens.fault(f"{what}: expected a number", module.token)


def whole(module: Module, index: int, default: int | None = None, least: int = 1) -> int:
    """An argument that is a whole number.

    Raises:
        SpecError: as for `number`, or it is not whole, or too small.
    """
    value = number(module, index, default)
    if not isinstance(value, int) or value < least:
        message = f"argument {index + 1} of {module.name}: expected a whole number from {least}, got {value}"
        raise module.tokens.fault(message, module.token)
    return value


def _pair(module: Module, index: int, default: int | None = None, least: int = 1) -> object:
    """A width and a height, which come in this order, as a field of ours."""
    width = whole(module, index, default, least)
    return pair(whole(module, index + 1, width if default is not None else None, least), width)


def convolution(module: Module, trace: Tracing, tensor: str) -> str:
    """nInputPlane, nOutputPlane, kW, kH, dW, dH, padW, padH; then the groups of cudnn, or the dilation."""
    dilated = module.name == "SpatialDilatedConvolution"
    width = whole(module, 6, 0, 0)  # of the padding, which is the height's, too, in nn
    groups = whole(module, 8, 1) if module.package == "cudnn" and not dilated else 1
    trace.check(span(module), "channels", whole(module, 0), trace.shapes[tensor][0])
    arguments = {
        "out_channels": whole(module, 1),
        "kernel_size": _pair(module, 2),
        "stride": _stride(module, 4, 1),
        "padding": pair(whole(module, 7, 0 if module.package == "cudnn" else width, 0), width),
        "dilation": _stride(module, 8, 1) if dilated else 1,
        "groups": groups,
        "bias": "noBias" not in module.methods,
    }
    return add(module, trace, "conv", arguments, tensor)


def _stride(module: Module, index: int, default: int) -> object:
    """A step per axis: each is the default where it is not given."""
    return pair(whole(module, index + 1, default), whole(module, index, default))


def transposed(module: Module, trace: Tracing, tensor: str) -> str:
    """SpatialFullConvolution: as a convolution, then adjW and adjH."""
    trace.check(span(module), "channels", whole(module, 0), trace.shapes[tensor][0])
    arguments = {
        "out_channels": whole(module, 1),
        "kernel_size": _pair(module, 2),
        "stride": _stride(module, 4, 1),
        "padding": pair(whole(module, 7, 0, 0), whole(module, 6, 0, 0)),
        "output_padding": pair(whole(module, 9, 0, 0), whole(module, 8, 0, 0)),
        "bias": "noBias" not in module.methods,
    }
    return add(module, trace, "conv_transpose", arguments, tensor)


def pooling(module: Module, trace: Tracing, tensor: str) -> str:
    """kW, kH, dW, dH, padW, padH: a maximum steps by its window, a mean by 1; `:ceil()`, and imagine-nn, round up."""
    maximum = "Max" in module.name
    width, height = whole(module, 0), whole(module, 1)
    arguments: dict[str, object] = {
        "kernel_size": pair(height, width),
        "stride": pair(whole(module, 3, height if maximum else 1), whole(module, 2, width if maximum else 1)),
        "padding": pair(whole(module, 5, 0, 0), whole(module, 4, 0, 0)),
        "ceil_mode": "ceil" in module.methods or (module.package == "inn" and "floor" not in module.methods),
    }
    if "setCountExcludePad" in module.methods:
        arguments["count_include_pad"] = False
    return add(module, trace, "maxpool" if maximum else "avgpool", arguments, tensor)


def adaptive(module: Module, trace: Tracing, tensor: str) -> str:
    """The width and the height of the output."""
    kind = "adaptive_maxpool" if "Max" in module.name else "adaptive_avgpool"
    return add(module, trace, kind, {"output_size": _pair(module, 0)}, tensor)


def zero_padding(module: Module, trace: Tracing, tensor: str) -> str:
    """Left, right, top, bottom."""
    left, right, top, bottom = (whole(module, index, 0 if index else None, 0) for index in range(4))
    return add(module, trace, "pad", {"padding": [[top, bottom], [left, right]]}, tensor)


def linear(module: Module, trace: Tracing, tensor: str) -> str:
    """The features that flow in and out; the third argument may be false, for no bias."""
    shape = trace.shapes[tensor]
    if len(shape) == 1:
        trace.check(span(module), "features", whole(module, 0), shape[0])
    bias = not (len(module.arguments) > 2 and module.arguments[2] is False) and "noBias" not in module.methods
    return add(module, trace, "linear", {"out_features": whole(module, 1), "bias": bias}, tensor)


def view(module: Module, trace: Tracing, tensor: str) -> str:
    """A vector for one size, which −1 leaves open; a map of these sizes otherwise."""
    sizes: list[Size] = [
        whole(module, index, None, -1) for index in range(len(module.arguments)) if _counts(module, index)
    ]
    if len(sizes) == 2 and sizes[0] == -1:  # of a batch: View(-1, 192·5·5)
        sizes = sizes[1:]
    if len(sizes) != 1:
        return add(module, trace, "reshape", {"shape": sizes}, tensor)
    if sizes[0] != -1:
        trace.check(span(module), "values", int(sizes[0]), trace.values(tensor))  # type: ignore[arg-type]
    return trace.flat(span(module), tensor)


def _counts(module: Module, index: int) -> bool:
    """Whether an argument is a size: a last `true` of Reshape says that there is a batch."""
    return not isinstance(module.arguments[index], bool)


def normalization(module: Module, trace: Tracing, tensor: str) -> str:
    """The number of channels, eps, momentum, and whether it is affine."""
    trace.check(span(module), "channels", whole(module, 0), trace.shapes[tensor][0])
    affine = not (len(module.arguments) > 3 and module.arguments[3] is False)
    arguments = {"eps": number(module, 1, Fraction(1, 10**5)), "momentum": number(module, 2, Fraction(1, 10))}
    return add(module, trace, "batchnorm", {**arguments, "affine": affine}, tensor)


def response(module: Module, trace: Tracing, tensor: str) -> str:
    """The number of maps, alpha, beta, k."""
    defaults = {"alpha": Fraction(1, 10**4), "beta": Fraction(3, 4), "k": Fraction(1)}
    numbers = {key: number(module, index, value) for index, (key, value) in enumerate(defaults.items(), 1)}
    return add(module, trace, "lrn", {"size": whole(module, 0, 5), **numbers}, tensor)


def dropout(module: Module, trace: Tracing, tensor: str) -> str:
    """The probability, a half by default."""
    return add(module, trace, "dropout", {"p": number(module, 0, Fraction(1, 2))}, tensor)


def upsampling(module: Module, trace: Tracing, tensor: str) -> str:
    """The factor."""
    mode = "bilinear" if "Bilinear" in module.name else "nearest"
    return add(module, trace, "upsample", {"scale_factor": whole(module, 0), "mode": mode}, tensor)


def threshold(module: Module, trace: Tracing, tensor: str) -> str:
    """What is not above the threshold becomes a value: a ReLU at 0, as older networks have it, with a value near 0."""
    if number(module, 0, Fraction(1, 10**6)) < Fraction(1, 1000) and number(module, 1, 0) < Fraction(1, 1000):
        return add(module, trace, "relu", {}, tensor)
    raise module.tokens.fault("Threshold is read at 0 alone, where it is a ReLU", module.token)


def leaky(module: Module, trace: Tracing, tensor: str) -> str:
    """The slope below 0."""
    return add(module, trace, "leaky_relu", {"negative_slope": number(module, 0, Fraction(1, 100))}, tensor)


def prelu(module: Module, trace: Tracing, tensor: str) -> str:
    """One slope, or one for each of this many channels."""
    count = whole(module, 0, 0, 0)
    return add(module, trace, "prelu", {"num_parameters": count or 1}, tensor)


def identity(module: Module, trace: Tracing, tensor: str) -> str:
    """Nothing."""
    del module, trace
    return tensor


def add(module: Module, trace: Tracing, kind: str, arguments: Mapping[str, object], tensor: str) -> str:
    """One of our layers where a module stands."""
    return trace.add(span(module), kind, arguments, tensor)


def _plain(kind: str) -> Handler:
    """The handler of a module without arguments that matter."""
    return lambda module, trace, tensor: add(module, trace, kind, {}, tensor)


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(("SpatialConvolution", "SpatialConvolutionMM", "SpatialDilatedConvolution"), convolution),
    "SpatialFullConvolution": transposed,
    **dict.fromkeys(("SpatialMaxPooling", "SpatialAveragePooling"), pooling),
    **dict.fromkeys(("SpatialAdaptiveMaxPooling", "SpatialAdaptiveAveragePooling"), adaptive),
    "SpatialZeroPadding": zero_padding,
    "Linear": linear,
    **dict.fromkeys(("View", "Reshape"), view),
    **dict.fromkeys(("SpatialBatchNormalization", "BatchNormalization"), normalization),
    **dict.fromkeys(("SpatialCrossMapLRN", "SpatialCrossResponseNormalization"), response),
    **dict.fromkeys(("Dropout", "SpatialDropout"), dropout),
    **dict.fromkeys(("SpatialUpSamplingNearest", "SpatialUpSamplingBilinear"), upsampling),
    "ReLU": _plain("relu"),
    "ReLU6": _plain("relu6"),
    "Threshold": threshold,
    "LeakyReLU": leaky,
    "PReLU": prelu,
    "ELU": _plain("elu"),
    "Sigmoid": _plain("sigmoid"),
    "Tanh": _plain("tanh"),
    "HardTanh": _plain("hardtanh"),
    "SoftPlus": _plain("softplus"),
    "SoftMax": _plain("softmax"),
    "LogSoftMax": _plain("log_softmax"),
    "Identity": identity,
    "Copy": identity,
    "Contiguous": identity,
}
