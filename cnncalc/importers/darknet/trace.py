"""Turns a cfg into a flat list of our layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cnncalc.errors import Fault, Source, SpecError
from cnncalc.importers.darknet.joins import JOINS
from cnncalc.importers.darknet.recurrent import RECURRENT
from cnncalc.importers.darknet.sections import Section, read_sections
from cnncalc.importers.darknet.sliding import SLIDING
from cnncalc.importers.darknet.tracing import INPUT, Handler, Shape, Tracing
from cnncalc.importers.simplify import simplify
from cnncalc.importers.traced import UNKNOWN, Placed, Traced
from cnncalc.limits import LARGEST_CFG
from cnncalc.quantities.shapes import Given, by_name
from cnncalc.source.files import read_file
from cnncalc.suggest import ask, misspelt, suggest

MOST_NOTES = 20  # misspelt options that are named
HANDLERS: Mapping[str, Handler] = {**SLIDING, **JOINS, **RECURRENT}
# Options that change shapes or counts: a misspelt one is noted, since Darknet ignores it with a line in its log.
OPTIONS = (
    *("filters", "size", "stride", "stride_x", "stride_y", "pad", "padding", "dilation", "groups", "batch_normalize"),
    *("activation", "antialiasing", "share_index", "layers", "group_id", "from", "output", "hidden", "classes", "mask"),
    *("crop_width", "crop_height", "width", "height", "channels", "inputs"),
)
# Options of Darknet's that read like one of these, and change neither.
OTHER_OPTIONS = frozenset({"jitter", "cls_normalizer", "iou_normalizer", "obj_normalizer", "saturation", "scales"})


def read_cfg(path: Path | str, inputs: Given | None = None) -> Traced:
    """Read the network in a cfg file of Darknet.

    Args:
        path: path of the file.
        inputs: the input shape without the batch, in place of that in [net].

    Raises:
        UsageError: the file cannot be read.
        SpecError: it is not a cfg, or an option is invalid; the fault holds the place.
    """
    path = Path(path)
    text = read_file(path, LARGEST_CFG, "a cfg").decode("utf-8-sig", "replace")
    return trace(Source(str(path), text), inputs)


def trace(source: Source, wanted: Given | None = None) -> Traced:
    """Trace the network of a text; raises as `read_cfg` does."""
    net, *sections = read_sections(source)
    if not sections:
        raise SpecError([Fault(f"{source.name}: no layers behind [net]")])
    tracing = Tracing(_input_shape(net, wanted))
    places = [Placed(net.span, (), (tracing.shape(),))]
    for section in sections:
        handler = HANDLERS.get(section.kind)
        if handler is None:
            hint = suggest(section.kind, HANDLERS, "Darknet's sections are in its parser.c")
            raise SpecError([Fault(f"unknown section [{section.kind[:40]}]", section.span, hint)])
        _note_misspelt(section, tracing)
        begun = len(tracing.nodes)
        handler(section, tracing)
        places.append(Placed(section.span, tuple(node.name for node in tracing.nodes[begun:]), (tracing.shape(),)))
    if not tracing.nodes:
        raise SpecError([Fault("no layers that compute anything", net.span)])
    outputs = tracing.outputs if _ends(tracing) else {**tracing.outputs, "output": tracing.running}
    return simplify(
        Traced(
            Path(source.name).stem,
            {INPUT: tracing.shapes[INPUT]},
            tuple(tracing.nodes),
            outputs if len(outputs) > 1 else {"output": next(iter(outputs.values()))},
            {"description": "From a Darknet cfg."},
            warnings=(*tracing.notes, *_unknown(tracing)),
            places=lambda: places,
        )
    )


def _ends(tracing: Tracing) -> bool:
    """Whether the last tensor is an output already."""
    return tracing.running in tracing.outputs.values()


def _input_shape(net: Section, wanted: Given | None) -> Shape:
    """The input's shape, channels first.

    Raises:
        SpecError: [net] gives no size, and none is wanted.
    """
    if wanted is not None:
        (shape,) = by_name(wanted, [INPUT], net.span.source.name).values()
        return shape
    sizes = [net.whole(key, 0) for key in ("channels", "height", "width")]
    if all(sizes):
        return tuple(sizes)
    inputs = net.whole("inputs", 0)
    if inputs:
        return (inputs,)
    missing = next(key for key in ("width", "height", "channels") if not net.whole(key, 0))
    raise SpecError([Fault(f"[net] has no {missing}", net.span, f"write {missing}=…, or give --input 3x416x416")])


def _note_misspelt(section: Section, tracing: Tracing) -> None:
    for key, option in section.options.items():
        if len(tracing.notes) >= MOST_NOTES:
            return
        meant = None if key in OTHER_OPTIONS else misspelt(key, OPTIONS, section.options)
        if meant:
            tracing.notes[f"[{section.kind}] on line {option.key.line}: unknown option '{key[:40]}': {ask(meant)}"] = (
                None
            )


def _unknown(tracing: Tracing) -> Iterator[str]:
    if tracing.unknown:
        types = ", ".join(f"{kind} ({reason})" for kind, reason in sorted(tracing.unknown.items()))
        yield f'sections of these types are {UNKNOWN}, totals over them read "at least": {types}'
