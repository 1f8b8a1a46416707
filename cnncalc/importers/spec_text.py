"""A traced network → the text of a spec, in the canonical style, held to what was traced."""

from __future__ import annotations

from cnncalc.document import read_document
from cnncalc.elaborate import elaborate
from cnncalc.errors import Source, SpecError, UsageError
from cnncalc.graph import Graph
from cnncalc.importers.agreement import disagreement
from cnncalc.importers.flat import flat_spec
from cnncalc.importers.traced import Traced
from cnncalc.source import parse
from cnncalc.writer import write


def spec_text(traced: Traced, flat: bool = True) -> str:
    """The spec of a traced network: one plain list of layers.

    Raises:
        UsageError: something that a spec cannot say, or a layer of which the framework says other than our rules do.
    """
    text = write(flat_spec(traced))
    difference = disagreement(traced, graph_of(text, traced.name))
    if difference:
        msg = f"{traced.name} cannot be imported: {difference}"
        raise UsageError(msg)
    return text


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
