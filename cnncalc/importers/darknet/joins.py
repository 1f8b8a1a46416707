"""Routes, shortcuts, gates, resizing, and what ends a network.

Source: darknet (AlexeyAB): parser.c, and the files of these layers (route_layer.c, shortcut_layer.c, …).
"""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.darknet.sections import Section
from cnncalc.importers.darknet.tracing import Handler, Tracing
from cnncalc.symbolic import Size


def route(section: Section, trace: Tracing) -> None:
    """Earlier layers one after another along the channels; with `groups`, the part `group_id` of each."""
    if not section.numbers("layers"):
        raise SpecError([Fault("[route] has no layers", section.span, "write layers=-1, 8")])
    sources = [trace.earlier(section, "layers", number) for number in section.numbers("layers")]
    groups, chosen = section.whole("groups", 1, 1), section.whole("group_id", 0)
    sizes = {trace.shapes[source][1:] for source in sources}
    if len(sizes) > 1:
        shapes = ", ".join("×".join(map(str, trace.shapes[source][1:])) for source in sources)
        raise SpecError([Fault(f"[route]: the maps differ in size: {shapes}", section.options["layers"].span)])
    if groups > 1:
        sources = [_part(section, trace, source, groups, chosen) for source in sources]
    trace.leave(sources[0] if len(sources) == 1 else trace.add(section, "concat", {}, *sources))


def _part(section: Section, trace: Tracing, source: str, groups: int, chosen: int) -> str:
    channels = trace.shapes[source][0]
    if not isinstance(channels, int) or channels % groups or chosen >= groups:
        message = f"[route]: {channels} channels have no part {chosen} of {groups}"
        raise SpecError([Fault(message, section.span)])
    size = channels // groups
    bounds = {"start": size * chosen, "end": size * (chosen + 1)}
    return trace.add(section, "slice", bounds, source)


def shortcut(section: Section, trace: Tracing) -> None:
    """The sum with earlier layers; between maps of different sizes Darknet adds what both have, sampled."""
    numbers = section.numbers("from")
    if not numbers:
        raise SpecError([Fault("[shortcut] has no from", section.span, "write from=-3")])
    sources = [trace.earlier(section, "from", number) for number in numbers]
    running = trace.running
    weighted = section.word("weights_type", "none") != "none"
    if weighted or any(trace.shapes[source] != trace.shape() for source in sources):
        reason = "a weighted sum" if weighted else "a sum of maps of different sizes"
        params = (len(sources) + 1) * (_whole(trace.shape()[0]) if "channel" in section.word("weights_type", "") else 1)
        tensor = trace.add_unknown(section, reason, trace.shape(), running, *sources, params=params * weighted, macs=0)
    else:
        tensor = trace.add(section, "add", {}, running, *sources)
    trace.leave(trace.activate(section, tensor))


def _whole(size: Size) -> int:
    return size if isinstance(size, int) else 1


def sam(section: Section, trace: Tracing) -> None:
    """Spatial attention: the product with an earlier layer, element by element."""
    source = trace.earlier(section, "from", _single(section))
    trace.leave(trace.activate(section, trace.add(section, "multiply", {}, source, trace.running)))


def scale_channels(section: Section, trace: Tracing) -> None:
    """The channels of an earlier layer, each times the number that flows in (squeeze and excitation)."""
    source = trace.earlier(section, "from", _single(section))
    trace.leave(trace.activate(section, trace.add(section, "multiply", {}, source, trace.running)))


def _single(section: Section) -> int:
    numbers = section.numbers("from")
    if len(numbers) != 1:
        raise SpecError([Fault(f"[{section.kind}] needs one layer in from", section.span, "write from=-3")])
    return numbers[0]


def upsample(section: Section, trace: Tracing) -> None:
    """Every pixel repeated; a negative stride keeps every n-th pixel instead."""
    trace.channels(section)
    stride = section.whole("stride", 2, -1024)
    if stride == 0:
        raise SpecError([Fault("stride: expected a number other than 0", section.options["stride"].span)])
    if stride < 0:
        rows = {"dim": 2, "step": -stride}
        tensor = trace.add(section, "slice", {**rows, "dim": 3}, trace.add(section, "slice", rows))
        trace.leave(tensor)
        return
    trace.leave(trace.add(section, "upsample", {"scale_factor": stride}))


def reorg(section: Section, trace: Tracing) -> None:
    """Pixels as channels, in another order than PyTorch's `pixel_unshuffle`, which changes no shape and no count."""
    trace.channels(section)
    if section.flag("reverse"):
        trace.leave(trace.add(section, "pixel_shuffle", {"upscale_factor": section.whole("stride", 1, 1)}))
    else:
        trace.leave(trace.add(section, "pixel_unshuffle", {"downscale_factor": section.whole("stride", 1, 1)}))


def dropout(section: Section, trace: Tracing) -> None:
    """Dropout."""
    trace.leave(trace.add(section, "dropout", {}))


def softmax(section: Section, trace: Tracing) -> None:
    """Softmax over everything, or over groups of it."""
    groups = section.whole("groups", 1, 1)
    shape = trace.shape()
    if groups > 1 or section.flag("spatial") or "tree" in section.options:
        trace.leave(trace.add_unknown(section, "softmax in groups", shape, macs=0))
        return
    trace.leave(trace.add(section, "softmax", {}, trace.flat(section)))


def passes(section: Section, trace: Tracing) -> None:
    """A loss, or a silent layer: what flows in leaves."""
    trace.leave(trace.running)


def detects(section: Section, trace: Tracing) -> None:
    """The decoding of boxes, which has no weights: what flows in is an output of the network."""
    _check_filters(section, trace)
    trace.outputs[f"{section.kind}{section.number}"] = trace.running
    trace.leave(trace.running)


def _check_filters(section: Section, trace: Tracing) -> None:
    """Note a number of channels that does not match the classes and boxes, which Darknet refuses."""
    channels = trace.shape()[0]
    if section.kind not in ("yolo", "Gaussian_yolo") or not isinstance(channels, int):
        return
    boxes = len(section.numbers("mask")) or section.whole("num", 1, 1)
    wanted = boxes * (section.whole("classes", 20, 0) + (9 if section.kind == "Gaussian_yolo" else 5))
    if channels != wanted and section.whole("embedding_layer", -1, -9999) == -1:
        line = f"[{section.kind}] on line {section.span.line} reads {channels} channels"
        trace.notes[f"{line}: its classes and mask need filters={wanted} in the layer before"] = None


JOINS: Mapping[str, Handler] = {
    "route": route,
    "shortcut": shortcut,
    "sam": sam,
    "scale_channels": scale_channels,
    "upsample": upsample,
    "reorg": reorg,
    "reorg3d": reorg,
    "reorg_old": reorg,
    "dropout": dropout,
    "softmax": softmax,
    "soft": softmax,
    "cost": passes,
    "silence": passes,
    "empty": passes,
    "contrastive": passes,
    "yolo": detects,
    "Gaussian_yolo": detects,
    "region": detects,
    "detection": detects,
}
