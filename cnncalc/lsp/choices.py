"""The changes that make a stride fit, one of which a person chooses: each is tried before it is offered."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.analysis.report import Report
from cnncalc.budget import BudgetError, grant
from cnncalc.checks.finding import Edit, Finding
from cnncalc.checks.fixing import apply_edits
from cnncalc.checks.rules.input_off_fit import InputOffFit
from cnncalc.checks.rules.stride_drops_pixels import StrideDropsPixels
from cnncalc.errors import CnncalcError, Source, Span
from cnncalc.layers import LAYERS
from cnncalc.lsp.state import State
from cnncalc.quantities.sizes import shape_text
from cnncalc.records import NamedTuple
from cnncalc.solutions.fixes import Fix, input_fixes, layer_fixes
from cnncalc.source.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.spec import parse_source


class Choice(NamedTuple):
    """One change: what it is called, and the edits that make it."""

    title: str
    edits: tuple[Edit, ...]


def choices_of(state: State, finding: Finding) -> Iterator[Choice]:
    """The changes that mend a finding about fit; none where the text has no single place for them."""
    report = state.report
    if report is None or not isinstance(state.root, Mapping):
        return
    fixes: list[Fix] = []
    if finding.rule == InputOffFit.name:
        fixes = input_fixes(report.graph)
    elif finding.rule == StrideDropsPixels.name and len(finding.nodes) == 1 and finding.nodes[0] in report:
        fixes = layer_fixes(report.graph, finding.nodes[0])
    for fix in fixes:
        edits = _edits_of(report, state.root, fix)
        if edits and _gives(state, edits, fix):
            yield Choice(f"{fix.change} (output {shape_text(fix.output)})", edits)


def _edits_of(report: Report, root: Mapping, fix: Fix) -> tuple[Edit, ...]:
    if fix.layer is None:
        name, _, sizes = fix.change.partition(": ")
        given = root.get("input")
        if isinstance(given, Mapping):
            given = given.get(name)
        span = _whole(given) if given is not None else None
        return (Edit(span, sizes),) if span is not None else ()
    layer = report[fix.layer]
    value = _value_at(root, layer.node.span) if layer.node.span is not None else None
    return _set_fields(layer.kind, value, list(_split(fix.change))) if value is not None else ()


def _split(change: str) -> Iterator[tuple[str, str]]:
    """`kernel_size: 4, stride: 2` as fields and values."""
    first, also, rest = change.partition(", stride: ")
    name, _, value = first.partition(": ")
    yield name, value
    if also:
        yield "stride", rest


def _set_fields(kind: str, value: Node, changes: list[tuple[str, str]]) -> tuple[Edit, ...]:
    """The edits that set fields of a layer, whose value is the fields in braces or its natural argument."""
    if isinstance(value, Scalar):
        natural = LAYERS[kind].natural
        if value.quoted or not value.text or natural is None:
            return ()
        fields = {natural: value.text, **dict(changes)}
        return (Edit(value.span, "{" + ", ".join(f"{name}: {text}" for name, text in fields.items()) + "}"),)
    if not isinstance(value, Mapping):
        return ()
    edits, added = [], ""
    for name, text in changes:
        written = value.get(name)
        if written is None:
            added += f", {name}: {text}"
        elif (span := _whole(written)) is not None:
            edits.append(Edit(span, text))
        else:
            return ()
    if added:
        last = _whole([node for _, node in value.entries.values()][-1])
        if last is None or not value.flow:
            return ()
        edits.append(Edit(last._replace(column=last.column + last.width, width=0), added))
    return tuple(edits)


def _whole(node: Node) -> Span | None:
    """The place of a value, if it certainly is on one line."""
    line = node.span.source.line(node.span.line)
    text = line[node.span.column - 1 :][: node.span.width]
    if isinstance(node, Scalar):
        return node.span if text == node.text else None
    return node.span if isinstance(node, Sequence) and node.flow and text.endswith("]") else None


def _value_at(root: Mapping, place: Span) -> Node | None:
    """The value of the key that stands at a place."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            for key, value in node.entries.values():
                if key.span[1:3] == place[1:3]:
                    return value
                waiting.append(value)
    return None


def _gives(state: State, edits: tuple[Edit, ...], fix: Fix) -> bool:
    """Whether the text with the edits is a network in which the layer, or the network, has the promised output."""
    grant()
    try:
        spec = parse_source(Source(state.name, apply_edits(state.text.text, edits)), lambda fault: None)
        report = (spec.at(state.variant) if state.variant in spec.document.variants else spec).analyze()
    except (CnncalcError, BudgetError):
        return False
    outputs = [report[fix.layer].output] if fix.layer is not None else list(report.outputs.values())
    return fix.output in outputs
