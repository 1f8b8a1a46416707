"""The operators of a model's graph, in their order, with the modules that an exporter says they stand in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.importers.onnx.names import module_path
from cnncalc.importers.onnx.operators import Op, attribute

SCOPES = "pkg.torch.onnx.name_scopes"  # metadata of PyTorch's exporter: the modules around an operator, outermost first
CLASSES = "pkg.torch.onnx.class_hierarchy"


def operators(graph: Any, opset: int, outer: Iterable[str] = ()) -> Iterator[Op]:  # noqa: ANN401
    """The operators of a graph, or of a branch of one, which reads what the graph around it makes.

    Raises:
        UsageError: one reads what none before it makes.
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
        scopes = _listed(node, SCOPES)
        scope = scopes[-2] if len(scopes) > 1 else module_path(node.name) or ""
        yield Op(kind, node.name, tuple(node.input), tuple(node.output), attributes, scope)


def read_inside(op: Op) -> Iterator[str]:
    """What the branches of an operator read."""
    for value in op.attributes.values():
        if hasattr(value, "node"):
            yield from (name for node in value.node for name in node.input)
            yield from (output.name for output in value.output)


def modules(graph: Any) -> Mapping[str, str]:  # noqa: ANN401
    """Dotted path of a module → its class, where PyTorch's exporter says them."""
    found = {}
    for node in graph.node:
        for path, name in zip(_listed(node, SCOPES)[:-1], _listed(node, CLASSES), strict=False):
            if path:
                found[path] = name.rpartition(".")[2]
    return found


def _listed(node: Any, key: str) -> list[str]:  # noqa: ANN401
    """A list of texts in an operator's metadata, written as Python writes it."""
    for entry in node.metadata_props:
        if entry.key == key and len(entry.value) < 10_000:
            try:
                value = ast.literal_eval(entry.value)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return []
            return [str(each) for each in value] if isinstance(value, list) else []
    return []
