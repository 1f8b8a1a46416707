"""Convolutions, pooling and products, with Darknet's padding.

Source: darknet (AlexeyAB), parser.c, convolutional_layer.c, maxpool_layer.c, local_layer.c, connected_layer.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.darknet.sections import Section
from cnncalc.importers.darknet.tracing import Handler, Tracing

XNOR = "binary convolutions are counted as others: Darknet divides their BFLOPs by 32"


def convolutional(section: Section, trace: Tracing) -> None:
    """A convolution, its normalization, its activation. `pad=1` pads by half the kernel, times the dilation."""
    trace.channels(section)
    size, (stride_x, stride_y) = section.whole("size", 1, 1), _strides(section, 1)
    padding = size // 2 if section.flag("pad") else section.whole("padding", 0)
    dilation = section.whole("dilation", 1, 1)
    normalized, blurred = section.flag("batch_normalize"), section.whole("antialiasing", 0)
    arguments: dict[str, object] = {
        "out_channels": section.whole("filters", 1, 1),
        "kernel_size": size,
        "stride": 1 if blurred else _pair(stride_y, stride_x),
        "padding": padding * (1 if size == 1 else dilation),
        "dilation": 1 if size == 1 else dilation,
        "groups": section.whole("groups", 1, 1),
        "bias": not normalized,
    }
    if section.flag("xnor") or section.flag("binary"):
        trace.notes[XNOR] = None
    tensor = trace.add(section, "conv", arguments, shares=_shared(section, trace))
    if normalized:
        tensor = trace.add(section, "batchnorm", {}, tensor)
    tensor = trace.activate(section, tensor, "logistic")
    if blurred:
        kernel = 2 if blurred == 2 else 3
        blur = {"kernel_size": kernel, "stride": stride_x, "padding": kernel // 2, "padding_mode": "zeros"}
        tensor = trace.add(section, "blurpool", blur, tensor)
    trace.leave(tensor)


def _shared(section: Section, trace: Tracing) -> str | None:
    """The convolution whose weights this one uses, by `share_index`."""
    if "share_index" not in section.options:
        return None
    number = section.whole("share_index", 0, -len(trace.leaving))
    trace.earlier(section, "share_index", number)
    level = f"layer{number if number >= 0 else section.number + number}."
    owner = next((n for n in trace.nodes if n.name.startswith(level) and n.kind == "conv"), None)
    return owner.name if owner is not None else None


def maxpool(section: Section, trace: Tracing) -> None:
    """A maximum, or a mean for local_avgpool: padded by size − 1 rows in all, ⌊half⌋ of them before the first row."""
    trace.channels(section)
    _, height, width = trace.shape()
    size = section.whole("size", section.whole("stride", 1, 1), 1)
    strides = _strides(section, 1)
    padding = section.whole("padding", size - 1)
    if section.flag("maxpool_depth"):
        out = section.required("out_channels")
        trace.leave(trace.add_unknown(section, "a maximum over channels", (out, height, width)))
        return
    kind = "avgpool" if section.kind == "local_avgpool" else "maxpool"
    low, high = padding // 2, padding - padding // 2
    arguments: dict[str, object] = {"kernel_size": size, "stride": _pair(strides[1], strides[0])}
    if kind == "avgpool":
        arguments["count_include_pad"] = False
    if low == high:
        arguments["padding"] = low
    elif low == 0 and all(high == stride - 1 for stride in strides):
        arguments["ceil_mode"] = any(
            not isinstance(n, int) or (n - size) % s for n, s in zip((height, width), strides[::-1], strict=True)
        )
    else:
        arguments["padding"] = [[low, high], [low, high]]
    trace.leave(trace.add(section, kind, arguments))


def avgpool(section: Section, trace: Tracing) -> None:
    """The mean of every channel; a map of one pixel remains."""
    trace.channels(section)
    trace.leave(trace.add(section, "global_avgpool", {}))


def local(section: Section, trace: Tracing) -> None:
    """A convolution with separate weights at every position, which pads by half the kernel or not at all."""
    trace.channels(section)
    size = section.whole("size", 1, 1)
    arguments = {
        "out_channels": section.whole("filters", 1, 1),
        "kernel_size": size,
        "stride": section.whole("stride", 1, 1),
        "padding": size // 2 if section.flag("pad") else 0,
    }
    trace.leave(trace.activate(section, trace.add(section, "locally_connected", arguments), "logistic"))


def connected(section: Section, trace: Tracing) -> None:
    """A product with all that flows in, its normalization, its activation."""
    normalized = section.flag("batch_normalize")
    arguments = {"out_features": section.whole("output", 1, 1), "bias": not normalized}
    tensor = trace.add(section, "linear", arguments, trace.flat(section))
    if normalized:
        tensor = trace.add(section, "batchnorm", {}, tensor)
    trace.leave(trace.activate(section, tensor, "logistic"))


def batchnorm(section: Section, trace: Tracing) -> None:
    """A normalization by itself."""
    trace.leave(trace.add(section, "batchnorm", {}))


def _strides(section: Section, default: int) -> tuple[int, int]:
    """The strides along x and y."""
    stride = section.whole("stride", default, 1)
    return section.whole("stride_x", stride, 1), section.whole("stride_y", stride, 1)


def _pair(y: int, x: int) -> object:
    return y if y == x else [y, x]


def crop(section: Section, trace: Tracing) -> None:
    """The middle of the image, of this size.

    Raises:
        SpecError: it is larger than what flows in.
    """
    trace.channels(section)
    wanted = [section.required("crop_height"), section.required("crop_width")]
    for size, most in zip(wanted, trace.shape()[1:], strict=True):
        if isinstance(most, int) and size > most:
            raise SpecError([Fault(f"[crop]: {size} is more than the {most} rows that flow in", section.span)])
    trace.leave(trace.add(section, "crop", {"size": wanted}))


SLIDING: Mapping[str, Handler] = {
    "convolutional": convolutional,
    "conv": convolutional,
    "maxpool": maxpool,
    "max": maxpool,
    "local_avgpool": maxpool,
    "avgpool": avgpool,
    "avg": avgpool,
    "local": local,
    "connected": connected,
    "conn": connected,
    "batchnorm": batchnorm,
    "crop": crop,
}
