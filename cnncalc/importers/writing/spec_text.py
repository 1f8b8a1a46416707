"""Writes the spec of a traced network in the canonical style, and checks it against the trace."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from cnncalc.conventions.convention import calls
from cnncalc.document import Document
from cnncalc.elaborate import elaborate
from cnncalc.errors import Source, Span, SpecError, UsageError
from cnncalc.graph import Graph
from cnncalc.importers.structure import Unfit, structured_spec
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.agreement import disagreement
from cnncalc.importers.writing.defaults import with_defaults
from cnncalc.importers.writing.flat import flat_spec
from cnncalc.importers.writing.manners import settle
from cnncalc.importers.writing.wiring import same_network
from cnncalc.writer import Data, document_at, document_of


def _warn(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=3)


def spec_text(traced: Traced, flat: bool = True, warn: Callable[[str], object] = _warn) -> str:
    """The text of `spec_document`; it raises the same errors."""
    return spec_document(traced, flat, warn).source.text


def spec_document(
    traced: Traced, flat: bool = True, warn: Callable[[str], object] = _warn, name: str | None = None
) -> Document:
    """The spec of a traced network: one flat list of layers, or with blocks, residuals, branches and repeats.

    A structured spec is compared with the flat list, layer by layer; if they differ, the flat list is returned and
    `warn` gets a sentence that says so. A structured spec writes a concatenation that extends an earlier one as that
    one and the rest, which changes no shape and no cost. `name` is the name of the text in messages, by default the
    network's.

    Raises:
        UsageError: a spec cannot express the network, or the framework and our rules disagree on a layer.
    """
    traced = _ensure_layer(traced)
    whole, traced = traced, settle(traced, flat=True)
    name = traced.name if name is None else name
    plain = flat_spec(traced)
    document, graph = _read(plain, traced.name, name, placed=flat)
    _refuse_disagreement(traced, graph)
    if flat:
        return document
    structured = _structured_best(whole, graph, name)
    if structured is None:
        warn(f"{traced.name}: its structure cannot be written: this is a flat list of its layers")
    return structured or document_of(plain, name)


def placed_document(traced: Traced, source: Source) -> Document:
    """The flat list of a traced network's layers as a document, each at its place in the text that was traced.

    Raises:
        UsageError: as for `spec_document`.
    """
    traced = settle(_ensure_layer(traced), flat=True)
    spans: dict[str, Span] = {}
    for place in traced.places():  # what is inside of another part comes first
        for node in place.nodes:
            spans.setdefault(node, place.span)
    start = Span(source, 1, 1)
    try:
        document = document_at(flat_spec(traced), source, [spans.get(node.name, start) for node in traced.nodes])
        graph = elaborate(document)
    except SpecError as error:
        msg = f"{traced.name} cannot be read: the traced network does not give a readable spec"
        raise UsageError(msg, faults=str(error)) from None
    _refuse_disagreement(traced, graph)
    return document


def _refuse_disagreement(traced: Traced, graph: Graph) -> None:
    difference = disagreement(traced, graph)
    if difference:
        msg = f"{traced.name} cannot be imported: {difference}"
        raise UsageError(msg)


def _ensure_layer(traced: Traced) -> Traced:
    """A network that returns its input, with an `identity`, as a spec needs at least one layer.

    Raises:
        UsageError: it has no output.
    """
    if any(not node.training for node in traced.nodes):
        return traced
    source = next(iter(traced.outputs.values()), None)
    if source is None:
        raise UsageError(f"{traced.name} cannot be imported: it has no output")
    identity = TracedNode("identity", "identity", {}, (source,), tuple(traced.inputs[source]))
    outputs = {output: identity.name if name == source else name for output, name in traced.outputs.items()}
    return replace(traced, nodes=(identity, *traced.nodes), outputs=outputs)


def _structured_best(traced: Traced, graph: Graph, name: str) -> Document | None:
    """The structured spec with the fewest words on how layers are written that calls as many modules as the network."""
    first = _structured(settle(traced, flat=False), graph, name)
    if first is None or _count_modules(first[1]) == _count_modules(graph):
        return first and first[0]
    second = _structured(settle(traced, flat=False, exactly=True), graph, name)
    return second[0] if second and _count_modules(second[1]) == _count_modules(graph) else first[0]


def _structured(traced: Traced, graph: Graph, name: str) -> tuple[Document, Graph] | None:
    """The structured spec, and its graph; None if it would not describe the same network."""
    try:
        document, structured = _read(with_defaults(structured_spec(traced)), traced.name, name)
        return (document, structured) if same_network(structured, graph) else None
    except (Unfit, UsageError, RecursionError):
        return None


def _count_modules(graph: Graph) -> Counter[tuple[str, bool]]:
    """How many layers of each kind are the last calls of their modules, and how many are not."""
    return Counter((call.node.kind, call.once) for call in calls(graph))


def _read(spec: Mapping[str, Data], network: str, name: str, placed: bool = True) -> tuple[Document, Graph]:
    """Parse and elaborate a spec written here.

    Raises:
        UsageError: the spec has faults, which are listed with their places in its text.
    """
    try:
        document = document_of(spec, name, placed)
        return document, elaborate(document)
    except SpecError as error:
        if name != (imported := f"{network} as imported"):
            return _read(spec, network, imported)
        msg = f"{network} cannot be imported: the traced network does not give a readable spec"
        raise UsageError(msg, faults=str(error)) from None
