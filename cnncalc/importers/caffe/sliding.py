"""Traces Caffe's convolutions, whose sizes round down, and pooling, whose sizes round up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.caffe.text import Message
from cnncalc.importers.caffe.tracing import Handler, Tracing, UnsupportedError


def conv(layer: Layer, trace: Tracing) -> None:
    """Convolution and Deconvolution."""
    params = layer.parameters("convolution")
    rank = len(trace.shape(layer)) - 1
    kernel = _axes(params, "kernel", rank, None)
    if kernel is None:
        raise SpecError([Fault(f"{layer.who}: no kernel_size in convolution_param", layer.span)])
    arguments: dict[str, object] = {
        "out_channels": _output(layer, params),
        "kernel_size": kernel,
        "stride": _axes(params, "stride", rank, 1),
        "padding": _padding(params, rank),
        "dilation": _axes(params, "dilation" if params.all("dilation") else "hole", rank, 1),  # DeepLab's name for it
        "groups": params.whole("group", 1, least=1)[-1],
        "bias": params.flag("bias_term", True),
    }
    trace.layer(layer, "conv_transpose" if layer.kind == "Deconvolution" else "conv", arguments)


def _output(layer: Layer, params: Message) -> int:
    if not params.all("num_output"):
        raise SpecError([Fault(f"{layer.who}: no num_output", layer.span)])
    return params.whole("num_output", 1, least=1)[-1]


def pooling(layer: Layer, trace: Tracing) -> None:
    """Pooling: MAX and AVE. The size is rounded up; a last window that would start in the padding is dropped.

    Source: Caffe, pooling_layer.cpp; PyTorch's `ceil_mode` drops such a window without padding too.
    """
    params = layer.parameters("pooling")
    way = params.word("pool", "MAX")
    known = {"MAX": "maxpool", "0": "maxpool", "AVE": "avgpool", "1": "avgpool"}.get(way)
    kind = known or "maxpool"  # the windows of STOCHASTIC pooling are the same
    source = (trace.source(layer.bottoms[0], layer),) if layer.bottoms else ()
    if params.flag("global_pooling", False):
        if known is None:
            raise UnsupportedError(
                f"pooling by {way}", (trace.shape(layer)[0], *[1] * (len(trace.shape(layer)) - 1)), 0
            )
        trace.layer(layer, f"global_{kind}", {})
        return
    rank = len(trace.shape(layer)) - 1
    kernel, stride, pad = (
        _axes(params, name, rank, least) for name, least in (("kernel", None), ("stride", 1), ("pad", 0))
    )
    if kernel is None:
        raise SpecError([Fault(f"{layer.who}: no kernel_size", layer.span)])
    ceil = params.word("round_mode", "CEIL") in ("CEIL", "0") and params.flag("ceil_mode", True)
    if any(params.all(name) for sides in SIDES for name in sides):
        pad = _padding(params, rank)
    if ceil and pad == 0 and _begins_outside(trace.shape(layer)[1:], kernel, stride):
        channels, *sizes = trace.shape(layer)
        made = [-(-(size - window) // step) + 1 for size, window, step in _each(sizes, kernel, stride)]
        raise UnsupportedError("its last window lies outside the input, which only Caffe allows", (channels, *made), 0)
    arguments = {"kernel_size": kernel, "stride": stride, "padding": pad, "ceil_mode": ceil}
    if known is None:
        raise UnsupportedError(f"pooling by {way}", trace.output(kind, arguments, source, layer), 0)
    trace.layer(layer, kind, arguments)


def _begins_outside(sizes: Any, kernel: Any, stride: Any) -> bool:  # noqa: ANN401
    """Return whether Caffe's last window, rounded up without padding, starts after the last row."""
    for size, window, step in _each(sizes, kernel, stride):
        if isinstance(size, int) and -(-(size - window) // step) * step >= size:
            return True
    return False


SIDES = (("pad_t", "pad_b", "pad_l", "pad_r"), ("pad_top", "pad_bottom", "pad_left", "pad_right"))


def _padding(params: Message, rank: int) -> Any:  # noqa: ANN401
    """Return the padding per axis; forks give each side of a 2-d map."""
    for names in SIDES:
        if any(params.all(name) for name in names):
            top, bottom, left, right = (params.whole(name)[-1] for name in names)
            return [[top, bottom], [left, right]]
    return _axes(params, "pad", rank, 0)


def _each(sizes: Any, *params: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """Pair each size with the numbers for its axis, given per axis or once for all."""
    return zip(sizes, *(value if isinstance(value, list) else [value] * len(sizes) for value in params), strict=True)


def _axes(params: Message, name: str, rank: int, default: int | None) -> Any:  # noqa: ANN401
    """Return a field per spatial axis, as `kernel_size` or `kernel_h` and `kernel_w`; one number when all are equal."""
    plain = "kernel_size" if name == "kernel" else name
    least = 0 if name == "pad" else 1
    if params.all(f"{name}_h") or params.all(f"{name}_w"):
        sides = [params.whole(f"{name}_{side}", default or 0, least)[-1] for side in "hw"]
        return sides[0] if sides[0] == sides[1] else sides
    if not params.all(plain):
        return default
    numbers = params.whole(plain, 0, least)
    return numbers[0] if len(set(numbers)) == 1 or len(numbers) != rank else numbers


SLIDING: Mapping[str, Handler] = {
    "Convolution": conv,
    "ConvolutionDepthwise": conv,  # forks: a grouped convolution with its own kernels
    "DepthwiseConvolution": conv,
    "Deconvolution": conv,
    "Pooling": pooling,
}
