"""Infers a graph again with other inputs, another layer, or numbers for its symbols, without reading a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cnncalc.elaborate.inference import IMPOSSIBLE, Inference, fault, is_possible
from cnncalc.errors import LayerError, UsageError
from cnncalc.graph import Condition, Graph, Node
from cnncalc.layers.further import FurtherOutput
from cnncalc.layers.layer import Layer, Shape
from cnncalc.records import replace
from cnncalc.symbolic import Expr, Relation, substitute_size


def replay(graph: Graph, inputs: Mapping[str, Shape] | None = None, layers: Mapping[str, Layer] | None = None) -> Graph:
    """The graph with other input shapes or layers, and every shape inferred again.

    Raises:
        SpecError: a layer rejects its new inputs.
    """
    inference = Inference()
    shapes: dict[str, Shape] = {**graph.inputs, **(inputs or {})}
    start = dict(shapes)
    further: dict[str, Mapping[str, Shape]] = {}
    nodes: list[Node] = []
    conditions: list[Condition] = []
    for node in graph.nodes:
        layer = (layers or {}).get(node.name, node.layer)
        if isinstance(layer, FurtherOutput):
            layer = FurtherOutput(name=layer.name, shape=further[node.inputs[0]][layer.name])
        entering = tuple(shapes[name] for name in node.inputs)
        try:
            inferred = inference.infer(layer, entering)
        except LayerError as error:
            raise fault(node.name, error, node.span) from None
        shapes[node.name], further[node.name] = inferred.output, inferred.further
        conditions.extend(Condition(relation, why, node.name) for relation, why in inferred.conditions)
        nodes.append(
            node._replace(
                layer=layer,
                shapes=inferred.shapes,
                output=inferred.output,
                weights=inferred.weights,
                buffers=inferred.buffers,
            )
        )
    return replace(graph, inputs=start, nodes=tuple(nodes), conditions=tuple(conditions))


def refusal(node: Node, values: Mapping[str, int]) -> str:
    """The error message of a layer whose condition fails for these values of the symbols."""
    put = _substitution(values)
    try:
        Inference().infer(put(node.layer), put(node.shapes))
    except LayerError as error:
        return fault(node.name, error, node.span).faults[0].message
    return f"{node.name} does not accept its inputs"


def at(graph: Graph, values: Mapping[str, int]) -> Graph:
    """The graph with symbols replaced by numbers; symbols not named remain. Nothing is inferred again.

    Raises:
        UsageError: a condition of the graph does not hold for these numbers.
    """
    known = {name for shape in graph.inputs.values() for size in shape for name in _symbols(size)}
    known |= {name for value in graph.params.values() for name in _symbols(value)}
    known |= {name for node in graph.nodes for size in node.output for name in _symbols(size)}
    for name in values:
        if name not in known:
            has = f"it has {', '.join(sorted(known))}" if known else "it has none: use --input 3xHxW"
            raise UsageError(f"no symbol '{name}' in this network ({has})")
    put = _substitution(values)
    nodes = tuple(map(put, graph.nodes))
    _require_possible(nodes, values)
    return replace(
        graph,
        inputs={name: put(shape) for name, shape in graph.inputs.items()},
        nodes=nodes,
        params={name: put(value) for name, value in graph.params.items()},
        conditions=_remaining_conditions(graph, values),
    )


def _require_possible(nodes: Iterable[Node], values: Mapping[str, int]) -> None:
    for node in nodes:
        for shape in (node.output, *node.weights.values()):
            if not all(map(is_possible, shape)):
                raise UsageError(f"{node.name} at {_given(values)}: {IMPOSSIBLE}")


def _given(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _remaining_conditions(graph: Graph, values: Mapping[str, int]) -> tuple[Condition, ...]:
    """The conditions that still depend on a symbol; raises UsageError if one fails."""
    remaining = []
    for condition in graph.conditions:
        holds = condition.relation.substitute(values)
        if holds is False:
            raise UsageError(
                f"{condition.node} is not valid at {_given(values)}: {condition.relation.render('unicode')} is false"
            )
        if isinstance(holds, Relation):
            remaining.append(condition._replace(relation=holds))
    return tuple(remaining)


def _substitution(values: Mapping[str, int]) -> Callable[[Any], Any]:
    """A function that substitutes numbers for symbols in shapes, layers and nodes, with a cache of layers."""
    seen: dict[int, tuple[Layer, Layer]] = {}

    def put(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Expr):
            return substitute_size(value, values)
        if isinstance(value, Node):
            return Node._make((*map(put, value[:-2]), value.written, value.span))
        if isinstance(value, tuple | list):
            return type(value)(map(put, value))
        if isinstance(value, dict):
            return {key: put(entry) for key, entry in value.items()}
        return put_layer(value) if isinstance(value, Layer) else value

    def put_layer(layer: Layer) -> Layer:
        pair = seen.get(id(layer))
        if pair is None:
            pair = seen[id(layer)] = (
                layer,
                type(layer)(**{name: put(getattr(layer, name)) for name in layer.arguments}),
            )
        return pair[1]

    return put


def _symbols(value: object) -> frozenset[str]:
    if isinstance(value, list):
        return frozenset().union(*map(_symbols, value))
    return getattr(value, "symbols", frozenset())
