"""Whether a spec says the network that was traced: layer by layer what it reads, what leaves, and its weights."""

from __future__ import annotations

from cnncalc.graph import Graph, Node
from cnncalc.importers.traced import Traced, TracedNode


def disagreement(traced: Traced, graph: Graph) -> str | None:
    """The first difference between a traced network and the graph of its flat spec, as a sentence; None without one."""
    nodes = sorted(traced.nodes, key=lambda node: node.training)
    if len(nodes) != len(graph.nodes):
        return f"{len(nodes)} layers were traced, but the spec has {len(graph.nodes)}"
    called = dict(zip(traced.inputs, graph.inputs, strict=True))
    for wanted, found in zip(nodes, graph.nodes, strict=True):
        difference = _different(wanted, found, called)
        if difference:
            return f"{wanted.name} ({wanted.kind}): {difference}"
        called[wanted.name] = found.name
    return None


def _different(wanted: TracedNode, found: Node, called: dict[str, str]) -> str | None:
    sources = [called.get(name, name) for name in wanted.inputs]
    if wanted.kind != found.kind:
        return f"the spec has {found.kind} in its place"
    if tuple(wanted.output) != found.output:
        return f"{_shown(wanted.output)} leaves it, and {_shown(found.output)} by our rules"
    if sources != list(found.inputs) and not (found.layer.commutes and sorted(sources) == sorted(found.inputs)):
        return f"it reads {', '.join(sources)}, and {', '.join(found.inputs)} in the spec"
    shapes = sorted(tuple(shape) for shape in wanted.weights.values())
    if wanted.weights and shapes != sorted(tuple(shape) for shape in found.weights.values()):
        return f"its weights are {', '.join(map(_shown, shapes))}, and {_weights(found)} by our rules"
    return None


def _shown(shape: tuple[object, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _weights(node: Node) -> str:
    return ", ".join(_shown(shape) for shape in node.weights.values()) or "none"
