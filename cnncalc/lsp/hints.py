"""Inlay hints: what leaves each layer, at the end of its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lsprotocol.types import InlayHint, InlayHintKind

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.errors import Span
from cnncalc.explanations.field_words import brief_text
from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.lsp.foreign import Network
from cnncalc.lsp.items import Mark, mark
from cnncalc.lsp.state import State
from cnncalc.lsp.text import Text
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.sizes import shape_text
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size

LONGEST = 60  # characters of a hint
FIGURES = ("params", "macs", "field", "memory")  # that a client may ask for beside the shape


class Hint(NamedTuple):
    """A hint at the end of a line, or behind a character of it; lines and columns count from 0."""

    line: int
    label: str
    tooltip: str
    column: int | None = None


def hints_of(state: State, figures: Iterable[str] = ()) -> list[Hint]:
    """The hints of a document, one for each line on which layers or calls of blocks begin."""
    report = state.report
    if report is None:
        return []
    if isinstance(state.network, Network):
        return _hints_of_parts(state.network, report, tuple(figures))
    lines: dict[int, list[LayerReport]] = {}
    for layer in report.layers:
        if layer.node.span is not None and layer.node.span.source is state.source:
            lines.setdefault(layer.node.span.line, []).append(layer)
    for line, last in _calls(state, report):
        lines.setdefault(line, []).append(last)
    if state.is_model:  # the layers inside a module have its row
        lines = {line: layers[-1:] for line, layers in lines.items()}
    figures = tuple(figures)
    held = _held(report, figures)
    plain: dict[Shape, str] = {}  # shape → the label of a single layer, if no figures are asked for
    hints = []
    for line, layers in sorted(lines.items()):
        if figures or layers[1:]:
            hints.append(_hint(line - 1, [_shape(layer.node) for layer in layers], layers, figures, held))
            continue
        shape = layers[0].node.output
        label = plain.get(shape) or plain.setdefault(shape, _cut(f"→ {shape_text(shape)}"))
        hints.append(Hint(line - 1, label, ""))
    return hints


def _hints_of_parts(network: Network, report: Report, figures: tuple[str, ...]) -> list[Hint]:
    """The hints of a network in another format: what leaves each part of it, by its calls if it has several."""
    held = _held(report, figures)
    layers: dict[Mark, list[LayerReport]] = {}
    for layer in report.layers if figures else ():
        if layer.node.span is not None:
            layers.setdefault(mark(layer.node.span), []).append(layer)
    calls: dict[Span, list[str]] = {}
    for place in network.places:
        if place.shapes:
            calls.setdefault(place.span, []).append(", ".join(map(shape_text, place.shapes)))
    hints = []
    for span, shapes in calls.items():
        hint = _hint(span.line - 1, shapes, layers.get(mark(span), []), figures, held)
        within = span.source.line(span.line)[span.column - 1] == '"'  # of a JSON text, which may be one line
        hints.append(hint._replace(column=span.column - 1 + span.width) if within else hint)
    return sorted(hints, key=lambda hint: (hint.line, hint.column or 0))


def hints_above_fault(state: State, last_good: Iterable[Hint], text: Text) -> list[Hint]:
    """Of a document that cannot be built: the hints of its last good text above its first fault.

    They are those of the lines before the first one that differs from that text. Those in blocks, whose calls stand
    below, are left out unless nothing has changed above the fault.
    """
    fault = state.first_fault
    if fault is None:
        return []
    same = state.text.common_lines(text)
    body = range(0) if same >= fault or state.is_foreign else state.lines_of_blocks
    return [hint for hint in last_good if hint.line < min(fault, same) and hint.line not in body]


def as_inlay(state: State, hint: Hint) -> InlayHint:
    """A hint as the protocol has it."""
    return InlayHint(
        position=state.text.end_of(hint.line) if hint.column is None else state.text.at(hint.line, hint.column),
        label=hint.label,
        kind=InlayHintKind.Type,
        tooltip=hint.tooltip or None,
        padding_left=True,
    )


def _calls(state: State, report: Report) -> Iterator[tuple[int, LayerReport]]:
    """The line of every call of a block, and the last layer of that instance."""
    instances = report.graph.instances
    last: dict[str, LayerReport] = {}
    for layer in report.layers:
        name = layer.name
        while "." in name:
            name = name.rpartition(".")[0]
            if name in instances:
                last[name] = layer
    for name, layer in last.items():
        span = instances[name].span
        if span is not None and span.source is state.source:
            yield span.line, layer


def _held(report: Report, figures: tuple[str, ...]) -> Mapping[str, Size]:
    """The bytes of what leaves each layer, if they are asked for."""
    return {each.name: each.bytes for each in report.memory(batch=1).activations} if "memory" in figures else {}


def _hint(
    line: int, leaving: list[str], layers: list[LayerReport], figures: tuple[str, ...], held: Mapping[str, Size]
) -> Hint:
    """The hint of a line from which these shapes leave, and on which these layers begin."""
    shapes = list(dict.fromkeys(leaving))
    label = shapes[0] if len(shapes) == 1 else f"{shapes[0]} … {shapes[-1]}"
    extra = [text for figure in figures if (text := _figure(layers, figure, held))]
    tooltip = ""
    if len(leaving) > 1:
        several = f", {len(shapes)} shapes" if len(shapes) > 1 else ""
        names = f": {', '.join(_first_names(layers))}" if len(layers) == len(leaving) else ""
        tooltip = f"expanded {len(leaving):,} times{several}{names}"
    return Hint(line, _cut(f"→ {' · '.join([label, *extra])}"), tooltip)


def _shape(node: Node) -> str:
    return shape_text(node.output)


def _figure(layers: list[LayerReport], figure: str, held: Mapping[str, Size]) -> str:
    """One figure of the layers of a line, summed where it can be."""
    if figure == "params":
        total = sum((layer.params for layer in layers), start=0)
        return f"{amount_text(total)} params" if total != 0 else ""
    if figure == "macs":
        known = [layer.macs for layer in layers if layer.macs is not None]
        total = sum(known, start=0)
        return f"{amount_text(total)} MACs" if total != 0 else ""
    if figure == "field" and len(layers) == 1:
        return "; ".join(f"field {brief_text(field)}" for field in layers[0].receptive_field.values())
    if figure == "memory":
        total = sum((held[layer.name] for layer in layers if layer.name in held), start=0)
        return bytes_text(total) if total != 0 else ""
    return ""


def _first_names(layers: list[LayerReport], most: int = 4) -> list[str]:
    names = [layer.name for layer in layers[:most]]
    return names if len(layers) <= most else [*names, "…"]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
