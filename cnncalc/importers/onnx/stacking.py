"""Joins the recurrent operators that PyTorch's exporter writes for one module: ONNX has no layers within a layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cnncalc.importers.traced import TracedNode

KINDS = frozenset({"lstm", "gru", "rnn"})
STATE_DIM = 2  # along which the states of all layers are joined: [channels, layers]


def stacked(
    nodes: Sequence[TracedNode], outputs: Mapping[str, str], paths: Mapping[str, str]
) -> tuple[list[TracedNode], dict[str, str]]:
    """The layers and the outputs of a network, with one layer for every stack of recurrent ones.

    A stack is read from its top alone, and the states of its layers as one concatenation of them all. `paths` has the
    modules of layers; only those of one module are joined.
    """
    kept = {node.name: node for node in nodes}
    readers = Counter(name for node in nodes for name in node.inputs)
    readers.update(outputs.values())
    renamed: dict[str, str] = {}
    for stack in _stacks(nodes, readers, paths):
        states = _joined_states(stack, kept.values(), readers)
        if states is None:
            continue
        bottom, *above = stack
        kept[bottom.name] = _joined(stack, states)
        for node in above:
            del kept[node.name]
        renamed[stack[-1].name] = bottom.name
        for name, concat in states.items():
            del kept[concat]
            renamed[concat] = f"{bottom.name}.{name}"
    again = [node._replace(inputs=tuple(renamed.get(name, name) for name in node.inputs)) for node in kept.values()]
    return again, {name: renamed.get(tensor, tensor) for name, tensor in outputs.items()}


def _stacks(nodes: Iterable[TracedNode], readers: Counter[str], paths: Mapping[str, str]) -> list[list[TracedNode]]:
    """The stacks of at least two layers, from the bottom up."""
    tops: dict[str, list[TracedNode]] = {}
    for node in nodes:
        if node.kind not in KINDS or node.shares is not None:
            continue
        below = tops.pop(node.inputs[0], []) if readers[node.inputs[0]] == 1 else []
        alike = below and _alike(below[-1], node, paths)
        if below and not alike:
            tops[below[-1].name] = below
        tops[node.name] = [*below, node] if alike else [node]
    return [stack for stack in tops.values() if len(stack) > 1]


def _alike(below: TracedNode, node: TracedNode, paths: Mapping[str, str]) -> bool:
    within = paths.get(node.name)
    return bool(within) and (within, node.kind, node.arguments) == (
        paths.get(below.name),
        below.kind,
        below.arguments,
    )


def _joined_states(
    stack: Sequence[TracedNode], nodes: Iterable[TracedNode], readers: Counter[str]
) -> dict[str, str] | None:
    """State → the concatenation of this state of all layers; None where a state is read in another way."""
    made: dict[str, str] = {}
    for name in dict.fromkeys(name for node in stack for name in node.further):
        tensors = tuple(f"{node.name}.{name}" for node in stack)
        if not any(readers[tensor] for tensor in tensors):
            continue
        joins = [node for node in nodes if node.kind == "concat" and node.inputs == tensors]
        if len(joins) != 1 or joins[0].arguments.get("dim") != STATE_DIM or any(readers[name] != 1 for name in tensors):
            return None
        made[name] = joins[0].name
    return made


def _joined(stack: Sequence[TracedNode], states: Iterable[str]) -> TracedNode:
    """The layer that stands for a stack, with these states of all its layers."""
    bottom, top = stack[0], stack[-1]
    further = {}
    for name in states:
        size, each = bottom.further[name]
        further[name] = (size, each * len(stack))
    weights = {
        name.replace("_l0", f"_l{i}"): shape for i, node in enumerate(stack) for name, shape in node.weights.items()
    }
    arguments = {**bottom.arguments, "num_layers": len(stack)}
    return bottom._replace(arguments=arguments, output=top.output, weights=weights, further=further)
