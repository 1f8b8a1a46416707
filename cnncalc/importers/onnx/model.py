"""Reads an ONNX model from a file, or says why the file is not one. External data files are never opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from cnncalc.errors import UsageError
from cnncalc.limits import LARGEST_EXPANSION, LARGEST_ONNX, MOST_OPERATORS
from cnncalc.source.files import read_file

Model: TypeAlias = Any  # onnx.ModelProto: the package is an extra
OLDEST = 7


def read_model(path: Path) -> Model:
    """Read the model in a file; weights stored in external files are not loaded.

    Raises:
        UsageError: the file cannot be read, is not an ONNX model, or uses an opset older than 7.
    """
    import onnx
    from google.protobuf.message import DecodeError

    data = read_file(path, LARGEST_ONNX, "an ONNX file")
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
    _check_functions(path, model)
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

    try:
        return inliner.inline_local_functions(model)
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"{path}: its functions cannot be expanded: {_first_line(error)}") from None


def _check_functions(path: Path, model: Model) -> None:
    """Reject functions that call each other in a circle, or that stand for more than a model may hold.

    Counting does not expand them: 24 functions that each call the next one twice stand for 2^24 operators.
    """
    functions = {(each.domain, each.name): each for each in model.functions}
    calls = {key: Counter(_calls(each)) for key, each in functions.items()}
    operators: dict[tuple[str, str], int] = {}
    size: dict[tuple[str, str], int] = {}
    for key in _callees_first(path, calls):
        operators[key] = sum(count * operators.get(name, 1) for name, count in calls[key].items())
        size[key] = functions[key].ByteSize() + sum(n * size.get(name, 0) for name, n in calls[key].items())
    whole = Counter(_calls(model.graph))
    count = sum(number * operators.get(name, 1) for name, number in whole.items())
    if count > MOST_OPERATORS:
        raise UsageError(f"{path}: {count:,} operators, more than the limit of {MOST_OPERATORS:,}")
    if sum(number * size.get(name, 0) for name, number in whole.items()) > LARGEST_EXPANSION:
        raise UsageError(f"{path}: its functions expand to more than {LARGEST_EXPANSION >> 20} MiB")


def _calls(graph: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield domain and type of every operator of a graph or function, and of the branches in it."""
    waiting = [graph]
    while waiting:
        for node in waiting.pop().node:
            yield node.domain, node.op_type
            for attribute in node.attribute:
                waiting += [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]


def _callees_first(path: Path, calls: Mapping[tuple[str, str], Iterable[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Return the functions, each after those that it calls; an iterative depth-first search.

    Raises:
        UsageError: a function calls itself, directly or not.
    """
    done: dict[tuple[str, str], None] = {}
    for start in calls:
        if start in done:
            continue
        stack = {start: iter(calls[start])}
        while stack:
            last = next(reversed(stack))
            callee = next((each for each in stack[last] if each in calls and each not in done), None)
            if callee is None:
                done[last] = None
                del stack[last]
            elif callee in stack:
                raise UsageError(f"{path}: its functions call each other in a circle")
            else:
                stack[callee] = iter(calls[callee])
    return list(done)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
