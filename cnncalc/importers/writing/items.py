"""Writes one traced layer as an item of a spec, in plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cnncalc.importers.traced import TracedNode
from cnncalc.importers.writing.arguments import Arguments
from cnncalc.importers.writing.manners import as_data
from cnncalc.importers.writing.words import has_weights
from cnncalc.layers import LAYERS
from cnncalc.layers.fields import Reference
from cnncalc.writer import Data


def item(
    node: TracedNode, arguments: Arguments, refer: Callable[[str], str], running: str | None, name: str | None
) -> Data:
    """The item of a layer into which the tensor `running` flows; `refer` gives the names of other tensors."""
    kind, inputs = node.kind, list(node.inputs)
    beside: dict[str, Data] = {"name": name} if name is not None else {}
    like = reference_field(kind, node.arguments)
    if like is not None and len(inputs) > 1:
        arguments = {**arguments, like: refer(inputs.pop())}
    call: Data = _call(kind, arguments)
    if LAYERS[kind].commutes and len(inputs) == 2 and inputs[1] == running:
        inputs.reverse()
    joins = LAYERS[kind].joins
    if joins and len(inputs) > 1 and inputs[0] == running and running not in inputs[1:]:
        call = _join(arguments, [refer(other) for other in inputs[1:]])
    elif inputs and (inputs != [running] or joins):
        sources: list[Data] = [refer(source) for source in inputs]
        beside = {"from": sources if len(sources) > 1 else sources[0], **beside}
    if node.shares is not None:
        beside["share"] = refer(node.shares)
    if node.frozen and has_weights(kind):
        beside["frozen"] = True
    if node.written is not None:
        beside["written"] = as_data(node.written)
    return {kind: call, **beside} if beside or call is not None else kind


def reference_field(kind: str, arguments: Mapping[str, object]) -> str | None:
    """The field that names another tensor (`like`), where it is given; else None."""
    accepted = LAYERS[kind].accepted()
    return next(
        (
            field
            for field, accepts in accepted.items()
            if isinstance(accepts, Reference) and field in arguments and arguments[field] is not None
        ),
        None,
    )


def _call(kind: str, arguments: Arguments) -> Data:
    if not arguments:
        return None
    natural = LAYERS[kind].natural
    return arguments[natural] if natural is not None and arguments.keys() == {natural} else dict(arguments)


def _join(arguments: Arguments, others: list[str]) -> Data:
    """`add: x`, `concat: [x, y]`, `concat: {with: x, dim: 2}`."""
    named: Data = others[0] if len(others) == 1 else list(others)
    return {"with": named, **arguments} if arguments else named
