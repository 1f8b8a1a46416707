"""Lists the operators of a model's graph in order, with the modules that the exporter recorded for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.names import module_path
from cnncalc.importers.onnx.operators import Op, attribute

SCOPES = "pkg.torch.onnx.name_scopes"  # metadata of PyTorch's exporter: the modules around an operator, outermost first
CLASSES = "pkg.torch.onnx.class_hierarchy"


def operators(graph: Any, opset: int, outer: Iterable[str] = ()) -> Iterator[Op]:  # noqa: ANN401
    """Yield the operators of a graph, or of a branch, which may read the tensors of the graph around it (`outer`).

    Raises:
        UsageError: an operator reads a tensor that no earlier operator produces.
    """
    known = {"", *outer, *(each.name for each in graph.input), *(each.name for each in graph.initializer)}
    known.update(each.values.name for each in graph.sparse_initializer)
    makers = {name for node in graph.node for name in node.output}
    for node in graph.node:
        missing = next((name for name in node.input if name not in known), None)
        if missing is not None:
            later = "a later one does: the graph is cyclic or not sorted" if missing in makers else "none does"
            raise UsageError(
                f"{node.op_type} '{node.name}' reads '{missing}', which no earlier operator produces ({later})"
            )
        known.update(node.output)
        domain = node.domain if node.domain not in ("", "ai.onnx") else ""
        kind = f"{domain}.{node.op_type}" if domain else node.op_type
        attributes = {"opset": opset, **{each.name: attribute(each) for each in node.attribute}}
        scopes = _parse_list(node, SCOPES)
        scope = scopes[-2] if len(scopes) > 1 else module_path(node.name) or ""
        yield Op(kind, node.name, tuple(node.input), tuple(node.output), attributes, scope)


def read_inside(op: Op) -> Iterator[str]:
    """Yield the names of the tensors that the branches of an operator read."""
    waiting = [value for value in op.attributes.values() if hasattr(value, "node")]
    while waiting:
        graph = waiting.pop()
        yield from (output.name for output in graph.output)
        for node in graph.node:
            yield from node.input
            waiting += [each.g for each in node.attribute if each.HasField("g")]


def read_for_conditions(ops: Sequence[Op], outputs: Iterable[str]) -> set[str]:
    """Return the tensors that only the conditions of `If` operators depend on."""
    needed, conditional = set(outputs), set[str]()
    for op in reversed(ops):
        if op.kind == "If":
            conditional.update(op.reads[:1])
            needed.update(read_inside(op))
        elif conditional.issuperset(op.makes) and needed.isdisjoint(op.makes):
            conditional.update(op.reads)
        else:
            needed.update((*op.reads, *read_inside(op)))
    return conditional - needed


def modules(graph: Any) -> Mapping[str, str]:  # noqa: ANN401
    """Map each module's dotted path to its class name, where PyTorch's exporter recorded them."""
    classes = {}
    for node in graph.node:
        for path, name in zip(_parse_list(node, SCOPES)[:-1], _parse_list(node, CLASSES), strict=False):
            if path:
                classes[path] = name.rpartition(".")[2]
    return classes


def _parse_list(node: Any, key: str) -> list[str]:  # noqa: ANN401
    """Parse a metadata entry that holds a Python list of strings; empty when absent or malformed."""
    for entry in node.metadata_props:
        if entry.key == key and len(entry.value) < 10_000:
            try:
                value = ast.literal_eval(entry.value)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return []
            return [str(each) for each in value] if isinstance(value, list) else []
    return []
