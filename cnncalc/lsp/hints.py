"""Inlay hints: what leaves each layer, at the end of its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lsprotocol.types import InlayHint, InlayHintKind

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.explanations.field_words import brief_text
from cnncalc.graph import Node
from cnncalc.layers.layer import Shape
from cnncalc.lsp.state import State
from cnncalc.quantities.amounts import amount_text
from cnncalc.quantities.bytes import bytes_text
from cnncalc.quantities.sizes import shape_text
from cnncalc.records import NamedTuple
from cnncalc.symbolic import Size

LONGEST = 60  # characters of a hint
FIGURES = ("params", "macs", "field", "memory")  # that a client may ask for beside the shape


class Hint(NamedTuple):
    """A hint at the end of a line, and the line it belongs to, by which it is recognised when the text changes."""

    line: int
    label: str
    tooltip: str
    written: str


def hints_of(state: State, figures: Iterable[str] = ()) -> list[Hint]:
    """The hints of a document, one for each line on which layers or calls of blocks begin."""
    report = state.report
    if report is None:
        return []
    lines: dict[int, list[LayerReport]] = {}
    for layer in report.layers:
        if layer.node.span is not None and layer.node.span.source is state.source:
            lines.setdefault(layer.node.span.line, []).append(layer)
    for line, last in _calls(state, report):
        lines.setdefault(line, []).append(last)
    if state.is_model:  # the layers inside a module have its row
        lines = {line: layers[-1:] for line, layers in lines.items()}
    figures = tuple(figures)
    held = {each.name: each.bytes for each in report.memory(batch=1).activations} if "memory" in figures else {}
    plain: dict[Shape, str] = {}  # shape → the label of a single layer, if no figures are asked for
    hints = []
    for line, layers in sorted(lines.items()):
        if figures or layers[1:]:
            hints.append(_hint(state, line, layers, figures, held))
            continue
        shape = layers[0].node.output
        label = plain.get(shape) or plain.setdefault(shape, _cut(f"→ {shape_text(shape)}"))
        hints.append(Hint(line - 1, label, "", state.text.line(line - 1)))
    return hints


def hints_above_fault(state: State, last_good: Iterable[Hint]) -> list[Hint]:
    """Of a document that cannot be built: the last good hints of the unchanged lines above its first fault."""
    fault = state.first_fault
    if fault is None:
        return []
    return [hint for hint in last_good if hint.line < fault and state.text.line(hint.line) == hint.written]


def as_inlay(state: State, hint: Hint) -> InlayHint:
    """A hint as the protocol has it."""
    return InlayHint(
        position=state.text.end_of(hint.line),
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


def _hint(
    state: State, line: int, layers: list[LayerReport], figures: tuple[str, ...], held: Mapping[str, Size]
) -> Hint:
    shapes = list(dict.fromkeys(_shape(layer.node) for layer in layers))
    label = shapes[0] if len(shapes) == 1 else f"{shapes[0]} … {shapes[-1]}"
    extra = [text for figure in figures if (text := _figure(layers, figure, held))]
    tooltip = ""
    if len(layers) > 1:
        several = f", {len(shapes)} shapes" if len(shapes) > 1 else ""
        tooltip = f"expanded {len(layers):,} times{several}: {', '.join(_first_names(layers))}"
    number = line - 1
    return Hint(number, _cut(f"→ {' · '.join([label, *extra])}"), tooltip, state.text.line(number))


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
