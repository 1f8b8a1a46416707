"""A traced network → the text of a spec, in the canonical style, held to what was traced."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

from cnncalc.document import read_document
from cnncalc.elaborate import elaborate
from cnncalc.errors import Source, SpecError, UsageError
from cnncalc.graph import Graph
from cnncalc.importers.structure import Unfit, structured_spec
from cnncalc.importers.traced import Traced, TracedNode
from cnncalc.importers.writing.agreement import disagreement
from cnncalc.importers.writing.flat import flat_spec
from cnncalc.importers.writing.wiring import same_network
from cnncalc.source.reading import parse
from cnncalc.writer import write


def _warn(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=3)


def spec_text(traced: Traced, flat: bool = True, warn: Callable[[str], object] = _warn) -> str:
    """The spec of a traced network: one plain list of layers, or with blocks, residuals, branches and repeats.

    A structured spec is held to the plain list, layer by layer; where it says anything else the plain list is returned,
    and `warn` is told in a sentence. In it a concatenation that adds to an earlier one is written as that one and the
    rest, which leaves every shape and cost as it was.

    Raises:
        UsageError: something that a spec cannot say, or a layer of which the framework says other than our rules do.
    """
    traced = _with_a_layer(traced)
    text = write(flat_spec(traced))
    graph = graph_of(text, traced.name)
    difference = disagreement(traced, graph)
    if difference:
        msg = f"{traced.name} cannot be imported: {difference}"
        raise UsageError(msg)
    structured = None if flat else _structured(traced, graph)
    if structured is None and not flat:
        warn(f"{traced.name}: its structure cannot be written: this is the plain list of its layers")
    return structured or text


def _with_a_layer(traced: Traced) -> Traced:
    """A network that hands its input on, as a spec has it, with an `identity`.

    Raises:
        UsageError: nothing leaves it.
    """
    if any(not node.training for node in traced.nodes):
        return traced
    source = next(iter(traced.outputs.values()), None)
    if source is None:
        raise UsageError(f"{traced.name} cannot be imported: nothing leaves it")
    identity = TracedNode("identity", "identity", {}, (source,), tuple(traced.inputs[source]))
    outputs = {output: identity.name if name == source else name for output, name in traced.outputs.items()}
    return replace(traced, nodes=(identity, *traced.nodes), outputs=outputs)


def _structured(traced: Traced, graph: Graph) -> str | None:
    """The spec with its structure; None where it would not say the same."""
    try:
        text = write(structured_spec(traced))
        return text if same_network(graph_of(text, traced.name), graph) else None
    except (Unfit, UsageError, RecursionError):
        return None


def graph_of(text: str, name: str) -> Graph:
    """The graph of a spec that was written here.

    Raises:
        UsageError: the spec has faults, which are named.
    """
    source = Source(f"{name} as imported", text)
    try:
        return elaborate(read_document(source, parse(source)))
    except SpecError as error:
        msg = f"{name} cannot be imported: what was traced makes no spec that can be read\n{error}"
        raise UsageError(msg) from None
