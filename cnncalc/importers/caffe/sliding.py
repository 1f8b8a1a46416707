"""Caffe's sliding layers: convolution rounds down, pooling up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.caffe.network import Layer
from cnncalc.importers.caffe.text import Message
from cnncalc.importers.caffe.tracing import Handler, Tracing, UnsupportedError


def conv(layer: Layer, trace: Tracing) -> None:
    """Convolution and Deconvolution."""
    told = layer.parameters("convolution")
    rank = len(trace.shape(layer)) - 1
    kernel = _axes(told, "kernel", rank, None)
    if kernel is None:
        raise SpecError([Fault(f"{layer.name}: no kernel_size in convolution_param", layer.span)])
    arguments: dict[str, object] = {
        "out_channels": _output(layer, told),
        "kernel_size": kernel,
        "stride": _axes(told, "stride", rank, 1),
        "padding": _axes(told, "pad", rank, 0),
        "dilation": _axes(told, "dilation", rank, 1),
        "groups": told.whole("group", 1, least=1)[-1],
        "bias": told.flag("bias_term", True),
    }
    trace.layer(layer, "conv_transpose" if layer.kind == "Deconvolution" else "conv", arguments)


def _output(layer: Layer, told: Message) -> int:
    if not told.all("num_output"):
        raise SpecError([Fault(f"{layer.name}: no num_output", layer.span)])
    return told.whole("num_output", 1, least=1)[-1]


def pooling(layer: Layer, trace: Tracing) -> None:
    """Pooling: MAX and AVE. The size is rounded up, and a last window that would begin in the padding is left out.

    Source: Caffe, pooling_layer.cpp; PyTorch's `ceil_mode` leaves such a window out without padding too.
    """
    told = layer.parameters("pooling")
    way = told.word("pool", "MAX")
    known = {"MAX": "maxpool", "0": "maxpool", "AVE": "avgpool", "1": "avgpool"}.get(way)
    kind = known or "maxpool"  # STOCHASTIC has the same windows
    source = (trace.source(layer.bottoms[0], layer),) if layer.bottoms else ()
    if told.flag("global_pooling", False):
        if known is None:
            raise UnsupportedError(
                f"pooling by {way}", (trace.shape(layer)[0], *[1] * (len(trace.shape(layer)) - 1)), 0
            )
        trace.layer(layer, f"global_{kind}", {})
        return
    rank = len(trace.shape(layer)) - 1
    kernel, stride, pad = (
        _axes(told, name, rank, least) for name, least in (("kernel", None), ("stride", 1), ("pad", 0))
    )
    if kernel is None:
        raise SpecError([Fault(f"{layer.name}: no kernel_size", layer.span)])
    ceil = told.word("round_mode", "CEIL") in ("CEIL", "0")
    if ceil and pad == 0 and _begins_outside(trace.shape(layer)[1:], kernel, stride):
        channels, *sizes = trace.shape(layer)
        made = [-(-(size - window) // step) + 1 for size, window, step in _each(sizes, kernel, stride)]
        raise UnsupportedError("its last window lies outside the input, which only Caffe allows", (channels, *made), 0)
    arguments = {"kernel_size": kernel, "stride": stride, "padding": pad, "ceil_mode": ceil}
    if known is None:
        raise UnsupportedError(f"pooling by {way}", trace.output(kind, arguments, source, layer), 0)
    trace.layer(layer, kind, arguments)


def _begins_outside(sizes: Any, kernel: Any, stride: Any) -> bool:  # noqa: ANN401
    """Whether Caffe's last window, rounded up without padding, begins behind the last row."""
    for size, window, step in _each(sizes, kernel, stride):
        if isinstance(size, int) and -(-(size - window) // step) * step >= size:
            return True
    return False


def _each(sizes: Any, *told: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """Every size with the numbers that are told for its axis, or for all."""
    return zip(sizes, *(value if isinstance(value, list) else [value] * len(sizes) for value in told), strict=True)


def _axes(told: Message, name: str, rank: int, default: int | None) -> Any:  # noqa: ANN401
    """`kernel_size` once or per axis, or `kernel_h` and `kernel_w`; one number where all agree."""
    plain = "kernel_size" if name == "kernel" else name
    least = 0 if name == "pad" else 1
    if told.all(f"{name}_h") or told.all(f"{name}_w"):
        sides = [told.whole(f"{name}_{side}", default or 0, least)[-1] for side in "hw"]
        return sides[0] if sides[0] == sides[1] else sides
    if not told.all(plain):
        return default
    numbers = told.whole(plain, 0, least)
    return numbers[0] if len(set(numbers)) == 1 or len(numbers) != rank else numbers


SLIDING: Mapping[str, Handler] = {
    "Convolution": conv,
    "ConvolutionDepthwise": conv,  # forks of Caffe: grouped convolution by another program
    "DepthwiseConvolution": conv,
    "Deconvolution": conv,
    "Pooling": pooling,
}
