"""Modules that are layers of the language: PyTorch's own, joins, and the splits of YOLOv9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnncalc.errors import Fault, SpecError
from cnncalc.importers.ultralytics.arguments import ACTIVATIONS, channels, is_nothing, value
from cnncalc.importers.ultralytics.model import Model, Row
from cnncalc.importers.ultralytics.nodes import Built, name
from cnncalc.importers.ultralytics.scaling import Scaling
from cnncalc.source.nodes import Node, Scalar, Sequence

Handler: TypeAlias = "Callable[[Row, Model, Scaling], dict[str, Built]]"


def _fields(kind: str, *fields: str, needs: int = 0, skips: int = 0) -> Handler:
    """A layer whose fields are the arguments in this order; the first `skips` arguments are not fields of ours."""

    def handle(row: Row, model: Model, scaling: Scaling) -> dict[str, Built]:
        _count(row, needs, skips + len(fields))
        pairs = zip(fields, row.args[skips:], strict=False)
        given: dict[str, Built] = {field: value(node) for field, node in pairs if not is_nothing(node)}
        return {kind: given or None}

    return handle


def _count(row: Row, fewest: int, most: int) -> None:
    if not fewest <= len(row.args) <= most:
        expected = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise SpecError([Fault(f"{row.name}: expected {expected} arguments, got {len(row.args)}", row.module.span)])


def _transposed(row: Row, model: Model, scaling: Scaling) -> dict[str, Built]:
    _count(row, 1, 5)
    fields = ("kernel_size", "stride", "padding", "output_padding")
    given: dict[str, Built] = {"out_channels": channels(value(row.args[0]), model, scaling, row.name)}
    given.update({field: value(node) for field, node in zip(fields, row.args[1:], strict=False)})
    return {"conv_transpose": given}


def _padding(row: Row, model: Model, scaling: Scaling) -> dict[str, Built]:
    """`nn.ZeroPad2d`: left, right, top, bottom."""
    _count(row, 1, 1)
    node = row.args[0]
    if not isinstance(node, Sequence):
        return {"pad": {"padding": node}}
    if len(node.items) != 4:
        raise SpecError([Fault("nn.ZeroPad2d: expected one number or four: left, right, top, bottom", node.span)])
    left, right, top, bottom = node.items
    return {"pad": {"padding": [[top, bottom], [left, right]]}}


def _joined(kind: str) -> Handler:
    def handle(row: Row, model: Model, scaling: Scaling) -> dict[str, Built]:
        dim = row.args[0] if row.args and kind == "concat" else None
        plain = dim is None or (isinstance(dim, Scalar) and dim.value == 1)
        return {kind: None if plain else {"dim": dim}}

    return handle


def _split(row: Row, model: Model, scaling: Scaling) -> dict[str, Built]:
    """YOLOv9's CBLinear: a convolution whose output is split among later rows."""
    _count(row, 1, 3)
    fields = dict(zip(("kernel_size", "stride"), row.args[1:], strict=False))
    return {"conv": {"out_channels": sum(widths(row)), "kernel_size": 1, **fields}}


def widths(row: Row) -> list[int]:
    """The channels of the parts into which CBLinear splits its output."""
    node = row.args[0] if row.args else None
    numbers = (
        [each.value if isinstance(each, Scalar) else None for each in node.items] if isinstance(node, Sequence) else []
    )
    found = [number for number in numbers if type(number) is int and 0 < number <= 1_000_000]
    if not numbers or len(found) < len(numbers):
        at = row.module.span if node is None else node.span
        raise SpecError([Fault("CBLinear: expected a list of numbers of channels", at, "for example [[64, 128]]")])
    return found


def fuse(row: Row, rows: Mapping[int, Row]) -> dict[str, Built]:
    """YOLOv9's CBFuse: parts of earlier rows, resized like the last one, and added to it.

    By whole factors, nearest-exact is nearest; as a function and not a module, no tool counts it.
    """
    picks = row.args[0] if row.args else None
    places = picks.items if isinstance(picks, Sequence) else []
    if len(places) != len(row.sources) - 1:
        hint = "one number for every row that it reads, but the last"
        raise SpecError(
            [Fault("CBFuse: expected a list of parts", row.module.span if picks is None else picks.span, hint)]
        )
    items: list[Built] = []
    last = str(row.sources[-1])
    for number, (source, place) in enumerate(zip(row.sources, places, strict=False)):
        at = place.span
        split = rows.get(source)
        parts = widths(split) if split is not None and split.name == "CBLinear" else []
        pick = _index(place, len(parts))
        if pick is None:
            raise SpecError([Fault(f"CBFuse: row {source} has no such part", at, f"it has {len(parts)} parts")])
        start = sum(parts[:pick])
        items.append({"slice": {"start": start, "end": start + parts[pick]}, "from": name(str(source), at)})
        items.append({"upsample": {"like": name(last, at), "mode": "nearest-exact"}, "name": name(f"part{number}", at)})
    parts_ = [name(f"part{number}", row.module.span) for number in range(len(places))]
    items.append({"add": None, "from": [*parts_, name(last, row.module.span)]})
    return {"sequence": items}


def _index(node: Node, count: int) -> int | None:
    index = node.value if isinstance(node, Scalar) else None
    return index if type(index) is int and 0 <= index < count else None


LAYERS: Mapping[str, Handler] = {
    "Concat": _joined("concat"),
    "Shortcut": _joined("add"),
    "CBLinear": _split,
    "nn.Upsample": _fields("upsample", "size", "scale_factor", "mode"),
    "nn.MaxPool2d": _fields("maxpool", "kernel_size", "stride", "padding", needs=1),
    "nn.AvgPool2d": _fields("avgpool", "kernel_size", "stride", "padding", needs=1),
    "nn.AdaptiveAvgPool2d": _fields("adaptive_avgpool", "output_size", needs=1),
    "nn.ZeroPad2d": _padding,
    "nn.ConvTranspose2d": _transposed,
    "nn.Conv2d": _fields("conv", "out_channels", "kernel_size", "stride", "padding", needs=3, skips=1),
    "nn.BatchNorm2d": _fields("batchnorm", skips=1),
    "nn.Identity": _fields("identity", skips=100),
    "nn.Dropout": _fields("dropout", "p"),
    "nn.Flatten": _fields("flatten", "start_dim"),
    "nn.PixelShuffle": _fields("pixel_shuffle", "upscale_factor", needs=1),
    "nn.PixelUnshuffle": _fields("pixel_unshuffle", "downscale_factor", needs=1),
    "Contract": _fields("pixel_unshuffle", "downscale_factor"),
    "Expand": _fields("pixel_shuffle", "upscale_factor"),
    **{f"nn.{each}": _fields(kind, skips=2) for each, kind in ACTIVATIONS.items() if each != "Identity"},
}
