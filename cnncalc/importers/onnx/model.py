"""Reads an ONNX model from a file, or says why the file is not one. External data files are never opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from cnncalc.errors import UsageError
from cnncalc.source.files import read_file

Model: TypeAlias = Any  # onnx.ModelProto: the package is an extra
OLDEST = 7
LARGEST = 2 << 30  # bytes: the size limit of a protobuf message
MOST_NODES = 100_000


def read_model(path: Path) -> Model:
    """Read the model in a file; weights stored in external files are not loaded.

    Raises:
        UsageError: the file cannot be read, is not an ONNX model, or uses an opset older than 7.
    """
    import onnx
    from google.protobuf.message import DecodeError

    data = read_file(path, LARGEST, "an ONNX file")
    try:
        model = onnx.load_model_from_string(data)
    except (DecodeError, ValueError) as error:
        raise UsageError(f"{path}: not a complete ONNX model: {_first_line(error)}") from None
    if any(isinstance(text, bytes) for text in _texts(model.graph)):
        raise UsageError(f"{path}: not an ONNX model: it contains a name that is not UTF-8")
    _check(path, model)
    return _inline_functions(path, model)


def opset_of(model: Model) -> int:
    """Return the opset version of the default domain; 0 when the model does not state one."""
    return next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)


def _check(path: Path, model: Model) -> None:
    if not model.graph.node and not model.graph.output:
        raise UsageError(f"{path}: not an ONNX model: it has no operators")
    if len(model.graph.node) > MOST_NODES:
        raise UsageError(f"{path}: {len(model.graph.node):,} operators, more than the limit of {MOST_NODES:,}")
    opset = opset_of(model)
    if opset and opset < OLDEST:
        raise UsageError(
            f"{path}: written in opset {opset}, older than {OLDEST}: convert it first (onnx.version_converter)"
        )


def _texts(graph: Any) -> Iterator[str | bytes]:  # noqa: ANN401
    """Yield all names of a graph and its branches; protobuf returns invalid UTF-8 as bytes."""
    waiting = [graph]
    while waiting:
        graph = waiting.pop()
        for node in graph.node:
            yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
            for attribute in node.attribute:
                yield attribute.name
                waiting += [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]
        yield from (each.name for each in graph.initializer)
        for each in (*graph.input, *graph.output, *graph.value_info):
            yield from (each.name, *(dim.dim_param for dim in each.type.tensor_type.shape.dim))


def _inline_functions(path: Path, model: Model) -> Model:
    """Return the model with calls to its local functions inlined."""
    if not model.functions:
        return model
    from onnx import inliner

    if _is_recursive(model.functions):
        raise UsageError(f"{path}: its functions call each other in a circle")
    try:
        return inliner.inline_local_functions(model)
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"{path}: its functions cannot be expanded: {_first_line(error)}") from None


def _is_recursive(functions: Any) -> bool:  # noqa: ANN401
    """Return whether a function calls itself, directly or not; an iterative depth-first search."""
    calls = {(f.domain, f.name): [(node.domain, node.op_type) for node in f.node] for f in functions}
    done: set[tuple[str, str]] = set()
    for start in calls:
        path, stack = [start], [iter(calls[start])]
        while stack:
            callee = next((each for each in stack[-1] if each in calls and each not in done), None)
            if callee is None:
                done.add(path.pop())
                stack.pop()
            elif callee in path:
                return True
            else:
                path.append(callee)
                stack.append(iter(calls[callee]))
    return False


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
